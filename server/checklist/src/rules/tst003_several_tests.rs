use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// There are several test functions.
    ///
    /// ## Why
    /// One failure, one test: the others take time and hide which one matters.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a(): assert 1 == 2
    /// def test_b(): assert 1 == 2
    ///     ^^^^^^ TST003: `test_b` is one more test; keep the failing one
    /// ```
    SeveralTests = "TST003", "several-tests", Warning
}

impl Rule for SeveralTests {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let all = subject
            .tests()
            .iter()
            .flat_map(|(file, review)| review.tests.iter().map(move |it| (file, it)));
        for (file, test) in all.skip(1) {
            findings.push(
                &file.path,
                test.name_span,
                format!("`{}` is one more test; keep the failing one", test.name),
                None,
            );
        }
    }
}
