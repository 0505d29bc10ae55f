//! What clients' own views are made of: the failures of a log, and the repro folders with their last outcome.

use std::path::Path;

use serde_json::{Value, json};

use super::arguments;
use crate::checked::Checked;
use crate::lsp::convert;
use crate::lsp::features::{log_file, python_lens};
use crate::lsp::folder;
use crate::lsp::overlay::Overlay;
use crate::lsp::places::Places;
use crate::lsp::snapshot::Snapshot;

/// The failures of a log, or of all logs of a folder or an archive, numbered through.
pub(super) fn failures(snapshot: &Snapshot, arguments: &[Value]) -> anyhow::Result<Value> {
    let named = arguments::log(snapshot, arguments)?;
    let logs = arguments::read_logs(snapshot, arguments)?;
    let mut failures = Vec::new();
    for input in &logs.0 {
        let log = &input.log;
        let workspace = snapshot.workspace_of_log(named.path(), log);
        let places = Places::new(&workspace, log);
        for failure in &log.failures {
            let line = places.failing_line(failure);
            failures.push(json!({
                "number": failures.len() + 1,
                "id": failure.id,
                "title": log_file::title(failure),
                "summary": log_file::summary(failure),
                "log": input.source.name(),
                "line": failure.line,
                "location": line.map(|(path, frame)| json!({
                    "path": frame.path,
                    "line": frame.line,
                    "uri": uri(&path),
                })),
            }));
        }
    }
    let all = || logs.0.iter().map(|input| &input.log);
    Ok(json!({
        "version": 1,
        "ci": all().next().map(|log| log.ci.name()),
        "job": all().find_map(|log| log.job.name.as_ref().map(|name| &name.text)),
        "recognised": all().any(|log| log.recognised),
        "failures": failures,
    }))
}

/// The repro folders below the configured roots.
pub(super) fn repros(snapshot: &Snapshot) -> Value {
    let roots = snapshot.roots.iter();
    let all = roots.flat_map(|root| folder::all(snapshot, &Overlay::new(root, snapshot)));
    json!({"version": 1, "repros": all.map(|it| repro(&it)).collect::<Vec<Value>>()})
}

fn repro(checked: &Checked) -> Value {
    let test = checked
        .folder
        .tests
        .iter()
        .find(|test| test.path.ends_with("_repro.py"))
        .or(checked.folder.tests.first());
    let line = test.and_then(|test| python_lens::first_test_line(&test.text));
    let logs: Vec<&str> = checked
        .folder
        .logs
        .iter()
        .map(|log| log.path.trim_start_matches("logs/"))
        .collect();
    json!({
        "name": checked.name(),
        "uri": uri(&checked.dir),
        "test": test.and_then(|test| uri(&checked.dir.join(&test.path))),
        "line": line,
        "hasScript": checked.folder.script.is_some(),
        "logs": logs,
        "outcome": checked.outcome(),
        "verdict": checked.last_run().map(|it| it.verdict.name()),
        "findings": checked.findings.len(),
    })
}

fn uri(path: &Path) -> Option<String> {
    convert::uri(path).map(|uri| uri.as_str().to_owned())
}
