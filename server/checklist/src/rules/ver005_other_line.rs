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
    /// //- logs/reproduction.log (missing)
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
