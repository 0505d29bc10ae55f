//! Pages of Markdown that commands show: a failure's environment, and what a log holds.

use std::fmt::Write;

use log::Log;
use repro::Evidence;
use text::Variable;
use tower_lsp::ls_types::Uri;

use super::features::environment::variables as variables_of;
use super::features::log_file::{summary, title};
use super::features::script::{place, shown};
use super::markdown;

/// The environment of a failure's job as log and CI configuration tell it together, each variable with its origin, and what of
/// it cannot be had here.
pub(crate) fn environment(log: &Log, failure: usize, known: Option<&Evidence>) -> String {
    let failure = &log.failures[failure];
    let step = failure.step.and_then(|step| log.steps.get(step));
    let job = known.and_then(|known| known.configurations.first());
    let mut page = format!("# Environment\n\n{}\n\n", markdown::code(&title(failure)));
    if let Some(step) = step {
        let _ = writeln!(
            page,
            "Step {}, line {} of the log\n",
            markdown::code(&step.name),
            step.line
        );
    }
    if let Some(job) = job
        && let (Some(path), Some(key)) = (&job.path, &job.job)
    {
        let place = job
            .line
            .map_or_else(|| path.clone(), |line| format!("{path}:{line}"));
        let _ = writeln!(
            page,
            "Job {}, {}\n",
            markdown::code(key),
            markdown::code(&place)
        );
    }
    let command = job
        .and_then(|job| job.command.as_ref().map(|(command, _)| command))
        .or(step.and_then(|step| step.command.as_ref()));
    if let Some(command) = command {
        page.push_str(&markdown::block("bash", &command.source));
    }
    let mut variables: Vec<&Variable> = known.into_iter().flat_map(variables_of).collect();
    variables.sort_by(|a, b| a.name.cmp(&b.name));
    if variables.is_empty() {
        page.push_str("No variable is known.\n");
    } else {
        page.push_str("| variable | value | origin |\n|---|---|---|\n");
    }
    for variable in variables {
        let (name, value) = (
            markdown::cell(&variable.name),
            markdown::cell(&shown(variable)),
        );
        let _ = writeln!(
            page,
            "| {name} | {value} | {} |",
            markdown::cell(&place(&variable.origin))
        );
    }
    let obstacles = job.map_or(&[][..], |job| &job.obstacles);
    if !obstacles.is_empty() {
        page.push_str("\n## What cannot be had here\n\n");
    }
    for obstacle in obstacles {
        let _ = writeln!(
            page,
            "- {}: {}",
            markdown::code(&obstacle.what),
            markdown::text(&obstacle.stand_in)
        );
    }
    page
}

/// What a log holds, in short. `uri` is where its lines can be looked at.
pub(crate) fn log(name: &str, uri: Option<&Uri>, log: &Log) -> String {
    let short = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let mut page = format!("# {}\n\n", markdown::text(short));
    let facts = [
        ("Job", &log.job.name),
        ("Workflow", &log.job.workflow),
        ("Commit", &log.job.commit),
        ("Image", &log.job.image),
        ("Started", &log.job.started),
    ];
    let _ = writeln!(page, "- CI: {}", log.ci.name());
    for (label, fact) in facts {
        if let Some(fact) = fact {
            let _ = writeln!(page, "- {label}: {}", markdown::code(&fact.text));
        }
    }
    let _ = writeln!(page, "\n## Failures\n");
    if log.failures.is_empty() {
        page.push_str("No pytest failure was found.\n");
    }
    for failure in &log.failures {
        let line = uri.map_or_else(
            || format!("line {}", failure.line),
            |uri| format!("[line {0}]({1}#L{0})", failure.line, uri.as_str()),
        );
        let (title, summary) = (title(failure), summary(failure));
        let _ = writeln!(page, "- {line}: {}  ", markdown::code(&title));
        let _ = writeln!(page, "  {}", markdown::code(&summary));
    }
    page
}
