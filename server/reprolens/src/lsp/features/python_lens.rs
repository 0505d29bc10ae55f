//! Lenses on Python tests: on a repro test its commands and last outcome, on any other test whether it failed in a log that
//! is known, and `Reproduce`.

use repro::Folder;
use tower_lsp::ls_types::{CodeLens, Uri};

use crate::lsp::commands::{self, command, failure_arguments};
use crate::lsp::convert::Positions;
use crate::lsp::folder;
use crate::lsp::kind::Kind;
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
        return repro_commands(uri, &checked.folder)
            .into_iter()
            .map(|command| lens(line, command))
            .collect();
    }
    let workspace = snapshot.workspace_of(path);
    let Some(relative) = workspace.relative(path) else {
        return Vec::new();
    };
    let mut lenses = Vec::new();
    let logs: Vec<_> = snapshot
        .open
        .iter()
        .filter(|(_, open)| open.kind == Kind::Log)
        .collect();
    for test in &tests {
        for (log_uri, open) in &logs {
            let log = open.text.log();
            let places = Places::new(&workspace, log);
            let failed: Vec<usize> = (0..log.failures.len())
                .filter(|&index| {
                    let failure = &log.failures[index];
                    let names = failure.id.split('[').next().unwrap_or_default();
                    names.rsplit("::").next() == Some(test.name.as_str())
                        && failure
                            .path
                            .as_deref()
                            .and_then(|path| places.find(path))
                            .as_ref()
                            == Some(&relative)
                })
                .collect();
            let Some(&first) = failed.first() else {
                continue;
            };
            let sets = python::find(&workspace, &[], &log.failures[first].id)
                .ok()
                .and_then(|test| test.param_sets);
            let title = match sets {
                Some(sets) if sets > 1 => {
                    format!(
                        "Failed in CI ({} of {sets} parameter sets): generate minimal repro",
                        failed.len()
                    )
                }
                _ => "Failed in CI: generate minimal repro".to_owned(),
            };
            lenses.push(lens(
                test.line,
                command(
                    title,
                    commands::GENERATE,
                    failure_arguments(log_uri, log, first),
                ),
            ));
        }
        let arguments = vec![uri.as_str().into(), test.id.as_str().into()];
        lenses.push(lens(
            test.line,
            command("Reproduce".to_owned(), commands::REPRODUCE, arguments),
        ));
    }
    lenses
}

/// `Run`, `Verify`, `Minimize`, on the test and on its script.
pub(crate) fn repro_commands(uri: &Uri, folder: &Folder) -> Vec<tower_lsp::ls_types::Command> {
    let outcome = folder.reproduction.as_ref().map_or("never run", |run| {
        if run.log.failures.is_empty() {
            "passed"
        } else {
            "failed"
        }
    });
    let titles = [
        ("Run".to_owned(), commands::RUN),
        (format!("Verify ({outcome})"), commands::VERIFY),
        ("Minimize".to_owned(), commands::MINIMIZE),
    ];
    titles
        .into_iter()
        .map(|(title, name)| command(title, name, vec![uri.as_str().into()]))
        .collect()
}

struct TestFunction {
    name: String,
    /// `TestClass::test_name`.
    id: String,
    /// 1-based.
    line: u32,
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
                name,
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
