use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The workspace's failing line is not the log's.
    ///
    /// ## Why
    /// The workspace has another commit than CI had: what is read from it may not be what failed.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log (missing)
    /// ```
    OtherCommit = "LOG006", "other-commit", Information
}

impl Rule for OtherCommit {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(evidence) = subject.evidence else {
            return;
        };
        let frame = evidence.failure.location.as_ref();
        let (Some(frame), Some(ours)) = (frame, &evidence.workspace_source) else {
            return;
        };
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        if let Some(source) = &frame.source
            && squeeze(source) != squeeze(ours)
        {
            let commit = evidence
                .job
                .commit
                .as_ref()
                .map_or(String::new(), |it| format!(" {}", it.text));
            let message = format!(
                "{}:{} is `{ours}` here, in CI it was `{source}`; check out CI's commit{commit}",
                frame.path, frame.line
            );
            findings.push(&evidence.log_path, frame.span, message, None);
        }
    }
}
