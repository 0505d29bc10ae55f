use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The original test is not found in the workspace.
    ///
    /// ## Why
    /// Fixtures, parameters and the failing line cannot be compared with it.
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
    /// ^^^^^^ LOG005: the original test `tests/test_a.py::test_a` is not found: its file is not in the workspace; check out CI's commit
    /// ============================== 1 failed in 0.01s ===============================
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- ../tests/test_a.py
    /// def test_a():
    ///     assert 1 == 2
    /// ```
    NoOriginal = "LOG005", "no-original", Information
}

impl Rule for NoOriginal {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(evidence) = subject.evidence.filter(|it| it.failure.path.is_some()) else {
            return;
        };
        let what = match evidence.test {
            Ok(_) | Err(python::NotFound::NoPython) => return,
            Err(python::NotFound::File) => "its file",
            Err(python::NotFound::Class) => "its class",
            Err(python::NotFound::Function) => "its function",
        };
        let message = format!(
            "the original test `{}` is not found: {what} is not in the workspace; check out CI's commit",
            evidence.failure.id
        );
        findings.push(&evidence.log_path, evidence.failure.span, message, None);
    }
}
