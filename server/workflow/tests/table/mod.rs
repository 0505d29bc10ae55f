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

/// Writes out the short form of a log: `> ` is a line of the step's script, `| ` one of its environment, `F ` and `P ` a
/// session of pytest with a failing or a passing file; other lines stay as they are, and have no timestamp behind `\`.
pub(crate) fn log_text(short: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut in_step = false;
    let mut in_env = false;
    for line in short.lines() {
        if let Some(script) = line.strip_prefix("> ") {
            if !in_step {
                lines.push(format!("##[group]Run {script}"));
            }
            in_step = true;
            lines.push(format!("\u{1b}[36;1m{script}\u{1b}[0m"));
            continue;
        }
        if let Some(variable) = line.strip_prefix("| ") {
            if in_step && !in_env {
                lines.push("shell: /usr/bin/bash -e {0}".to_owned());
                lines.push("env:".to_owned());
            }
            in_env = true;
            lines.push(format!("  {variable}"));
            continue;
        }
        if in_step {
            if !in_env {
                lines.push("shell: /usr/bin/bash -e {0}".to_owned());
            }
            lines.push("##[endgroup]".to_owned());
        }
        (in_step, in_env) = (false, false);
        match line.split_once(' ') {
            Some(("F", path)) => session(path, true, &mut lines),
            Some(("P", path)) => session(path, false, &mut lines),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
        .iter()
        .map(|line| match line.strip_prefix('\\') {
            // A value's further lines have no timestamp.
            Some(rest) => format!("{rest}\n"),
            None => format!("2026-01-01T00:00:00.0000000Z {line}\n"),
        })
        .collect()
}

fn session(path: &str, fails: bool, lines: &mut Vec<String>) {
    let mut put = |line: &str| lines.push(line.to_owned());
    put("============================= test session starts ==============================");
    put("platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.6.0");
    put("rootdir: /home/runner/work/r/r");
    put("collected 1 item");
    put("");
    if !fails {
        put(&format!(
            "{path} .                                        [100%]"
        ));
        put("");
        put("============================== 1 passed in 0.01s ===============================");
        return;
    }
    put(&format!(
        "{path} F                                        [100%]"
    ));
    put("");
    put("=================================== FAILURES ===================================");
    put("____________________________________ test_a ____________________________________");
    put("");
    put("    def test_a():");
    put(">       assert 1 == 2");
    put("E       assert 1 == 2");
    put("");
    put(&format!("{path}:2: AssertionError"));
    put("=========================== short test summary info ============================");
    put(&format!("FAILED {path}::test_a - assert 1 == 2"));
    put("============================== 1 failed in 0.01s ===============================");
    put("##[error]Process completed with exit code 1.");
}

/// The best answer for a fixture whose log has the short form; Python's version, which is in each, left out.
#[track_caller]
pub(crate) fn check(fixture: &str, expected: expect_test::Expect) {
    let mut answer = best(fixture, &plain());
    answer
        .obstacles
        .retain(|obstacle| obstacle.kind.name() != "python");
    expected.assert_eq(&render(&answer));
}

#[track_caller]
pub(crate) fn best(fixture: &str, config: &Config) -> JobConfiguration {
    let fixture = Fixture::parse(fixture);
    let log = log::parse(log_text(&fixture.file("log").text).as_bytes());
    join(&log, None, &fixture, config).swap_remove(0)
}
