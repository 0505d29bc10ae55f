use repro::FolderFile;
use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{View, first_line, indentation, line_start};

rule! {
    /// The docstring is missing, or leaves out a part: original failure, error, expected, actual, how to run it.
    ///
    /// ## Why
    /// Whoever opens the test sees what failed where, with which error, what was expected, and how to run it.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// =================================== FAILURES ===================================
    /// ____________________________________ test_a ____________________________________
    ///     def test_a():
    /// >       assert 1 == 2
    /// E       assert 1 == 2
    /// tests/test_a.py:2: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a - assert 1 == 2
    /// ============================== 1 failed in 0.01s ===============================
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     ^^^^^^^^^^^^ TST006: there is no docstring; tell the original failure, the error, expected, actual and how to run it
    ///     assert 1 == 2
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     """Original failure: tests/test_a.py::test_a
    ///
    ///     Error: assert 1 == 2. Expected: 2, actual: 1.
    ///     Run with ./run_test.sh
    ///     """
    ///     assert 1 == 2
    /// ```
    Docstring = "TST006", "incomplete-docstring", Information
}

const PARTS: [&str; 5] = [
    "original failure",
    "error",
    "expected",
    "actual",
    "run with",
];

impl Rule for Docstring {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for (file, review) in subject.tests() {
            let Some(first) = review.tests.first() else {
                continue;
            };
            let Some(place) = review.docstrings.first() else {
                let message = "there is no docstring; tell the original failure, the error, expected, actual and how to run it";
                findings.push(&file.path, first.name_span, message, added(subject, file));
                continue;
            };
            let told: String = review
                .docstrings
                .iter()
                .map(|it| it.of(&file.text).to_lowercase())
                .collect();
            let missing: Vec<&str> = PARTS
                .into_iter()
                .filter(|part| !told.contains(part))
                .collect();
            if !missing.is_empty() {
                let message = format!("the docstring does not tell: {}", missing.join(", "));
                let fix = filled(subject, file, *place, &missing);
                findings.push(&file.path, first_line(&file.text, *place), message, fix);
            }
        }
    }
}

/// A docstring at the file's start, after comments that must stand there.
fn added(subject: &View<'_>, file: &FolderFile) -> Option<Fix> {
    let docstring = subject.generated()?.docstring()?;
    let lines = file.text.split_inclusive('\n');
    let comments = lines.take_while(|line| line.starts_with('#')).map(str::len);
    let at = Span::at(comments.sum());
    let text = format!("{docstring}\n\n");
    Some(Fix::edit("Tell of the failure", true, &file.path, at, text))
}

/// What is missing, as lines before the docstring's end.
fn filled(subject: &View<'_>, file: &FolderFile, place: Span, missing: &[&str]) -> Option<Fix> {
    let text = &*file.text;
    let written = place.of(text);
    // In a raw string, or one of single quotes, the generated lines would mean something else.
    let inner = written.strip_prefix("\"\"\"")?.strip_suffix("\"\"\"")?;
    let indent = indentation(text, line_start(text, place.start));
    let generated = subject.generated()?;
    let mut lines = String::new();
    for part in missing {
        lines.push_str(&format!("\n{indent}{}", generated.docstring_line(part)?));
    }
    let end = place.start + 3 + inner.trim_end().len();
    let span = Span::new(end, place.end - 3);
    Some(Fix::edit(
        "Tell of the failure",
        true,
        &file.path,
        span,
        format!("\n{lines}\n{indent}"),
    ))
}
