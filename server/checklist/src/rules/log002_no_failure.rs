use text::Span;

use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// No failure is found in the logs.
    ///
    /// ## Why
    /// There is nothing to compare with: the log is of another job, of a job that passed, or it is not pytest's.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/other.log
    /// all is well
    /// ^^^^^^^^^^^ LOG002: no failure is found in the logs; is it the log of the failing job?
    /// ```
    ///
    /// ## Fine
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
    /// ```
    NoFailure = "LOG002", "no-failure", Error
}

impl Rule for NoFailure {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let logs = &subject.folder.logs;
        if let Some(first) = logs.first()
            && logs.iter().all(|log| log.log.failures.is_empty())
        {
            let message = "no failure is found in the logs; is it the log of the failing job?";
            findings.push(&first.path, Span::at(0), message, None);
        }
    }
}
