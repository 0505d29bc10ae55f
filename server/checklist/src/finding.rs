//! Findings and their fixes, as data: whoever shows them decides how.

use text::Span;

use crate::rule::Info;

/// A rule that is not met, at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub rule: &'static Info,
    pub severity: Severity,
    /// What is wrong here, with names and values, and what to do; no full stop.
    pub message: String,
    /// The file, relative to the folder; of a file that is missing, where it should be.
    pub path: String,
    /// As narrow as the cause; empty at 0 for a file as a whole.
    pub span: Span,
    pub fix: Option<Fix>,
}

/// How bad a finding is, as in LSP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Information,
    Hint,
}

impl Severity {
    /// The word in configuration, JSON and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
            Self::Hint => "hint",
        }
    }

    /// The severity of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Error, Self::Warning, Self::Information, Self::Hint]
            .into_iter()
            .find(|severity| severity.name() == name)
    }
}

/// What would make a finding go away. Applying it twice changes nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// An imperative sentence without full stop: `Export ARCH_NAME`.
    pub title: String,
    /// Whether it can be applied without being looked at: it keeps what the script and the test do otherwise.
    pub safe: bool,
    pub edits: Vec<Edit>,
    /// What edits cannot do.
    pub action: Option<Action>,
}

impl Fix {
    /// A fix of one edit.
    pub(crate) fn edit(
        title: impl Into<String>,
        safe: bool,
        path: &str,
        span: Span,
        text: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            safe,
            edits: vec![Edit {
                path: path.to_owned(),
                span,
                text: text.into(),
            }],
            action: None,
        }
    }

    /// A fix that is more than edits.
    pub(crate) fn action(title: impl Into<String>, safe: bool, action: Action) -> Self {
        Self {
            title: title.into(),
            safe,
            edits: Vec::new(),
            action: Some(action),
        }
    }
}

/// Replaces a byte range of a file; a file that is not there is made of the edit's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Relative to the folder.
    pub path: String,
    pub span: Span,
    pub text: String,
}

/// What a fix does besides editing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Make the file of the finding executable.
    MakeExecutable,
    /// Generate what is missing in the folder.
    Generate,
    /// Run the repro and compare.
    Verify,
    /// Shrink the test.
    Minimize,
}
