use text::Span;

use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The folder has no CI log.
    ///
    /// ## Why
    /// Everything is compared with it: environment, error, failing line. Without it nobody can tell whether the repro is one.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log (missing)
    /// LOG001: the folder has no CI log; save the failing job's log in logs/
    /// ```
    NoLog = "LOG001", "no-log", Error
}

impl Rule for NoLog {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        if subject.folder.logs.is_empty() {
            let message = "the folder has no CI log; save the failing job's log in logs/";
            findings.push("logs/ci.log", Span::at(0), message, None);
        }
    }
}
