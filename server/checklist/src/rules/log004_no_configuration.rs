use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The workflow or job that ran the test is not found in the workspace.
    ///
    /// ## Why
    /// Container, services and variables that the log does not show are in the CI configuration.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log (missing)
    /// ```
    NoConfiguration = "LOG004", "no-configuration", Information
}

impl Rule for NoConfiguration {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(evidence) = subject.evidence else {
            return;
        };
        let named = evidence
            .job
            .workflow
            .as_ref()
            .or(evidence.job.name.as_ref());
        let found = evidence
            .configurations
            .first()
            .is_some_and(|it| it.path.is_some());
        if let (Some(fact), false) = (named, found) {
            let message = format!(
                "the CI configuration of `{}` is not found in the workspace; variables that the log does not show stay unknown",
                fact.text
            );
            findings.push(&evidence.log_path, fact.span, message, None);
        }
    }
}
