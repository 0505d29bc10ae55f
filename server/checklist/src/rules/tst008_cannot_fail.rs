use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// Nothing in the test can fail like CI did.
    ///
    /// ## Why
    /// A test without assertion, call or `raise` passes whatever the code does.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     ^^^^^^^^^^^^ TST008: nothing in `test_a_repro` can fail: no assertion, no call
    ///     x = 1
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     x = {}["a"]
    /// ```
    CannotFail = "TST008", "cannot-fail", Error
}

impl Rule for CannotFail {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for (file, review) in subject.tests().filter(|(_, review)| !review.has_error) {
            for test in review
                .tests
                .iter()
                .filter(|it| it.asserts + it.calls + it.raises == 0)
            {
                // A fixture can fail before the test begins, and an operator can raise.
                let plain = test.arguments.is_empty() && !file.text.contains([']', '/', '@', '%']);
                if plain {
                    findings.push(
                        &file.path,
                        test.name_span,
                        format!("nothing in `{}` can fail: no assertion, no call", test.name),
                        None,
                    );
                }
            }
        }
    }
}
