//! What the generator would write for the same failure: where fixes take their texts from.

use python::Slice;
use repro::{Config, Evidence};

use crate::readme::{find, sections};
use crate::rule::Subject;

const QUOTES: &str = "\"\"\"";

/// The texts of a generated folder.
#[derive(Debug)]
pub(crate) struct Generated {
    readme: String,
    test: String,
}

impl Generated {
    pub(crate) fn of(evidence: &Evidence, subject: &Subject<'_>) -> Self {
        let path = &subject.folder.path;
        let (root, name) = path.rsplit_once('/').unwrap_or(("", path));
        let config = Config {
            workspace: String::new(),
            root: root.to_owned(),
            name: name.to_owned(),
            venv: Vec::new(),
            max_seconds: subject.max_seconds,
            runs_original: false,
            templates: Vec::new(),
        };
        // The test is the person's own: only what is said of it is taken.
        let slice = Slice {
            code: "def test_repro():\n    pass\n".to_owned(),
            ..Slice::default()
        };
        let files = repro::generate(evidence, &slice, &config);
        Self {
            readme: files.readme,
            test: files.test,
        }
    }

    /// What stands in a section of the README, without what stands in sections of their own below it.
    pub(crate) fn section(&self, title: &str) -> Option<&str> {
        let sections = sections(&self.readme);
        let section = find(&sections, title)?;
        let body = section.body.of(&self.readme);
        let own = body.split("\n### ").next().unwrap_or_default().trim();
        (!own.is_empty()).then_some(own)
    }

    /// The line of the docstring that starts with that label: `Error: ...`.
    pub(crate) fn docstring_line(&self, label: &str) -> Option<&str> {
        // The first one stands right behind the quotes, the last one right before them.
        let mut lines = self.docstring()?.split(QUOTES).nth(1)?.lines();
        lines.find(|line| line.to_lowercase().starts_with(&format!("{label}:")))
    }

    /// The docstring alone, quotes and all.
    pub(crate) fn docstring(&self) -> Option<&str> {
        let start = self.test.find(QUOTES)? + QUOTES.len();
        let end = start + self.test[start..].find(QUOTES)? + QUOTES.len();
        Some(&self.test[..end])
    }
}
