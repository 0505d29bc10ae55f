//! An answer as text: what the fixtures of these tests are compared with.
#![allow(dead_code, reason = "each test file uses its part of it")]

use std::fmt::Write as _;

use reprolens_workflow::{Config, JobConfiguration, join};
use text::Value;
use text::fixture::Fixture;

/// A configuration without anything set.
pub(crate) fn plain() -> Config {
    Config {
        ignore: Vec::new(),
        runner_labels: Vec::new(),
    }
}

/// The fixture's files are the workspace, its `log` is the log.
#[track_caller]
pub(crate) fn answers(fixture: &Fixture, config: &Config) -> Vec<JobConfiguration> {
    let log = log::parse(fixture.file("log").text.as_bytes());
    join(&log, None, fixture, config)
}

/// `name=value  # kind path:line`, one a line; `~` before a masked value, `?` before one that is not known.
pub(crate) fn variables(answer: &JobConfiguration) -> String {
    let mut rendered = String::new();
    for variable in &answer.variables {
        let mark = match variable.value {
            Value::Known(_) => "",
            Value::Masked(_) => "~",
            Value::Unresolved(_) => "?",
        };
        let origin = &variable.origin;
        let _ = write!(
            rendered,
            "{}={mark}{}  # {} {}:{}",
            variable.name,
            variable.value.text(),
            origin.kind.name(),
            if origin.path.is_empty() {
                "log"
            } else {
                &origin.path
            },
            origin.line
        );
        for (value, origin) in &variable.overridden {
            let _ = write!(
                rendered,
                ", over {} of {}",
                value.text(),
                origin.kind.name()
            );
        }
        rendered.push('\n');
    }
    rendered
}

/// The whole answer.
pub(crate) fn render(answer: &JobConfiguration) -> String {
    let mut rendered = format!(
        "job {} of {}\n",
        answer.job.as_deref().unwrap_or("?"),
        answer.path.as_deref().unwrap_or("?")
    );
    rendered += &variables(answer);
    for (label, _) in &answer.runner_labels {
        let _ = writeln!(rendered, "label {label}");
    }
    if let Some((command, origin)) = &answer.command {
        let words: Vec<String> = command
            .argv
            .iter()
            .map(|word| {
                if word.contains(' ') {
                    format!("\"{word}\"")
                } else {
                    word.clone()
                }
            })
            .collect();
        let _ = writeln!(
            rendered,
            "$ {}  # in {}, {}:{}",
            words.join(" "),
            command.cwd.as_deref().unwrap_or("?"),
            if origin.path.is_empty() {
                "log"
            } else {
                &origin.path
            },
            origin.line
        );
    }
    for (path, _) in &answer.activates {
        let _ = writeln!(rendered, "activates {path}");
    }
    for obstacle in &answer.obstacles {
        let _ = writeln!(rendered, "! {}: {}", obstacle.kind.name(), obstacle.what);
    }
    for problem in &answer.problems {
        let _ = writeln!(rendered, "problem {}: {}", problem.path, problem.message);
    }
    rendered
}
