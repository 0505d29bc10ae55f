use crate::finding::Severity;
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The test has loops or conditions.
    ///
    /// ## Why
    /// Which way was taken is one more question; a repro is a straight line to the failure.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a():
    ///     for x in range(3):
    ///     ^^^^^^^^^^^^^^^^^^ TST005: a loop or condition; write down the one way that fails
    ///         assert x < 2
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a():
    ///     rows = [x for x in range(3)]
    ///     assert rows[2] < 2
    /// ```
    Branches = "TST005", "branches", Warning
}

impl Rule for Branches {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for (file, review) in subject.tests() {
            for (header, whole) in review.tests.iter().flat_map(|it| &it.branches) {
                // Around the failing line it can be what makes it fail.
                let needed = whole.of(&file.text).contains("fails here");
                let severity = if needed {
                    Severity::Information
                } else {
                    Severity::Warning
                };
                findings.push_as(
                    severity,
                    &file.path,
                    *header,
                    "a loop or condition; write down the one way that fails",
                    None,
                );
            }
        }
    }
}
