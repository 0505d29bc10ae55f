//! A test of the workspace, run here; the rest goes as from CI's log.

use anyhow::Context;
use serde_json::Value;
use tower_lsp::ls_types::MessageType;

use super::generate::all;
use super::{Ctx, arguments, document};
use crate::choose;
use crate::lsp::commands;
use crate::lsp::jobs::Done;
use crate::reproduce::{self, Ran, Request};

pub(super) fn start(ctx: Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    ctx.must_be_trusted()?;
    let path = arguments::file(&ctx.snapshot, arguments, "name a test file, by URI or path")?;
    let test = arguments
        .get(1)
        .and_then(Value::as_str)
        .context("name a test of the file, such as TestClass::test_name")?
        .to_owned();
    let snapshot = ctx.snapshot.clone();
    let title = format!("Running {test}");
    Ok(Some(ctx.start(
        commands::REPRODUCE,
        title,
        move |reporter| {
            let overlay = snapshot.workspace_of(&path);
            let file = overlay
                .relative(&path)
                .with_context(|| format!("{} is outside of the workspace", path.display()))?;
            let request = Request {
                workspace: &overlay,
                root: overlay.root(),
                config: &*snapshot.config(&overlay)?,
                file: &file,
                test: &test,
            };
            let ran = reporter.with_job(|job| {
                (job.progress)(&format!("{file}::{test}"));
                reproduce::reproduce(&request, job)
            })?;
            let (log, folder) = match ran {
                Ran::Failed { log, folder } => (log, folder),
                Ran::NotFailed { exit_code, output } => {
                    let (kind, told) = not_failed(exit_code);
                    let mut done = Done::new(kind, format!("{file}::{test}: {told}"));
                    done.show = document(&snapshot, &output, None);
                    return Ok(done);
                }
            };
            let chosen = choose::one_of_each(&[&log.log]);
            let folder = (chosen.len() == 1).then_some(folder);
            all(
                &snapshot,
                reporter,
                Some(&path),
                &[log],
                &chosen,
                folder.as_deref(),
            )
        },
    )))
}

fn not_failed(exit_code: Option<i32>) -> (MessageType, String) {
    match exit_code {
        Some(0) => (MessageType::INFO, "it does not fail here".to_owned()),
        Some(code) => (
            MessageType::WARNING,
            format!("pytest ended with status {code} and no failure of a test; see its output"),
        ),
        None => (
            MessageType::WARNING,
            "it was ended before it told anything".to_owned(),
        ),
    }
}
