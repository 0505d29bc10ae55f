use text::Span;

use crate::finding::{Action, Fix};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The folder has no `README.md`.
    ///
    /// ## Why
    /// Whoever opens the folder next wants to know what failed, why, and how to see that a fix works, without reading a log.
    ///
    /// ## Example
    /// ```repro
    /// //- README.md (missing)
    /// DOC001: README.md is missing; generate it from the log's evidence
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- README.md
    /// # Gather
    /// ```
    NoReadme = "DOC001", "no-readme", Warning
}

impl Rule for NoReadme {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        if subject.folder.readme.is_none() {
            let fix = Fix {
                title: "Generate README.md".to_owned(),
                safe: false,
                edits: Vec::new(),
                action: Some(Action::Generate),
            };
            findings.push(
                "README.md",
                Span::at(0),
                "README.md is missing; generate it from the log's evidence",
                Some(fix),
            );
        }
    }
}
