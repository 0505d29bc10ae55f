//! The pytest command that a line of output shows: a trace of `set -x`, make's echo, what tox, nox and hatch print.

use std::sync::LazyLock;

use memchr::memmem;
use shell::{Command, PytestCommand, Word};
use text::Span;

use super::words;
use crate::line::Line;

/// Longest command line that is looked at.
const LONGEST: usize = 64 << 10;

/// The command of pytest that `line` shows; `None` where the words are only about pytest.
pub(crate) fn shown(line: &Line<'_>) -> Option<PytestCommand> {
    let text = line.text;
    if text.len() > LONGEST || !names_pytest(text) {
        return None;
    }
    let (from, certain) = decoration(text);
    let shown = text[from..]
        .trim_end()
        .trim_end_matches(['\\', ';', ' '])
        .trim_end();
    // Prompts and traces tell that it is a command; anything else must look like one by itself.
    if !certain && !looks_run(shown) {
        return None;
    }
    parse(shown, line.span(from..from + shown.len()))
}

/// Whether a text holds `pytest` or `py.test`.
fn names_pytest(text: &str) -> bool {
    static LAST: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("test"));
    LAST.find_iter(text.as_bytes())
        .any(|at| text[..at].ends_with("py") || text[..at].ends_with("py."))
}

/// The pytest command of a text that is a command line.
pub(crate) fn parse(text: &str, span: Span) -> Option<PytestCommand> {
    let mut command = Command {
        argv: words::split(text).into_iter().map(Word::Known).collect(),
        source: text.to_owned(),
        span,
        ..Command::default()
    };
    let inline = command
        .argv
        .iter()
        .take_while(|word| super::assignment(word.text()).is_some())
        .count();
    command.argv.drain(..inline);
    let mut found = shell::pytest_command(&command)?;
    text.clone_into(&mut found.source);
    found.span = span;
    found.path = String::new();
    Some(found)
}

/// What stands before a command that a tool prints, and whether it makes certain that a command follows.
fn decoration(text: &str) -> (usize, bool) {
    for prompt in [
        "+ ",
        "++ ",
        "$ ",
        "nox > ",
        "[command]",
        "##[command]",
        "> ",
    ] {
        if let Some(rest) = text.strip_prefix(prompt) {
            return (text.len() - rest.len(), prompt != "> " || looks_run(rest));
        }
    }
    let listed = text.contains('[');
    // tox 3 `py39 run-test: commands[0] | pytest`, tox 4 `py39: commands[0]> pytest`, hatch `cmd [1] | pytest`.
    for (mark, end) in [
        ("commands[", "] | "),
        ("commands[", "]> "),
        ("cmd [", "] | "),
    ] {
        if listed
            && let Some(at) = text.find(mark)
            && at < 80
            && let Some(close) = text[at..].find(end)
            && close < 16
        {
            return (at + close + end.len(), true);
        }
    }
    if let Some(note) = crate::pytest::ended_by_signal(text) {
        return (note.command, note.names_pytest());
    }
    // A prompt with a name: `user@host:~/project$ pytest`, `(venv) $ pytest`.
    if let Some(at) = text.find("$ ")
        && at < 60
        && looks_run(&text[at + 2..])
    {
        return (at + 2, true);
    }
    (text.len() - text.trim_start().len(), false)
}

/// Whether undecorated text is surely a command of pytest's, and no sentence or list entry about it.
fn looks_run(text: &str) -> bool {
    let mut words = text
        .split_ascii_whitespace()
        .skip_while(|word| super::assignment(word).is_some());
    let Some(first) = words.next() else {
        return false;
    };
    let program = first.rsplit(['/', '\\']).next().unwrap_or(first);
    let rest: Vec<&str> = words.take(6).collect();
    let module = |words: &[&str]| {
        words
            .windows(2)
            .any(|pair| pair[0] == "-m" && matches!(pair[1], "pytest" | "py.test"))
    };
    if program.starts_with("python") || program == "py" || program == "coverage" {
        return module(&rest);
    }
    if !matches!(program, "pytest" | "py.test" | "pytest.exe") {
        return false;
    }
    // `pytest  6.2.5  py38h578d9bd_3` is a list of packages, `pytest is not installed` is a sentence.
    text.trim_end() == first
        || rest.first().is_some_and(|word| {
            let is_path = word.contains('/') || word.ends_with(".py") || word.contains("::");
            let is_version = word.starts_with(|c: char| c.is_ascii_digit());
            let has_option = rest.iter().any(|word| {
                let option = word.trim_start_matches('-');
                option.len() < word.len() && option.starts_with(|c: char| c.is_ascii_alphabetic())
            });
            is_path || (has_option && !is_version) || word.starts_with("test")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<&str>) {
        let runs = [(0, 0)];
        let line = Line {
            number: 1,
            raw: Span::new(0, text.len()),
            text,
            runs: &runs,
        };
        let found = shown(&line);
        assert_eq!(found.as_ref().map(|command| command.source.as_str()), want);
        if let Some(found) = found {
            assert_eq!(found.span.of(text), found.source);
        }
    }

    #[test]
    fn tools_that_print_what_they_run() {
        check("+ python -m pytest tests", Some("python -m pytest tests"));
        check(
            "python -m pytest -v gammapy",
            Some("python -m pytest -v gammapy"),
        );
        check("py39 run-test: commands[0] | pytest -x", Some("pytest -x"));
        check("py39: commands[0]> pytest tests", Some("pytest tests"));
        check(
            "cmd [1] | coverage run -m pytest tests/unit",
            Some("coverage run -m pytest tests/unit"),
        );
        check("nox > pytest tests/unit -rs", Some("pytest tests/unit -rs"));
        check(
            "  pytest --tb=short -k 'a or b' tests; \\",
            Some("pytest --tb=short -k 'a or b' tests"),
        );
        check("ci@host:~/x$ pytest -q", Some("pytest -q"));
        check(
            "t.py::t /usr/bin/bash: line 1:  2034 Segmentation fault      (core dumped) A=1 pytest -x",
            Some("A=1 pytest -x"),
        );
    }

    #[test]
    fn words_about_pytest() {
        check(
            "  + pytest                         6.2.5  py38h578d9bd_3",
            None,
        );
        check("pytest 7.1.2", None);
        check("pytest is not installed", None);
        check("Collecting pytest", None);
        check(
            "nox > Command pytest tests -rs failed with exit code 1",
            None,
        );
        check("+ pip install pytest", None);
    }
}
