//! Lists of variables that a job printed: `env`, `printenv`, `export -p`, `declare -x`, and log messages that say so.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// How many lines in a row must be `NAME=value` to be a list.
const SHORTEST: usize = 4;
/// Longest list that is kept.
const LONGEST: usize = 2000;

/// Gathers lines that may be a list of variables.
#[derive(Debug, Default)]
pub(crate) struct Gatherer<T> {
    lines: Vec<(String, String, T)>,
    /// Whether a name was there that every environment has.
    certain: bool,
}

impl<T> Gatherer<T> {
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Takes a line that is `NAME=value`.
    pub(crate) fn push(&mut self, name: &str, value: &str, place: T) {
        self.certain |= matches!(name, "PATH" | "HOME" | "PWD" | "SHLVL");
        if self.lines.len() < LONGEST {
            self.lines.push((name.to_owned(), value.to_owned(), place));
        }
    }

    /// The list is over: its variables, if it was one. `BASH_FUNC`s and the shell's own counters say nothing.
    pub(crate) fn end(&mut self) -> Vec<(String, String, T)> {
        let is_list = self.certain && self.lines.len() >= SHORTEST;
        self.certain = false;
        let lines = std::mem::take(&mut self.lines);
        if !is_list {
            return Vec::new();
        }
        lines
            .into_iter()
            .filter(|(name, _, _)| !matches!(name.as_str(), "_" | "SHLVL" | "OLDPWD"))
            .collect()
    }
}

/// `declare -x NAME="value"` of `export -p`: the words behind `-x`.
pub(crate) fn declared(text: &str) -> Option<&str> {
    ["declare -x ", "typeset -x "]
        .iter()
        .find_map(|head| text.strip_prefix(head))
}

/// `setting env var: NAME=value` and the like, wherever it stands in a line: where the assignment begins.
pub(crate) fn told(text: &str) -> Option<usize> {
    static ENV: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("env"));
    let at = ENV.find(text.as_bytes())?;
    let (before, after) = (text[..at].trim_end().to_ascii_lowercase(), &text[at..]);
    if !(before.ends_with("setting") || before.ends_with("set") || before.ends_with("export")) {
        return None;
    }
    let rest = ["environment variable", "env variable", "env var"]
        .iter()
        .find_map(|words| after.strip_prefix(words))?;
    let rest = rest.trim_start_matches([':', ' ']);
    super::assignment(rest).map(|_| text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_needs_a_name_that_all_have() {
        let mut gatherer = Gatherer::default();
        for name in ["A", "B", "C", "D"] {
            gatherer.push(name, "1", ());
        }
        assert!(gatherer.end().is_empty());
        for name in ["A", "HOME", "SHLVL", "D"] {
            gatherer.push(name, "1", ());
        }
        let names: Vec<String> = gatherer.end().into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["A", "HOME", "D"]);
        assert!(gatherer.is_empty());
    }

    #[test]
    fn a_message_that_tells() {
        let text = "INFO - setting env var: MESH_DEVICE=N300";
        assert_eq!(told(text).map(|at| &text[at..]), Some("MESH_DEVICE=N300"));
        assert_eq!(told("the environment variable A=1 is odd"), None);
    }
}
