use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The test is still parametrized.
    ///
    /// ## Why
    /// One set of values failed; with that one in the test, one run is one answer.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// import pytest
    /// @pytest.mark.parametrize("x", [1, 2])
    ///  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ TST004: the test is still parametrized; hard-code the failing set
    /// def test_a(x): assert x == 2
    /// ```
    Parametrized = "TST004", "parametrized", Warning
}

impl Rule for Parametrized {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for (file, review) in subject.tests() {
            for mark in review.tests.iter().flat_map(|it| &it.parametrize) {
                findings.push(
                    &file.path,
                    *mark,
                    "the test is still parametrized; hard-code the failing set",
                    None,
                );
            }
        }
    }
}
