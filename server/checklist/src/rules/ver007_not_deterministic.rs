use text::Span;

use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// Runs of the reproduction differ.
    ///
    /// ## Why
    /// A failure that comes and goes needs another kind of repro: what varies has to be found first.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/reproduction.log
    /// ============================= test session starts ==============================
    /// collected 1 item
    /// ^^^^^^^^^ VER007: 1 of 2 runs failed: the failure is not deterministic
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
    /// ============================= test session starts ==============================
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
    NotDeterministic = "VER007", "not-deterministic", Warning
}

impl Rule for NotDeterministic {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(run) = &subject.folder.reproduction else {
            return;
        };
        // Several runs in one log (`for i in 1 2 3; do ./run_test.sh; done | tee ...`): some failed, some did not.
        let has = |word: &str| {
            run.log
                .sessions
                .iter()
                .filter(|it| {
                    it.totals
                        .iter()
                        .any(|(other, count)| other == word && *count > 0)
                })
                .count()
        };
        let (failed, all) = (
            has("failed"),
            run.log
                .sessions
                .iter()
                .filter(|it| it.summary.is_some())
                .count(),
        );
        if failed > 0 && failed < all {
            let message =
                format!("{failed} of {all} runs failed: the failure is not deterministic");
            findings.push(&run.path, Span::at(0), message, None);
        }
    }
}
