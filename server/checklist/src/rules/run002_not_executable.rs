use text::Span;

use crate::finding::{Action, Fix};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// `run_test.sh` is not executable.
    ///
    /// ## Why
    /// The reproduction is one command, `./run_test.sh`; without the permission it is `Permission denied`.
    ///
    /// ## Example
    /// ```repro
    /// //- run_test.sh (not executable)
    /// #!/usr/bin/env bash
    /// ^^^^^^^^^^^^^^^^^^^ RUN002: run_test.sh is not executable; run `chmod +x run_test.sh`
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// ```
    NotExecutable = "RUN002", "not-executable", Error
}

impl Rule for NotExecutable {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(script) = &subject.folder.script else {
            return;
        };
        if !script.executable {
            let first_line = script.text.lines().next().unwrap_or_default();
            let fix = Fix {
                title: "Make run_test.sh executable".to_owned(),
                safe: true,
                edits: Vec::new(),
                action: Some(Action::MakeExecutable),
            };
            let message = "run_test.sh is not executable; run `chmod +x run_test.sh`";
            findings.push(
                &script.path,
                Span::new(0, first_line.len()),
                message,
                Some(fix),
            );
        }
    }
}
