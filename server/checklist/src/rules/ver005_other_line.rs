use repro::Verdict;

use crate::rule::{Findings, Rule};
use crate::run::compared;
use crate::view::View;

rule! {
    /// The reproduction fails at another line than CI.
    ///
    /// ## Why
    /// The same error can come from two places; only one of them is the bug.
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
    /// >       assert 1 == two
    /// E       assert 1 == 2
    /// tests/test_a_repro.py:9: AssertionError
    /// ^^^^^^^^^^^^^^^^^^^^^^^ VER005: the run fails at `assert 1 == two`, in CI it was `assert 1 == 2`
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a_repro.py::test_a_repro - assert 1 == 2
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
    /// >       assert 1  == 2
    /// E       assert 1 == 2
    /// tests/test_a_repro.py:9: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a_repro.py::test_a_repro - assert 1 == 2
    /// ============================== 1 failed in 0.01s ===============================
    /// ```
    OtherLine = "VER005", "other-line-in-run", Error
}

impl Rule for OtherLine {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some((run, failure, comparison)) = compared(subject) else {
            return;
        };
        let differing: Vec<_> = comparison
            .reasons
            .iter()
            .filter(|it| it.expected.is_some() && it.actual.is_some())
            .collect();
        if let (Verdict::Different, [reason]) = (comparison.verdict, &differing[..])
            && reason.part == "source"
        {
            let ours = failure
                .location
                .as_ref()
                .and_then(|it| it.source.as_deref())
                .unwrap_or_default();
            let ci = subject
                .evidence
                .and_then(|it| it.failure.location.as_ref()?.source.as_deref())
                .unwrap_or_default();
            let message = format!("the run fails at `{ours}`, in CI it was `{ci}`");
            findings.push(&run.path, failure.span, message, None);
        }
    }
}
