//! From a log, or one failure of it, to repro folders.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;
use tower_lsp::ls_types::MessageType;

use super::{Ctx, arguments, document, name};
use crate::choose::{self, Choice};
use crate::files::DiskWorkspace;
use crate::generate::{self, LogInput, Repro, Request};
use crate::lsp::commands;
use crate::lsp::convert::line_start;
use crate::lsp::features::python_lens::first_test_line;
use crate::lsp::jobs::{Done, Reporter};
use crate::lsp::snapshot::Snapshot;
use crate::reading::Reading;

pub(super) fn start(ctx: Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let named = arguments::log(&ctx.snapshot, arguments)?;
    let title = match arguments.get(1) {
        Some(Value::String(id)) => {
            // The path would push the progress behind it off the line.
            let name = id.rsplit("::").next().unwrap_or(id);
            format!("Generating a repro of {name}")
        }
        Some(Value::Number(number)) => format!("Generating a repro of failure {number}"),
        _ => "Generating repros".to_owned(),
    };
    let snapshot = ctx.snapshot.clone();
    let arguments = arguments.to_vec();
    Ok(Some(ctx.start(
        commands::GENERATE,
        title,
        move |reporter| {
            let logs = reporter.with_job(|job| {
                (job.progress)("reading the log");
                named.read(&snapshot, job.cancelled)
            })?;
            let logs = logs.context("cancelled")?;
            let chosen = match arguments.get(1) {
                None | Some(Value::Null) => choose::one_of_each(&logs.all()),
                Some(_) => vec![logs.choice(&arguments)?],
            };
            anyhow::ensure!(
                !chosen.is_empty(),
                "no pytest failure is in {}",
                named.name()
            );
            all(&snapshot, reporter, named.path(), &logs.0, &chosen, None)
        },
    )))
}

/// Generates a repro of each failure; one that cannot be made does not keep the others from being made.
pub(super) fn all(
    snapshot: &Snapshot,
    reporter: &Reporter,
    place: Option<&Path>,
    logs: &[LogInput],
    chosen: &[Choice],
    folder: Option<&str>,
) -> anyhow::Result<Done> {
    let mut made: Vec<Repro> = Vec::new();
    let mut failed = Vec::new();
    for (index, choice) in chosen.iter().enumerate() {
        let input = &logs[choice.log];
        anyhow::ensure!(
            place.is_some() || !snapshot.roots.is_empty(),
            "open the folder of the project first: there the repro is written"
        );
        let workspace = snapshot.workspace_of_log(place, &input.log);
        let disk = DiskWorkspace::new(workspace.root());
        let request = Request {
            workspace: &disk,
            reading: &Reading::new(&disk),
            config: &*snapshot.config(&workspace)?,
            log: input,
            failure: choice.failure,
            into: None,
            name: folder.map(str::to_owned),
            run: snapshot.abilities.trusted,
            force: false,
        };
        let result = reporter.with_job(|job| {
            let progress = |message: &str| match chosen {
                [_] => (job.progress)(message),
                several => {
                    (job.progress)(&format!("{} of {}: {message}", index + 1, several.len()));
                }
            };
            let job = generate::Job {
                progress: &progress,
                cancelled: job.cancelled,
            };
            generate::generate(&request, job)
        });
        match result {
            Ok(repro) => made.push(repro),
            Err(generate::GenerateError::Cancelled) => bail!("cancelled"),
            Err(error) => failed.push(anyhow::Error::from(error)),
        }
    }
    let Some(first) = made.first() else {
        let error = failed.into_iter().next();
        return Err(error.context("nothing was to be generated")?);
    };
    let shown = first.test.as_ref().unwrap_or(&first.readme);
    let verdict = match made.as_slice() {
        [one] => one.comparison.as_ref().map(|it| it.verdict.name()),
        _ => None,
    };
    let worked = |repro: &Repro| repro.verified != Some(false) && repro.test.is_some();
    let is_good = failed.is_empty() && made.iter().all(worked);
    let kind = if is_good {
        MessageType::INFO
    } else {
        MessageType::WARNING
    };
    let mut done = Done::new(kind, told(&made, &failed));
    let line = crate::files::folders::text(shown).and_then(|text| first_test_line(&text));
    // At the test its lenses are on the screen.
    done.show = document(snapshot, shown, line.map(line_start));
    done.folder = Some(PathBuf::from(&first.dir));
    done.verdict = verdict;
    Ok(done)
}

fn told(made: &[Repro], failed: &[anyhow::Error]) -> String {
    let mut text = match made {
        [repro] => {
            let how = match repro.verified {
                Some(true) => format!("fails like CI, {}", repro.expected.in_common()),
                Some(false) => "does not fail like CI".to_owned(),
                None => match repro.notes.first() {
                    Some(note) => format!("not verified: {note}"),
                    None => "not verified".to_owned(),
                },
            };
            let kept = match repro.kept.len() {
                0 => String::new(),
                1 => "; one file that was edited by hand stays as it was".to_owned(),
                several => format!("; {several} files that were edited by hand stay as they were"),
            };
            format!("{}: {how}{kept}", name(&repro.dir))
        }
        several => {
            let same = several
                .iter()
                .filter(|repro| repro.verified == Some(true))
                .count();
            format!("{} repros written, {same} fail like CI did", several.len())
        }
    };
    if let Some(error) = failed.first() {
        text.push_str(&format!("; {} could not be made: {error:#}", failed.len()));
    }
    text
}
