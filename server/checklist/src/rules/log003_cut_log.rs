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
    /// tests/test_a.py::test_a FAILED
    /// ```
    CutLog = "LOG003", "cut-log", Warning
}

impl Rule for CutLog {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for log in &subject.folder.logs {
            let failures = &log.log.failures;
            // A process that died prints no summary: that is the failure itself.
            let died = failures.iter().any(|it| {
                matches!(
                    it.kind,
                    log::Kind::Crash | log::Kind::Timeout | log::Kind::InternalError
                )
            });
            let last = log.log.sessions.last();
            if let Some(session) =
                last.filter(|it| it.summary.is_none() && it.unfinished.is_some() && !died)
            {
                let message = "the log ends before pytest's summary; save the whole log of the job";
                findings.push(&log.path, Span::at(session.span.end), message, None);
            }
        }
    }
}
