use repro::Verdict;

use crate::rule::{Findings, Rule};
use crate::run::compared;
use crate::view::View;

rule! {
    /// The reproduction fails with another error than CI.
    ///
    /// ## Why
    /// Another error is another failure, however alike they look.
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
    /// //- logs/reproduction.log
    /// ============================= test session starts ==============================
    /// collected 1 item
    /// tests/test_a_repro.py F                                                  [100%]
    /// =================================== FAILURES ===================================
    /// _________________________________ test_a_repro _________________________________
    ///     def test_a_repro():
    /// >       f()
    /// E       RuntimeError: no device
    /// ^^^^^^^ VER004: the run's exception is `RuntimeError`, in CI it was `AssertionError`
    /// tests/test_a_repro.py:9: RuntimeError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a_repro.py::test_a_repro - RuntimeError: no device
    /// ============================== 1 failed in 0.01s ===============================
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
    OtherErrorInRun = "VER004", "other-error-in-run", Error
}

impl Rule for OtherErrorInRun {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some((run, failure, comparison)) = compared(subject) else {
            return;
        };
        if comparison.verdict != Verdict::Different {
            return;
        }
        let parts = comparison
            .reasons
            .iter()
            .filter(|it| it.expected.is_some() && it.actual.is_some());
        if let Some(reason) = parts.clone().find(|it| it.part != "source") {
            let shown = |text: &Option<String>| {
                text.as_deref()
                    .unwrap_or_default()
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            };
            let message = format!(
                "the run's {} is `{}`, in CI it was `{}`",
                reason.part,
                shown(&reason.actual),
                shown(&reason.expected)
            );
            findings.push(&run.path, failure.span, message, None);
        }
    }
}
