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
    /// //- logs/ci.log
    /// ##[group]Run pytest tests/test_a.py
    /// pytest tests/test_a.py
    /// shell: /usr/bin/bash -e {0}
    /// ##[endgroup]
    /// Complete job name: unit
    ///                    ^^^^ LOG004: the CI configuration of `unit` is not found in the workspace; variables that the log does not show stay unknown
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
    ///
    /// ## Fine
    /// ```repro
    /// //- ../.github/workflows/ci.yml
    /// on: push
    /// jobs:
    ///   unit:
    ///     runs-on: ubuntu-latest
    ///     steps:
    ///       - run: pytest tests/test_a.py
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
