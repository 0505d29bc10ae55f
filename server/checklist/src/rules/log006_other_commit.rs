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
    /// //- logs/ci.log
    /// =================================== FAILURES ===================================
    /// ____________________________________ test_a ____________________________________
    ///     def test_a():
    /// >       assert 1 == 2
    /// E       assert 1 == 2
    /// tests/test_a.py:2: AssertionError
    /// ^^^^^^^^^^^^^^^^^ LOG006: tests/test_a.py:2 is `assert 1 == 1` here, in CI it was `assert 1 == 2`; check out CI's commit
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a - assert 1 == 2
    /// ============================== 1 failed in 0.01s ===============================
    /// //- ../tests/test_a.py
    /// def test_a():
    ///     assert 1 == 1
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- ../tests/test_a.py
    /// def test_a():
    ///     assert  1 == 2
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
