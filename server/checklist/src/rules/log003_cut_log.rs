use text::Span;

use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The log is cut off before pytest's summary.
    ///
    /// ## Why
    /// What failed after the cut, and how, is not known; the failure that is seen may not be the only one.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// ============================= test session starts ==============================
    /// platform linux -- Python 3.12.3, pytest-8.3.2, pluggy-1.5.0
    /// collected 2 items
    ///
    /// tests/test_a.py::test_a FAILED                                           [ 50%]
    /// tests/test_b.py::test_b
    /// ^^^^^^^^^^^^^^^^^^^^^^^ LOG003: the log ends before pytest's summary; save the whole log of the job
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- logs/ci.log
    /// ============================= test session starts ==============================
    /// platform linux -- Python 3.12.3, pytest-8.3.2, pluggy-1.5.0
    /// collected 2 items
    ///
    /// tests/test_a.py::test_a FAILED                                           [ 50%]
    /// tests/test_b.py::test_b PASSED                                           [100%]
    ///
    /// =================================== FAILURES ===================================
    /// ____________________________________ test_a ____________________________________
    ///     def test_a():
    /// >       assert 1 == 2
    /// E       assert 1 == 2
    /// tests/test_a.py:2: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a - assert 1 == 2
    /// ============================== 1 failed, 1 passed in 0.01s ===============================
    /// ```
    CutLog = "LOG003", "cut-log", Warning
}

impl Rule for CutLog {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for log in &subject.folder.logs {
            let last = log.log.sessions.last();
            if let Some(session) = last.filter(|session| log.log.is_cut(session)) {
                let message = "the log ends before pytest's summary; save the whole log of the job";
                findings.push(&log.path, Span::at(session.span.end), message, None);
            }
        }
    }
}
