//! `tests/logs`: every labelled failure is found, and nothing else.

use std::path::PathBuf;

use serde_json::Value;

use super::super::ids;
use super::read;
use crate::{Failure, Kind};

/// What a label has that the log does not bear out: (log, what the comparison says, why the label is wrong).
const WRONG_LABELS: &[(&str, &str, &str)] = &[
    (
        "github-spyder-segfault-5-runs",
        "spyder/app/tests/test_mainwindow.py::test_varexp_rename: location /usr/share/miniconda3/envs/test/lib/python3.7/site-packages/pytestqt/plugin.py:Some(156): Some((\"/usr/share/miniconda3/envs/test/lib/python3.7/site-packages/pytestqt/plugin.py\", 182))",
        "the second run's stack begins at plugin.py:182; the label mixes it with the line of another run",
    ),
    (
        "github-spyder-segfault-5-runs",
        "spyder/app/tests/test_mainwindow.py::test_varexp_rename: test line /home/runner/work/spyder/spyder/spyder/app/tests/test_mainwindow.py:Some(182)",
        "the second run's stack has no frame of the test file; 182 is plugin.py's line",
    ),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs")
}

#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn logs() -> Vec<(String, Vec<u8>, Value)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "log") {
            let log = std::fs::read(&path).unwrap();
            let label = std::fs::read_to_string(path.with_extension("json")).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            found.push((name, log, serde_json::from_str(&label).unwrap()));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn kind_fits(label: &str, kind: Kind) -> bool {
    match label {
        "assertion" => matches!(kind, Kind::Assertion | Kind::ShapeMismatch),
        "exception" => matches!(
            kind,
            Kind::Exception
                | Kind::TypeError
                | Kind::IndexError
                | Kind::ShapeMismatch
                | Kind::Traceback
        ),
        "crash" => kind == Kind::Crash,
        "timeout" => kind == Kind::Timeout,
        "setup-error" | "error" => kind == Kind::FixtureError,
        "collection-error" => kind == Kind::CollectionError,
        "internal-error" => kind == Kind::InternalError,
        _ => false,
    }
}

fn first_line(text: &str) -> &str {
    text.lines()
        .map(str::trim)
        .find(|it| !it.is_empty())
        .unwrap_or_default()
}

/// What of a label a failure does not have.
fn differences(label: &Value, failure: &Failure) -> Vec<String> {
    let mut wrong = Vec::new();
    let text = |name: &str| label[name].as_str();
    if let Some(kind) = text("kind")
        && !kind_fits(kind, failure.kind)
    {
        wrong.push(format!("kind {kind}: {}", failure.kind.name()));
    }
    let exception = failure.exception.clone().unwrap_or_default();
    if let Some(name) = text("exception") {
        let short = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        if short(name) != short(&exception.type_name) {
            wrong.push(format!("exception {name}: {}", exception.type_name));
        }
    }
    if let Some(message) = text("message")
        && first_line(&exception.message) != message.trim()
    {
        wrong.push(format!(
            "message {message}: {}",
            first_line(&exception.message)
        ));
    }
    let at = |path: &str, line: Option<u64>, found: &crate::Frame| {
        ids::same_file(&found.path, path) && line.is_none_or(|line| line == u64::from(found.line))
    };
    if let Some(file) = text("file").filter(|_| !label["line"].is_null()) {
        let line = label["line"].as_u64();
        if !failure
            .location
            .as_ref()
            .is_some_and(|it| at(file, line, it))
        {
            wrong.push(format!(
                "location {file}:{line:?}: {:?}",
                failure.location.as_ref().map(|it| (&it.path, it.line))
            ));
        }
    }
    if let Some(file) = text("test_file") {
        let line = label["test_line"].as_u64();
        if !failure.frames.iter().any(|it| at(file, line, it)) {
            wrong.push(format!("test line {file}:{line:?}"));
        }
    }
    wrong
}

fn name_fits(label: &Value, failure: &Failure) -> bool {
    match (label["nodeid"].as_str(), label["test"].as_str()) {
        (Some(id), _) => failure.id == id,
        (None, Some(name)) => {
            failure.id == name || failure.id.ends_with(name) || ids::header_fits(name, &failure.id)
        }
        (None, None) => failure.id.is_empty(),
    }
}

fn compare(log: &[u8], label: &Value) -> Vec<String> {
    let (sessions, failures) = read(log);
    let mut left = failures.iter().collect::<Vec<_>>();
    let mut wrong = Vec::new();
    let empty = Vec::new();
    for wanted in label["failures"].as_array().unwrap_or(&empty) {
        let name = wanted["nodeid"]
            .as_str()
            .or(wanted["test"].as_str())
            .unwrap_or("-");
        let best = left
            .iter()
            .enumerate()
            .filter(|(_, it)| name_fits(wanted, it))
            .min_by_key(|(_, it)| differences(wanted, it).len());
        match best.map(|(at, _)| at) {
            Some(at) => {
                let failure = left.remove(at);
                wrong.extend(
                    differences(wanted, failure)
                        .into_iter()
                        .map(|it| format!("{name}: {it}")),
                );
            }
            None => wrong.push(format!("missed: {name}")),
        }
    }
    wrong.extend(left.iter().map(|it| {
        format!(
            "invented: {} ({}) {:?}",
            it.id,
            it.kind.name(),
            it.exception
                .as_ref()
                .map(|it| (&it.type_name, first_line(&it.message)))
        )
    }));
    if let Some(totals) = label["totals"].as_str() {
        let fits = sessions.iter().any(|it| {
            it.summary
                .as_ref()
                .is_some_and(|it| it.text.starts_with(totals))
        });
        if !fits {
            let found = sessions
                .iter()
                .map(|it| it.summary.as_ref().map(|it| &it.text))
                .collect::<Vec<_>>();
            wrong.push(format!("totals {totals}: {found:?}"));
        }
    }
    wrong
}

#[test]
fn all_labels() {
    let mut report = String::new();
    let mut seen = 0;
    for (name, log, label) in logs() {
        for difference in compare(&log, &label) {
            let known = WRONG_LABELS
                .iter()
                .any(|(log, known, _)| *log == name && difference == *known);
            seen += usize::from(known);
            if !known {
                report.push_str(&format!("{name}: {difference}\n"));
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
    assert_eq!(
        seen,
        WRONG_LABELS.len(),
        "an exception is not needed any more"
    );
}
