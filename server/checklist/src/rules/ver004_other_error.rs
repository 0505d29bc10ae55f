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
    /// //- logs/reproduction.log (missing)
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
