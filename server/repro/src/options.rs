//! Options that a `conftest.py` of the tests defines, and that the repro's place cannot see.
//!
//! pytest takes `pytest_addoption` from the conftest files above its arguments. The repro stands elsewhere, so that a flag of CI,
//! or a fixture that asks for an option, would not be known there: the conftest that defines it is then named as a plugin.

use std::sync::LazyLock;

use regex::Regex;

use crate::environment::mentions;
use crate::places::{Places, WORKSPACE, relative};
use crate::quote::{CommentText, ShellWord};
use crate::{Config, Evidence, command, ini};

/// A `conftest.py` above the original test that defines options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conftest {
    /// Its folder, relative to the workspace.
    pub folder: String,
    /// The folder that has to be on `sys.path` for `module` to be found.
    pub import_root: String,
    pub module: String,
    /// `--device-id`, and names of `addini`.
    pub options: Vec<String>,
}

/// The names that a conftest's text defines with `addoption` and `addini`.
pub fn options_of(text: &str) -> Vec<String> {
    static DEFINED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"\badd(?:option|ini)\(\s*((?:["'][0-9A-Za-z_\u{80}-\u{10FFFF}-]+["']\s*,?\s*)+)"#,
        )
        .expect("the pattern is a constant")
    });
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"["']([0-9A-Za-z_\u{80}-\u{10FFFF}-]+)["']"#)
            .expect("the pattern is a constant")
    });
    // Most conftests define none, and the patterns take longer to make than to use.
    if !text.contains("addoption") && !text.contains("addini") {
        return Vec::new();
    }
    DEFINED
        .captures_iter(text)
        .flat_map(|call| {
            let is_option = call[1].starts_with(['"', '\'']) && call[1][1..].starts_with('-');
            let names: Vec<String> = NAME
                .captures_iter(&call[1])
                .map(|name| name[1].to_owned())
                .collect();
            // Of `addini` the name comes first and its help after it.
            let count = if is_option { names.len() } else { 1 };
            names.into_iter().take(count)
        })
        .collect()
}

/// What the script needs for them: lines that make them importable, with their comments, and pytest's arguments.
#[derive(Debug, Default)]
pub(crate) struct Plugins {
    pub(crate) exports: Vec<(String, CommentText)>,
    pub(crate) arguments: Vec<String>,
}

/// The conftests that the repro has to be told of: one of their options is in CI's command, or the test asks for it.
pub(crate) fn plugins(
    evidence: &Evidence,
    config: &Config,
    code: &str,
    places: &Places,
) -> Plugins {
    let mut plugins = Plugins::default();
    let given = given(evidence);
    let root = match config.root.starts_with('/') {
        true => None,
        false => relative(&config.root),
    };
    for conftest in &evidence.conftests {
        let is_above = |folder: &str, path: &str| {
            folder.is_empty()
                || path
                    .strip_prefix(folder)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_visible = root
            .as_deref()
            .is_some_and(|root| is_above(&conftest.folder, root));
        let was_visible = is_above(&places.rootdir, &conftest.folder);
        let is_asked_for = |option: &String| {
            let name = option.trim_start_matches('-');
            given.iter().any(|flag| flag == option)
                || code.contains("config")
                    && (mentions(code, name) || mentions(code, &name.replace('-', "_")))
        };
        if is_visible || !was_visible || !conftest.options.iter().any(is_asked_for) {
            continue;
        }
        let word = ShellWord::below(WORKSPACE, &conftest.import_root);
        let word = word.before_callers("PYTHONPATH", ':');
        let path = format!("{}/conftest.py", conftest.folder);
        plugins.exports.push((
            format!("export PYTHONPATH={word}"),
            CommentText::new(&format!("{path} defines options that are needed"), 200),
        ));
        plugins
            .arguments
            .push(format!("-p {}", ShellWord::new(&conftest.module)));
    }
    plugins
}

/// The names of the flags that pytest gets: of CI's command line and of `addopts`.
fn given(evidence: &Evidence) -> Vec<String> {
    let command = command::of(evidence);
    let flags = command.iter().flat_map(|it| &it.outcome_flags);
    let add_opts = evidence
        .ini
        .as_ref()
        .and_then(|(path, text)| ini::words(path, text, "addopts"));
    flags
        .flatten()
        .cloned()
        .chain(add_opts.into_iter().flatten())
        .filter(|word| word.starts_with('-'))
        .map(|word| word.split('=').next().unwrap_or_default().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_options() {
        let text = "def pytest_addoption(parser):\n    parser.addoption('--device-id', type=int, default=0)\n    group = parser.getgroup('x')\n    group.addoption(\n        \"--slow\", \"-S\", action='store_true'\n    )\n    parser.addini('seed', 'help of it')\n";
        assert_eq!(options_of(text), ["--device-id", "--slow", "-S", "seed"]);
        assert!(options_of("x = 1").is_empty());
    }
}
