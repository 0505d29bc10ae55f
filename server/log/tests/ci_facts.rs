//! What the CI side tells of the labelled logs in `tests/logs`: service, job, workflow, environment, command, exit code.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

extern crate reprolens_log as log;

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

/// Labels that say something else than the log does, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    // The labels keep the quotes that the echoed line has around the value; the variable does not.
    ("plain-joblib-travis-doctest", "env PYTHON_VERSION"),
    ("plain-joblib-travis-doctest", "env NUMPY_VERSION"),
    ("plain-joblib-travis-doctest", "env COVERAGE"),
    // The failing step's own block is cut off; the labels take the next step's.
    ("github-pytorch-macos-sigbus", "env GIT_DEFAULT_BRANCH"),
    ("github-pytorch-macos-sigbus", "env BUILD_ENVIRONMENT"),
    ("github-pytorch-macos-sigbus", "env TEST_CONFIG"),
    ("github-pytorch-macos-sigbus", "env SHARD_NUMBER"),
    ("github-pytorch-macos-sigbus", "env NUM_TEST_SHARDS"),
    // `Set X=v` in a message: no word says that X is a variable of the environment.
    (
        "plain-ttmetal-vllm-dispatch-timeout",
        "env TT_METAL_OPERATION_TIMEOUT_SECONDS",
    ),
    (
        "plain-ttmetal-vllm-trace-fatal",
        "env TT_METAL_OPERATION_TIMEOUT_SECONDS",
    ),
    // Exit codes of a wrapper inside the step, and commands that a failure's text advises: neither is the step's.
    ("github-pytorch-file-syntaxerror", "exit_code"),
    ("github-pytorch-keyboardinterrupt-timeout", "exit_code"),
    ("github-pytorch-module-attributeerror", "exit_code"),
    ("github-pytorch-wrapper-timeout-124", "exit_code"),
    ("github-pytorch-dynamo-failed-consistently", "command"),
    ("github-pytorch-spawn-timeout-failed-duration", "command"),
    ("github-pytorch-triton-reruns-2024", "command"),
    // A slice without any mark of the service.
    ("buildkite-vllm-subprocess-summary", "ci"),
];

#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn differences() -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    names.sort();
    assert!(names.len() >= 50, "the labelled logs are missing");
    let mut differences = Vec::new();
    for path in names {
        let label: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let log = log::parse(&std::fs::read(path.with_extension("log")).unwrap());
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut tell = |what: String, got: String| differences.push((name.clone(), what, got));
        if label["ci"] != log.ci.name() {
            tell("ci".to_owned(), log.ci.name().to_owned());
        }
        if let Some(job) = label["job"].as_str() {
            let got = log.job.name.as_ref().map(|fact| fact.text.as_str());
            if got != Some(job) {
                tell("job".to_owned(), format!("{got:?}"));
            }
        }
        if let Some(workflow) = label["workflow"].as_str() {
            let got = log.job.workflow.as_ref().map_or("", |fact| &fact.text);
            if got.is_empty() || !workflow.starts_with(got) {
                tell("workflow".to_owned(), got.to_owned());
            }
        }
        let step = log
            .failures
            .iter()
            .find_map(|failure| failure.step)
            .or_else(|| log.sessions.iter().find_map(|session| session.step))
            .or_else(|| log.steps.iter().rposition(|step| step.command.is_some()))
            .or_else(|| log.steps.iter().position(|step| !step.env.is_empty()));
        let step = step.and_then(|step| log.steps.get(step));
        for (key, want) in label["env"].as_object().into_iter().flatten() {
            let found = step.and_then(|step| step.env.iter().find(|it| &it.name == key));
            let got = found.map(|it| it.value.text().trim_end());
            if got != want.as_str().map(str::trim_end) {
                tell(format!("env {key}"), format!("{got:?}, not {want}"));
            }
        }
        if let Some(code) = label["exit_code"].as_i64() {
            let got = step.and_then(|step| step.exit_code);
            if got.map(i64::from) != Some(code) {
                tell("exit_code".to_owned(), format!("{got:?}, not {code}"));
            }
        }
        if let Some(command) = label["command"].as_str() {
            let session = log
                .sessions
                .iter()
                .find_map(|session| session.command.as_ref());
            let got = step.and_then(|step| step.command.as_ref());
            let has = [got, session]
                .into_iter()
                .flatten()
                .any(|got| got.source.contains(command) || got.argv.join(" ") == command);
            if !has {
                tell(
                    "command".to_owned(),
                    format!("{:?}, not {command}", got.map(|got| &got.source)),
                );
            }
        }
    }
    differences
}

#[test]
fn labels() {
    let mut report = String::new();
    let differences = differences();
    for (log, what, got) in &differences {
        if !EXCEPTIONS.contains(&(log.as_str(), what.as_str())) {
            writeln!(report, "{log}: {what}: {got}").unwrap();
        }
    }
    for (log, what) in EXCEPTIONS {
        if !differences.iter().any(|it| it.0 == *log && it.1 == *what) {
            writeln!(report, "{log}: {what}: no exception any more").unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}
