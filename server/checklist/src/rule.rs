//! The pattern of a rule: its page, its identity, its check.

use repro::{Evidence, Folder};
use text::Span;

use crate::finding::{Finding, Fix, Severity};
use crate::view::View;

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub folder: &'a Folder,
    /// What is known of the CI failure that the folder is about; a rule that lacks it stays silent.
    pub evidence: Option<&'a Evidence>,
    /// The most lines that a test may have.
    pub max_lines: u32,
    /// The most seconds that a run should take.
    pub max_seconds: u32,
}

/// Which rules apply, and how loud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Ids or their beginnings; empty selects all.
    pub select: Vec<String>,
    pub ignore: Vec<String>,
    /// By id.
    pub severity: Vec<(String, Severity)>,
}

impl Config {
    /// All rules, at their own severities.
    pub fn all() -> Self {
        Self {
            select: Vec::new(),
            ignore: Vec::new(),
            severity: Vec::new(),
        }
    }

    pub(crate) fn selects(&self, id: &str) -> bool {
        let names = |list: &[String]| list.iter().any(|prefix| id.starts_with(prefix.as_str()));
        (self.select.is_empty() || names(&self.select)) && !names(&self.ignore)
    }
}

/// A rule's identity and page.
#[derive(Debug, PartialEq, Eq)]
pub struct Info {
    /// `ENV001`: stable.
    pub id: &'static str,
    /// What is wrong, to read after "allow": `missing-variable`.
    pub name: &'static str,
    pub severity: Severity,
    /// Markdown: a first line that says what is wrong, then `## Why` and `## Example`.
    pub page: &'static str,
}

/// What `rule!` makes of a declaration.
pub(crate) trait Named {
    fn info(&self) -> &'static Info;
}

pub(crate) trait Rule: Named + Sync {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>);
}

/// Where a rule puts what it finds.
pub(crate) struct Findings<'a> {
    rule: &'static Info,
    severity: Severity,
    all: &'a mut Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(rule: &'static Info, config: &Config, all: &'a mut Vec<Finding>) -> Self {
        let configured = config.severity.iter().find(|(id, _)| id == rule.id);
        Self {
            rule,
            severity: configured.map_or(rule.severity, |(_, severity)| *severity),
            all,
        }
    }

    pub(crate) fn push(
        &mut self,
        path: &str,
        span: Span,
        message: impl Into<String>,
        fix: Option<Fix>,
    ) {
        self.push_as(self.severity, path, span, message, fix);
    }

    /// For a rule that has a milder form of itself; a configured severity applies to both.
    pub(crate) fn push_as(
        &mut self,
        severity: Severity,
        path: &str,
        span: Span,
        message: impl Into<String>,
        fix: Option<Fix>,
    ) {
        let severity = if self.severity == self.rule.severity {
            severity
        } else {
            self.severity
        };
        self.all.push(Finding {
            rule: self.rule,
            severity,
            message: message.into(),
            path: path.to_owned(),
            span,
            fix,
        });
    }
}

/// Declares a rule: its page as doc comment, then `Type = "ID", "name", Severity`.
macro_rules! rule {
    ($(#[doc = $line:literal])* $rule:ident = $id:literal, $name:literal, $severity:ident) => {
        $(#[doc = $line])*
        pub(crate) struct $rule;

        impl $crate::rule::Named for $rule {
            fn info(&self) -> &'static $crate::rule::Info {
                static INFO: $crate::rule::Info = $crate::rule::Info {
                    id: $id,
                    name: $name,
                    severity: $crate::finding::Severity::$severity,
                    page: concat!($($line, "\n"),*),
                };
                &INFO
            }
        }
    };
}
