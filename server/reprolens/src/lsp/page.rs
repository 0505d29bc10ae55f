//! Pages of Markdown that commands show: a failure's environment, and what a log holds.

use std::fmt::Write;

use log::Log;
use text::Variable;

use super::features::log_file::{summary, title};
use super::features::script::{place, shown};
use super::markdown;

/// The environment that the log shows for a failure, each variable with its origin.
pub(crate) fn environment(log: &Log, failure: usize) -> String {
    let failure = &log.failures[failure];
    let step = failure.step.and_then(|step| log.steps.get(step));
    let mut page = format!("# Environment of {}\n\n", markdown::text(&title(failure)));
    if let Some(step) = step {
        let _ = writeln!(
            page,
            "Step {}, line {} of the log\n",
            markdown::code(&step.name),
            step.line
        );
        if let Some(command) = &step.command {
            page.push_str(&markdown::block("bash", &command.source));
        }
    }
    let of_step = step.into_iter().flat_map(|step| &step.env);
    let mut variables: Vec<&Variable> = log.job.container_env.iter().chain(of_step).collect();
    variables.sort_by(|a, b| a.name.cmp(&b.name));
    if variables.is_empty() {
        page.push_str("The log shows no variable.\n");
        return page;
    }
    page.push_str("| variable | value | origin |\n|---|---|---|\n");
    for variable in variables {
        let (name, value) = (
            markdown::cell(&variable.name),
            markdown::cell(&shown(variable)),
        );
        let _ = writeln!(
            page,
            "| {name} | {value} | {} |",
            markdown::text(&place(&variable.origin))
        );
    }
    page
}

/// What a log holds, in short.
pub(crate) fn log(name: &str, log: &Log) -> String {
    let mut page = format!("# {}\n\n", markdown::text(name));
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
        let line = format!("{} - {}", title(failure), summary(failure));
        let _ = writeln!(page, "- line {}: {}", failure.line, markdown::code(&line));
    }
    page
}
