use crate::rule::{Findings, Rule};
use crate::view::View;
use crate::view::first_line;

rule! {
    /// Something keeps the failure from being one.
    ///
    /// ## Why
    /// A skipped or expected failure, and a caught error, end as a success.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// import pytest
    /// @pytest.mark.xfail
    ///  ^^^^^^^^^^^^^^^^^ TST013: `pytest.mark.xfail` hides the failure; remove it
    /// def test_a_repro(): assert 1 == 2
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// import pytest
    ///
    /// @pytest.mark.timeout(5)
    /// def test_a_repro():
    ///     with pytest.raises(ValueError):
    ///         int("1")
    /// ```
    HidesFailure = "TST013", "hides-failure", Error
}

impl Rule for HidesFailure {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let mark = subject.evidence.map(|it| it.failure.kind);
        // The mark is what fails.
        if mark == Some(log::Kind::UnexpectedPass) {
            return;
        }
        for (file, review) in subject.tests() {
            for span in review.tests.iter().flat_map(|it| &it.hides) {
                let place = first_line(&file.text, *span);
                let what = place.of(&file.text).trim_end_matches(':');
                findings.push(
                    &file.path,
                    place,
                    format!("`{what}` hides the failure; remove it"),
                    None,
                );
            }
        }
    }
}
