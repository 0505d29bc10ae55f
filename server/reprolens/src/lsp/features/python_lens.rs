//! Lenses on Python tests: on a repro test its commands and last outcome, on any other test whether it failed in a log that
//! is known, and `Reproduce`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use log::Log;
use tower_lsp::ls_types::{CodeLens, Command, Uri};

use crate::checked::Checked;
use crate::files::repro_folder;

use crate::lsp::commands::{self, command, failure_arguments};
use crate::lsp::convert::Positions;
use crate::lsp::folder;
use crate::lsp::kind::Kind;
use crate::lsp::overlay::Overlay;
use crate::lsp::places::Places;
use crate::lsp::snapshot::{Open, Snapshot};

pub(crate) fn lenses(snapshot: &Snapshot, uri: &Uri, document: &Open) -> Vec<CodeLens> {
    let Some(path) = &document.path else {
        return Vec::new();
    };
    let text = &document.text.text;
    let tests = test_functions(text);
    if tests.is_empty() {
        return Vec::new();
    }
    let positions = Positions {
        text: &document.text,
        encoding: snapshot.encoding(),
    };
    let lens = |line: u32, command| CodeLens {
        range: positions.line_range(line),
        command: Some(command),
        data: None,
    };
    if let Some(checked) = folder::check(snapshot, path) {
        let line = tests[0].line;
        return repro_commands(uri, &checked)
            .into_iter()
            .map(|command| lens(line, command))
            .collect();
    }
    let workspace = snapshot.workspace_of(path);
    let Some(relative) = workspace.relative(path) else {
        return Vec::new();
    };
    let logs = known_logs(snapshot, &workspace);
    let mut lenses = Vec::new();
    for test in &tests {
        if let Some(command) = failed_in_ci(&workspace, &logs, &relative, test) {
            lenses.push(lens(test.line, command));
        }
        let arguments = vec![uri.as_str().into(), test.id.as_str().into()];
        lenses.push(lens(
            test.line,
            command("Reproduce".to_owned(), commands::REPRODUCE, arguments),
        ));
    }
    lenses
}

/// The logs that are open, and those that the repro folders of the workspace hold. A client that can be told of new lenses does
/// not wait for a log that was never read.
fn known_logs(snapshot: &Snapshot, workspace: &Overlay<'_>) -> Vec<(Uri, Arc<Log>)> {
    let open = snapshot.open.iter();
    let mut logs: Vec<(Uri, Arc<Log>)> = open
        .filter(|(_, open)| open.kind == Kind::Log)
        .map(|(uri, open)| (uri.clone(), open.text.log().clone()))
        .collect();
    let root = workspace
        .root()
        .join(&snapshot.config_or_defaults(workspace).root);
    let read = |path: &Path| match snapshot.abilities.refreshes_lenses {
        true => snapshot.caches.log_if_read(path),
        false => snapshot.caches.log(path).ok(),
    };
    for path in repro_folder::logs_below(&root) {
        if snapshot.open_at(&path).is_none()
            && let Some(uri) = snapshot.uri_of(&path)
            && let Some(log) = read(&path)
        {
            logs.push((uri, log));
        }
    }
    logs
}

/// What to do about a test that failed in one of the logs; with parameters, how many of its sets did.
fn failed_in_ci(
    workspace: &Overlay<'_>,
    logs: &[(Uri, Arc<Log>)],
    relative: &str,
    test: &TestFunction,
) -> Option<Command> {
    let mut ids = BTreeSet::new();
    let mut first = None;
    for (uri, log) in logs {
        let places = Places::new(workspace, log);
        for (index, failure) in log.failures.iter().enumerate() {
            if test.is_of(&failure.id)
                && failure
                    .path
                    .as_deref()
                    .and_then(|path| places.find(failure.session, path))
                    .as_deref()
                    == Some(relative)
            {
                ids.insert(failure.id.as_str());
                first = first.or(Some((uri, log, index)));
            }
        }
    }
    let (uri, log, index) = first?;
    let sets = python::find(workspace, &[], &log.failures[index].id)
        .ok()
        .and_then(|test| test.param_sets);
    let title = match sets {
        Some(sets) if sets > 1 => {
            let count = ids.len();
            format!("Failed in CI ({count} of {sets} parameter sets): generate minimal repro")
        }
        _ => "Failed in CI: generate minimal repro".to_owned(),
    };
    let arguments = failure_arguments(uri, log, index);
    Some(command(title, commands::GENERATE, arguments))
}

