//! A repro that is there: run, compared with CI's failure, shrunk.

use serde_json::Value;
use tower_lsp::ls_types::MessageType;

use super::{Ctx, arguments, document, name};
use crate::lsp::commands;
use crate::lsp::jobs::Done;
use crate::{minimize, verify};

/// Runs that shrinking a repro may take.
const MOST_RUNS: u32 = 60;

/// Whether the repro fails like CI did; `Run` shows its output too.
pub(super) fn verify(
    ctx: Ctx,
    arguments: &[Value],
    show_output: bool,
) -> anyhow::Result<Option<Value>> {
    ctx.must_be_trusted()?;
    let dir = arguments::repro(&ctx.snapshot, arguments)?;
    let snapshot = ctx.snapshot.clone();
    let (command, verb) = if show_output {
        (commands::RUN, "Running")
    } else {
        (commands::VERIFY, "Verifying")
    };
    let title = format!("{verb} {}", name(&dir));
    Ok(Some(ctx.start(command, title, move |reporter| {
        let overlay = snapshot.workspace_of(&dir);
        let config = snapshot.config(&overlay)?;
        let request = verify::Request {
            config: &config,
            folder: &dir,
            runs: 1,
        };
        let verified = reporter.with_job(|job| verify::verify(&request, job))?;
        let reasons: Vec<&str> = verified
            .reasons
            .iter()
            .map(|reason| reason.text.as_str())
            .collect();
        let (kind, told) = match verified.verdict {
            repro::Verdict::Same => (MessageType::INFO, "same as CI".to_owned()),
            other if reasons.is_empty() => (MessageType::WARNING, other.name().to_owned()),
            other => (
                MessageType::WARNING,
                format!("{}: {}", other.name(), reasons.join("; ")),
            ),
        };
        let mut done = Done::new(kind, format!("{}: {told}", name(&dir)));
        done.show = if show_output {
            document(&snapshot, &verified.log, None)
        } else {
            None
        };
        done.verdict = Some(verified.verdict.name());
        done.seconds = verified.runs.last().map(|run| run.seconds);
        done.folder = Some(dir);
        Ok(done)
    })))
}

pub(super) fn minimize(ctx: Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    ctx.must_be_trusted()?;
    let dir = arguments::repro(&ctx.snapshot, arguments)?;
    let snapshot = ctx.snapshot.clone();
    let title = format!("Minimizing {}", name(&dir));
    Ok(Some(ctx.start(
        commands::MINIMIZE,
        title,
        move |reporter| {
            let overlay = snapshot.workspace_of(&dir);
            let config = snapshot.config(&overlay)?;
            let request = minimize::Request {
                config: &config,
                folder: &dir,
                runs: MOST_RUNS,
            };
            let minimized = reporter.with_job(|job| minimize::minimize(&request, job))?;
            let told = format!(
                "{}: {} lines, {} before; {} variables removed; {} runs",
                name(&dir),
                minimized.lines_after,
                minimized.lines_before,
                minimized.removed_variables.len(),
                minimized.runs
            );
            let mut done = Done::new(MessageType::INFO, told);
            done.folder = Some(dir);
            Ok(done)
        },
    )))
}
