use text::Span;

use crate::finding::{Action, Fix};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The repro was never run: there is no `logs/reproduction.log`.
    ///
    /// ## Why
    /// A repro that nobody has seen fail like CI is a guess.
    ///
    /// ## Example
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// pytest tests/test_a_repro.py "$@"
    /// //- logs/reproduction.log (missing)
    /// VER001: the repro was never run; run `./run_test.sh 2>&1 | tee logs/reproduction.log`
    /// ```
    NeverRun = "VER001", "never-run", Warning
}

impl Rule for NeverRun {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        if subject.folder.reproduction.is_none() && subject.folder.script.is_some() {
            let fix = Fix::action("Run and compare", false, Action::Verify);
            let message =
                "the repro was never run; run `./run_test.sh 2>&1 | tee logs/reproduction.log`";
            findings.push("logs/reproduction.log", Span::at(0), message, Some(fix));
        }
    }
}
