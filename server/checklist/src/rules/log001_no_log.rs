use std::sync::LazyLock;

use regex::Regex;
use text::Span;

use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The folder has no CI log.
    ///
    /// ## Why
    /// Everything is compared with it: environment, error, failing line. Without it nobody can tell whether the repro is one.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log (missing)
    /// LOG001: the folder has no CI log; save the failing job's log in logs/
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- logs/ci.log
    /// all is well
    /// ```
    NoLog = "LOG001", "no-log", Error
}

impl Rule for NoLog {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let folder = subject.folder;
        let mut cited = false;
        for file in folder.readme.iter().chain(&folder.tests) {
            for found in CITED.find_iter(&file.text) {
                let name = found.as_str();
                let rest = &file.text[found.end()..];
                let before = file.text[..found.start()].chars().next_back();
                // What a run writes is VER001's; a log with a line, or in another folder, is one of the workspace.
                let elsewhere = rest.starts_with(':')
                    || before.is_some_and(|c| {
                        c.is_alphanumeric() || c == '/' && !parent(&file.text[..found.start()])
                    });
                let is_run = name.starts_with("logs/reproduction");
                if elsewhere || is_run || folder.logs.iter().any(|log| log.path == name) {
                    continue;
                }
                cited = true;
                let message = format!(
                    "`{name}` is cited and not there; save the failing job's log under that name"
                );
                findings.push(&file.path, found.range().into(), message, None);
            }
        }
        if folder.logs.is_empty() && !cited {
            let message = "the folder has no CI log; save the failing job's log in logs/";
            findings.push("logs/ci.log", Span::at(0), message, None);
        }
    }
}

static CITED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"logs/[A-Za-z0-9_][A-Za-z0-9_.-]*\.(?:log|txt)\b")
        .expect("the pattern is a constant")
});

/// `../logs/x.log` of a test, `./logs/x.log` of the README.
fn parent(before: &str) -> bool {
    before.ends_with("../") || before.ends_with(" ./") || before.ends_with("`./")
}
