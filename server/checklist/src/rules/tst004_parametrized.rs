use std::sync::Arc;

use python::review::{Parametrize, TestFunction};
use repro::FolderFile;
use text::{Span, Workspace};

use crate::finding::{Edit, Fix};
use crate::rule::{Findings, Rule};
use crate::view::{View, indentation, is_literal, line_start, next_line};

rule! {
    /// The test is still parametrized.
    ///
    /// ## Why
    /// One set of values failed; with that one in the test, one run is one answer.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a[2] - assert 2 == 1
    /// //- tests/test_a_repro.py
    /// import pytest
    ///
    /// @pytest.mark.parametrize("x", [1, 2])
    ///  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ TST004: the test is still parametrized; hard-code the failing set
    /// def test_a(x):
    ///     assert x == 1
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// import pytest
    ///
    /// @pytest.mark.parametrize("device_params", [{"l1": 1}], indirect=True)
    /// def test_a(device):
    ///     assert device.x == 1
    /// ```
    Parametrized = "TST004", "parametrized", Warning
}

impl Rule for Parametrized {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let collects = subject
            .evidence
            .is_some_and(|it| it.failure.phase == log::Phase::Collect);
        for (file, review) in subject.tests() {
            for test in &review.tests {
                // What fails in the mark itself fails when the file is read.
                let is_choice = |it: &&Parametrize| {
                    !it.indirect && !collects && !it.span.of(&file.text).contains("fails here")
                };
                let marks: Vec<&Parametrize> = test.parametrize.iter().filter(is_choice).collect();
                // One fix for all marks: with some of them gone, the failing set's id names no set any more.
                let fix = hard_coded(subject, file, test, &marks);
                for mark in marks {
                    let message = "the test is still parametrized; hard-code the failing set";
                    findings.push(&file.path, mark.span, message, fix.clone());
                }
            }
        }
    }
}

/// The failing set's values as the test's first lines, without marks and arguments.
fn hard_coded(
    subject: &View<'_>,
    file: &FolderFile,
    test: &TestFunction,
    marks: &[&Parametrize],
) -> Option<Fix> {
    let text = &*file.text;
    let names: Vec<&String> = marks.iter().flat_map(|it| &it.names).collect();
    if names.is_empty() || marks.iter().any(|it| it.names.is_empty()) {
        return None;
    }
    let values = values(subject, file, test)?;
    let first = test.first_statement?;
    let indent = indentation(text, line_start(text, first));
    let mut lines = String::new();
    for name in &names {
        let (_, value) = values.iter().find(|(other, _)| other == *name)?;
        lines.push_str(&format!("{name} = {value}\n{indent}"));
    }
    let signature = test.signature.of(text);
    if signature.contains(['[', '(', '#']) {
        return None;
    }
    let arguments: Vec<&str> = signature
        .split(',')
        .map(str::trim)
        .filter(|it| !it.is_empty() && !names.iter().any(|name| name == it))
        .collect();
    let edit = |span, text: String| Edit {
        path: file.path.clone(),
        span,
        text,
    };
    let mut edits: Vec<Edit> = marks
        .iter()
        .map(|mark| {
            let line = Span::new(
                line_start(text, mark.span.start),
                next_line(text, mark.span.end),
            );
            edit(line, String::new())
        })
        .collect();
    // The marks may be all that `pytest` is imported for.
    let in_marks = marks
        .iter()
        .map(|it| it.span.of(text).matches("pytest").count());
    let import = text
        .find("import pytest\n")
        .filter(|at| *at == line_start(text, *at));
    if let Some(at) = import
        && text.matches("pytest").count() == in_marks.sum::<usize>() + 1
    {
        edits.push(edit(Span::new(at, next_line(text, at)), String::new()));
    }
    edits.push(edit(test.signature, arguments.join(", ")));
    edits.push(edit(Span::at(first), lines));
    Some(Fix {
        title: "Hard-code the failing set".to_owned(),
        safe: false,
        edits,
        action: None,
    })
}

/// The failing set's values: as this file's own marks have them under CI's id, else as the original test has them.
fn values(
    subject: &View<'_>,
    file: &FolderFile,
    test: &TestFunction,
) -> Option<Vec<(String, String)>> {
    let evidence = subject.evidence?;
    let own = evidence.failure.param_id.as_deref().and_then(|id| {
        let id = format!("{}::{}[{id}]", file.path, test.name);
        python::find(&OneFile(file), &[], &id).ok()
    });
    let complete = |found: &python::Test| {
        let known = found.params.iter().map(|it| {
            let value = it.value.clone()?;
            Some((it.name.clone(), value))
        });
        known
            .collect::<Option<Vec<_>>>()
            .filter(|it| !it.is_empty())
    };
    own.as_ref().and_then(complete).or_else(|| {
        let original = evidence.test.as_ref().ok()?;
        complete(original).filter(|values| values.iter().all(|(_, value)| is_literal(value)))
    })
}

/// The test's file as a workspace of its own.
struct OneFile<'a>(&'a FolderFile);

impl Workspace for OneFile<'_> {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        (path == self.0.path).then(|| Arc::clone(&self.0.text))
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let below = match folder {
            "" => Some(self.0.path.as_str()),
            folder => self
                .0
                .path
                .strip_prefix(folder)
                .and_then(|it| it.strip_prefix('/')),
        };
        let name = below.map(|below| match below.split_once('/') {
            Some((folder, _)) => format!("{folder}/"),
            None => below.to_owned(),
        });
        name.into_iter().collect()
    }
}
