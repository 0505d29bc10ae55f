use text::Span;

use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The reproduction passes.
    ///
    /// ## Why
    /// Then it reproduces nothing, or the bug is fixed here.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/reproduction.log
    /// ============================= test session starts ==============================
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ VER003: the last run passed; it reproduces nothing
    /// collected 1 item
    /// tests/test_a_repro.py .                                                  [100%]
    /// ============================== 1 passed in 0.01s ===============================
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- logs/reproduction.log
    /// ============================= test session starts ==============================
    /// collected 1 item
    /// tests/test_a_repro.py F                                                  [100%]
    /// =================================== FAILURES ===================================
    /// _________________________________ test_a_repro _________________________________
    ///     def test_a_repro():
    /// >       assert 1 == 2
    /// E       assert 1 == 2
    /// tests/test_a_repro.py:9: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a_repro.py::test_a_repro - assert 1 == 2
    /// ============================== 1 failed in 0.01s ===============================
    /// ```
    Passes = "VER003", "passes", Error
}

impl Rule for Passes {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(run) = &subject.folder.reproduction else {
            return;
        };
        let passed = run.log.sessions.iter().any(|it| {
            it.totals
                .iter()
                .any(|(word, count)| word == "passed" && *count > 0)
        });
        if passed && run.log.failures.is_empty() {
            let message = "the last run passed; it reproduces nothing";
            findings.push(&run.path, Span::at(0), message, None);
        }
    }
}
