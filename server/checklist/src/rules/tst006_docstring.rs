use crate::rule::{Findings, Rule};
use crate::view::View;
use crate::view::first_line;

rule! {
    /// The docstring is missing or does not tell what the spec asks for.
    ///
    /// ## Why
    /// Whoever opens the test sees what failed where, with which error, what was expected, and how to run it.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     ^^^^^^^^^^^^ TST006: there is no docstring; tell the original failure, the error, expected, actual and how to run it
    ///     assert 1 == 2
    /// ```
    Docstring = "TST006", "incomplete-docstring", Information
}

impl Rule for Docstring {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for (file, review) in subject.tests() {
            let Some(first) = review.tests.first() else {
                continue;
            };
            let Some(place) = review.docstrings.first() else {
                let message = "there is no docstring; tell the original failure, the error, expected, actual and how to run it";
                findings.push(&file.path, first.name_span, message, None);
                continue;
            };
            let told: String = review
                .docstrings
                .iter()
                .map(|it| it.of(&file.text).to_lowercase())
                .collect();
            let parts = [
                "original failure",
                "error",
                "expected",
                "actual",
                "run with",
            ];
            let missing: Vec<&str> = parts
                .into_iter()
                .filter(|part| !told.contains(part))
                .collect();
            if !missing.is_empty() {
                let message = format!("the docstring does not tell: {}", missing.join(", "));
                findings.push(&file.path, first_line(&file.text, *place), message, None);
            }
        }
    }
}
