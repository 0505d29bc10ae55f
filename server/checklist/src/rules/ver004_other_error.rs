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
            let (ours, ci) = first_difference(
                reason.actual.as_deref().unwrap_or_default(),
                reason.expected.as_deref().unwrap_or_default(),
            );
            let message = format!("the run's {} is `{ours}`, in CI it was `{ci}`", reason.part);
            findings.push(&run.path, failure.span, message, None);
        }
    }
}

/// The first line in which two texts differ, of both.
fn first_difference<'a>(ours: &'a str, ci: &'a str) -> (&'a str, &'a str) {
    let (mut ours, mut ci) = (ours.lines(), ci.lines());
    loop {
        match (ours.next(), ci.next()) {
            (Some(a), Some(b)) if a == b => {}
            (a, b) => return (a.unwrap_or_default().trim(), b.unwrap_or_default().trim()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_differs() {
        assert_eq!(first_difference("a\nb\nc", "a\nx"), ("b", "x"));
        assert_eq!(first_difference("a", "a\nx"), ("", "x"));
    }
}