/// `Run`, `Verify`, `Minimize`, on the test and on its script; with the verdict on its last run.
pub(crate) fn repro_commands(uri: &Uri, checked: &Checked) -> Vec<Command> {
    let outcome = checked.outcome();
    let is_old = checked.findings.iter().any(|it| it.rule.id == "VER002");
    let changed = if is_old { ", changed since" } else { "" };
    let titles = [
        ("Run".to_owned(), commands::RUN),
        (format!("Verify ({outcome}{changed})"), commands::VERIFY),
        ("Minimize".to_owned(), commands::MINIMIZE),
    ];
    titles
        .into_iter()
        .map(|(title, name)| command(title, name, vec![uri.as_str().into()]))
        .collect()
}

/// The 1-based line of the first test of a file.
pub(crate) fn first_test_line(text: &str) -> Option<u32> {
    test_functions(text).first().map(|test| test.line)
}

struct TestFunction {
    /// `TestClass::test_name`.
    id: String,
    /// 1-based.
    line: u32,
}

impl TestFunction {
    /// Whether a node id, whatever its parameters, names this test. Its class is compared too: names are reused.
    fn is_of(&self, node_id: &str) -> bool {
        let Some((_, within)) = node_id.split_once("::") else {
            return false;
        };
        let plain = within.split('[').next().unwrap_or_default();
        plain == self.id
    }
}

/// The test functions of a module, with the classes around them. Read line by line: a lens must be there while the person
/// types, on text that is no Python yet.
fn test_functions(text: &str) -> Vec<TestFunction> {
    let mut tests: Vec<TestFunction> = Vec::new();
    let mut classes: Vec<(usize, String)> = Vec::new();
    let mut quotes: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        let outside = quotes.is_none();
        for mark in ["\"\"\"", "'''"] {
            let odd = line.matches(mark).count() % 2 == 1;
            match quotes {
                None if odd => quotes = Some(mark),
                Some(open) if open == mark && odd => quotes = None,
                _ => {}
            }
        }
        let content = line.trim_start();
        if !outside || content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - content.len();
        let name_after = |keyword: &str| {
            let rest = content.strip_prefix(keyword)?;
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            Some(name)
        };
        while classes.last().is_some_and(|(column, _)| *column >= indent)
            && !content.starts_with([')', ']', '}'])
        {
            classes.pop();
        }
        if let Some(name) = name_after("class ") {
            classes.push((indent, name));
        } else if let Some(name) = name_after("def ").or_else(|| name_after("async def "))
            && name.starts_with("test")
            && (indent == 0 || !classes.is_empty())
        {
            let mut parts: Vec<&str> = classes.iter().map(|(_, class)| class.as_str()).collect();
            parts.push(&name);
            let id = parts.join("::");
            tests.push(TestFunction {
                id,
                line: u32::try_from(index + 1).unwrap_or(u32::MAX),
            });
        }
    }
    tests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_methods_and_what_is_none() {
        let text = "\"\"\"\ndef test_in_text(): ...\n\"\"\"\ndef test_a():\n    def test_inner(): ...\nclass TestB:\n    async def test_c(self):\n        pass\ndef helper(): ...\n";
        let found: Vec<(String, u32)> = test_functions(text)
            .into_iter()
            .map(|test| (test.id, test.line))
            .collect();
        assert_eq!(
            found,
            [("test_a".to_owned(), 4), ("TestB::test_c".to_owned(), 7)]
        );
    }
}
