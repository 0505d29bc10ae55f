use text::Span;

use crate::finding::{Action, Fix};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The folder has no `run_test.sh`.
    ///
    /// ## Why
    /// The script sets CI's environment and runs the test from any directory; a test file alone leaves both to memory.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_gather_repro.py
    /// def test_gather_repro(device): ...
    /// //- run_test.sh (missing)
    /// RUN001: run_test.sh is missing; generate it from the log's evidence
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// ```
    NoScript = "RUN001", "no-script", Error
}

impl Rule for NoScript {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        if subject.folder.script.is_none() {
            let fix = Fix {
                title: "Generate run_test.sh".to_owned(),
                safe: false,
                edits: Vec::new(),
                action: Some(Action::Generate),
            };
            let message = "run_test.sh is missing; generate it from the log's evidence";
            findings.push("run_test.sh", Span::at(0), message, Some(fix));
        }
    }
}
