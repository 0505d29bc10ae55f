use text::Span;

use crate::finding::{Action, Fix};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The test or the script changed since the last run.
    ///
    /// ## Why
    /// What the log of the run shows is no longer what is here.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/reproduction.log
    /// 1 failed
    /// ^^^^^^^^ VER002: run_test.sh changed since the last run; run it again
    /// //- run_test.sh (changed)
    /// #!/usr/bin/env bash
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// ```
    ChangedSince = "VER002", "changed-since-run", Information
}

impl Rule for ChangedSince {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(run) = &subject.folder.reproduction else {
            return;
        };
        let mut files = subject.folder.script.iter().chain(&subject.folder.tests);
        if let Some(file) =
            files.find(|file| file.modified > run.modified && run.modified.is_some())
        {
            let fix = Fix::action("Run and compare", false, Action::Verify);
            let message = format!("{} changed since the last run; run it again", file.path);
            findings.push(&run.path, Span::at(0), message, Some(fix));
        }
    }
}
