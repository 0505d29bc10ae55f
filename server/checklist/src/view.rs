//! A subject with what several rules ask of it, computed once.

use std::cell::OnceCell;
use std::ops::Deref;

use python::review::{Environ, Review, review};
use repro::FolderFile;
use shell::script::{AfterFailure, Script, after_failure, inspect};
use shell::{Assignment, Command, Context, Launcher, PytestCommand, pytest_command};
use text::{Span, Value, Variable, is_secret_name};

use crate::generated::Generated;
use crate::rule::Subject;

/// Where the script is supposed to stand, and the folder that it is started from: two that differ show what depends on which.
pub(crate) const HOME: &str = "/repro-folder";
pub(crate) const ELSEWHERE: &str = "/started-elsewhere";

/// A subject as the rules see it.
pub(crate) struct View<'a> {
    subject: Subject<'a>,
    script: OnceCell<Option<ScriptView<'a>>>,
    python: OnceCell<Vec<(&'a FolderFile, Review)>>,
    wanted: OnceCell<Vec<repro::Wanted>>,
    generated: OnceCell<Option<Generated>>,
}

impl<'a> Deref for View<'a> {
    type Target = Subject<'a>;

    fn deref(&self) -> &Subject<'a> {
        &self.subject
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(subject: Subject<'a>) -> Self {
        Self {
            subject,
            script: OnceCell::new(),
            python: OnceCell::new(),
            wanted: OnceCell::new(),
            generated: OnceCell::new(),
        }
    }

    /// `run_test.sh`, followed; `None` where there is none.
    pub(crate) fn script(&self) -> Option<&ScriptView<'a>> {
        self.script
            .get_or_init(|| {
                let file = self.subject.folder.script.as_ref()?;
                Some(ScriptView::of(self.subject, file, &file.text))
            })
            .as_ref()
    }

    /// The Python files of the folder, looked at.
    pub(crate) fn python(&self) -> &[(&'a FolderFile, Review)] {
        self.python.get_or_init(|| {
            let files = self.subject.folder.tests.iter();
            files.map(|file| (file, review(&file.text))).collect()
        })
    }

    /// Those of them that hold tests.
    pub(crate) fn tests(&self) -> impl Iterator<Item = &(&'a FolderFile, Review)> {
        self.python().iter().filter(|(file, review)| {
            !file.path.ends_with("conftest.py")
                && !file.path.ends_with("__init__.py")
                && !review.tests.is_empty()
        })
    }

    /// Whether it is files as they stand that failed, which no test can show.
    pub(crate) fn is_of_files(&self) -> bool {
        self.subject.evidence.is_some_and(repro::is_of_files)
    }

    /// The CI job's variables that the test can see.
    pub(crate) fn variables(&self) -> &'a [Variable] {
        let configuration = self
            .subject
            .evidence
            .and_then(|it| it.configurations.first());
        configuration.map_or(&[], |it| it.variables.as_slice())
    }

    /// The line that a generated script sets the variable with, and where it was read; `None` where it leaves it out.
    pub(crate) fn wanted(&self, variable: &str) -> Option<(&str, &str)> {
        let wanted = self.wanted.get_or_init(|| {
            let texts = self.subject.folder.tests.iter().map(|it| &*it.text);
            let code: String = texts.collect();
            let evidence = self.subject.evidence;
            evidence.map_or_else(Vec::new, |evidence| repro::wanted(evidence, &code))
        });
        let wanted = wanted.iter().find(|it| it.name == variable)?;
        Some((wanted.line.as_deref()?, &wanted.origin))
    }

    /// What the generator writes for the same failure.
    pub(crate) fn generated(&self) -> Option<&Generated> {
        self.generated
            .get_or_init(|| Some(Generated::of(self.subject.evidence?, &self.subject)))
            .as_ref()
    }

    /// CI's pytest command.
    pub(crate) fn command(&self) -> Option<&'a PytestCommand> {
        let evidence = self.subject.evidence?;
        let configured = evidence
            .configurations
            .first()
            .and_then(|it| it.command.as_ref());
        configured
            .map(|(command, _)| command)
            .or(evidence.session.as_ref().and_then(|it| it.command.as_ref()))
            .or(evidence.step.as_ref().and_then(|it| it.command.as_ref()))
    }

    /// Where a Python file of the folder sets the variable (`os.environ[...] = ...`, `monkeypatch.setenv`).
    pub(crate) fn set_in_python(&self, variable: &str) -> Option<(&'a FolderFile, &Environ)> {
        self.python().iter().find_map(|(file, review)| {
            let set = review.environ.iter().find(|it| it.name == variable)?;
            Some((*file, set))
        })
    }

    /// Whether a Python file of the folder takes care of the variable, in whichever way.
    pub(crate) fn handled_in_python(&self, variable: &str) -> bool {
        let stands_in = |text: &str| match variable {
            "PYTHONPATH" => text.contains("sys.path"),
            _ => text.contains("environ.update(") && text.contains(variable),
        };
        self.set_in_python(variable).is_some()
            || self
                .subject
                .folder
                .tests
                .iter()
                .any(|test| stands_in(&test.text))
    }

    /// Whether a Python file of the folder has the variable's name anywhere.
    pub(crate) fn named_in_python(&self, variable: &str) -> bool {
        let mut tests = self.subject.folder.tests.iter();
        tests.any(|test| test.text.contains(variable))
    }
}

/// A script and what it does.
pub(crate) struct ScriptView<'a> {
    pub(crate) file: &'a FolderFile,
    pub(crate) script: Script,
    /// The commands that run pytest, by their index.
    pytest: Vec<(usize, PytestCommand)>,
    /// What follows when pytest fails; `None` where the script runs no pytest.
    pub(crate) after: Option<AfterFailure>,
}

impl<'a> ScriptView<'a> {
    /// `text` instead of the file's own: to see what a fix would give.
    pub(crate) fn of(subject: Subject<'a>, file: &'a FolderFile, text: &str) -> Self {
        let read = |name: &str| {
            let path = name.strip_prefix(HOME).unwrap_or(name);
            let path = path.trim_start_matches("./").trim_start_matches('/');
            let others = subject.folder.others.iter();
            let found = others.clone().find(|other| other.path == path);
            found.map(|other| (other.text.to_string(), other.path.clone()))
        };
        let ctx = Context {
            env: &[],
            arguments: &[],
            cwd: Some(ELSEWHERE),
            read: &read,
        };
        let path = format!("{HOME}/run_test.sh");
        let script = inspect(text, Some(&path), &ctx);
        let tests = &subject.folder.tests;
        let runs = |it: &Command| pytest_command(it).or_else(|| started_by_its_file(it, tests));
        let after = after_failure(text, Some(&path), &ctx, &|it| runs(it).is_some());
        let commands = script.evaluation.commands.iter().enumerate();
        let pytest = commands.filter_map(|(at, command)| Some((at, runs(command)?)));
        Self {
            file,
            pytest: pytest.collect(),
            script,
            after,
        }
    }

    /// The commands that run pytest, with their parts.
    pub(crate) fn pytest(&self) -> impl Iterator<Item = (&Command, &PytestCommand)> {
        let commands = &self.script.evaluation.commands;
        self.pytest
            .iter()
            .map(|(at, pytest)| (&commands[*at], pytest))
    }

    /// The first pytest command of the script's own text.
    pub(crate) fn own_pytest(&self) -> Option<(&Command, &PytestCommand)> {
        self.pytest().find(|(command, _)| command.path.is_empty())
    }

    /// Whether pytest may get variables that nobody can name.
    pub(crate) fn may_set_more(&self) -> bool {
        let pytest = self.own_pytest().or_else(|| self.pytest().next());
        let command = pytest.map(|(command, _)| command);
        command
            .or(self.script.evaluation.commands.last())
            .is_some_and(|it| it.open)
    }

    /// The variable as pytest sees it; where no pytest is seen, as the script leaves it.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        let command = self.own_pytest().or_else(|| self.pytest().next());
        match command {
            Some((command, _)) => {
                let mut seen = command.environment.iter();
                seen.find(|(other, _)| other == name)
                    .map(|(_, value)| value)
            }
            None => self.assignment(name).map(|it| &it.value),
        }
    }

    /// The assignment in effect: the last one, or one before the pytest command itself.
    pub(crate) fn assignment(&self, name: &str) -> Option<&Assignment> {
        let inline = self.pytest().flat_map(|(command, _)| &command.env);
        inline
            .into_iter()
            .find(|it| it.name == name)
            .or_else(|| self.script.exports().into_iter().find(|it| it.name == name))
    }

    /// Where an export of `name` belongs: after the last one that always runs (in its place where they are in order), else
    /// before pytest, else at the end. The offset is a line's start; the second part is that line's indentation, the third
    /// whether the neighbour quotes plain values.
    pub(crate) fn export_place(&self, name: &str) -> (usize, String, bool) {
        let text = &*self.file.text;
        let pytest = self.own_pytest().map(|(command, _)| command.span.start);
        let exports = self.script.exports().into_iter();
        let mut before: Vec<&Assignment> = exports
            .filter(|it| it.path.is_empty() && !it.conditional)
            .filter(|it| pytest.is_none_or(|at| it.span.end <= at))
            .collect();
        before.sort_by_key(|it| it.span.end);
        if let Some(last) = before.last() {
            let indent = indentation(text, line_start(text, last.span.start));
            let written = last.value_span.of(text);
            let quotes = written.starts_with('"') && !written.contains('$');
            let ordered = before.len() > 2 && before.is_sorted_by_key(|it| &it.name);
            let next = before
                .iter()
                .find(|it| ordered && it.name.as_str() > name)
                .map(|it| line_start(text, it.span.start));
            let at = next.unwrap_or_else(|| next_line(text, last.span.end));
            return (at, indent, quotes);
        }
        match pytest {
            Some(at) => {
                let start = line_start(text, at);
                (start, indentation(text, start), false)
            }
            None => (text.len(), String::new(), false),
        }
    }

    /// The end of the word `pytest` in a command: where arguments begin.
    pub(crate) fn arguments_start(&self, command: &Command) -> Option<usize> {
        let source = command.span.of(&self.file.text);
        let found = source
            .match_indices("pytest")
            .map(|(at, word)| at + word.len());
        let mut ends = found.filter(|end| {
            source[*end..]
                .chars()
                .next()
                .is_none_or(char::is_whitespace)
        });
        ends.next().map(|end| command.span.start + end)
    }

    /// What a finding about the script as a whole is shown at: the pytest command, or nothing.
    pub(crate) fn pytest_span(&self) -> Span {
        self.own_pytest().map_or(Span::at(0), |(command, _)| {
            first_line(&self.file.text, command.span)
        })
    }
}

/// `python tests/test_a_repro.py`, of a file that calls `pytest.main`, as the pytest command that it is.
fn started_by_its_file(command: &Command, tests: &[FolderFile]) -> Option<PytestCommand> {
    let words: Vec<String> = command.argv.iter().map(|it| it.text().to_owned()).collect();
    let name = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let python = words.iter().position(|it| name(it).starts_with("python"))?;
    let is_test = |word: &String| {
        let mut tests = tests.iter().filter(|it| it.text.contains("pytest.main("));
        tests.any(|it| name(&it.path) == name(word))
    };
    let file = python + words[python..].iter().position(is_test)?;
    Some(PytestCommand {
        source: command.source.clone(),
        argv: words[python..].to_vec(),
        launcher: Launcher::Module,
        wrapper: words[..python].to_vec(),
        paths: vec![words[file].clone()],
        cwd: command.cwd.clone(),
        path: command.path.clone(),
        span: command.span,
        ..PytestCommand::default()
    })
}

/// Whether a value must come from the person: CI masks it, or its name says so.
pub(crate) fn is_secret(variable: &Variable) -> bool {
    matches!(variable.value, Value::Masked(_)) || is_secret_name(&variable.name)
}

/// The value as a path of the machine that it was read on.
pub(crate) fn is_machine_path(value: &str) -> bool {
    let system = [
        "/usr", "/bin", "/lib", "/etc", "/dev", "/proc", "/sys", "/tmp", "/var", HOME, ELSEWHERE,
    ];
    value.split(':').any(|part| {
        part.len() > 1
            && part.starts_with('/')
            && !part.starts_with("//")
            && !system.iter().any(|folder| {
                part.strip_prefix(folder)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    })
}

pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at.min(text.len())]
        .rfind('\n')
        .map_or(0, |line| line + 1)
}

/// The start of the line after the one that `at` is on.
pub(crate) fn next_line(text: &str, at: usize) -> usize {
    text[at.min(text.len())..]
        .find('\n')
        .map_or(text.len(), |end| at + end + 1)
}

pub(crate) fn indentation(text: &str, start: usize) -> String {
    text[start..]
        .chars()
        .take_while(|c| *c == ' ' || *c == '\t')
        .collect()
}

/// A span cut at the end of its first line.
pub(crate) fn first_line(text: &str, span: Span) -> Span {
    let line = span.of(text).lines().next().unwrap_or_default();
    Span::new(span.start, span.start + line.len())
}

/// Lines to insert at a line's start; at the end of a text that has no line end, one is put before.
pub(crate) fn inserted(text: &str, at: usize, lines: &str) -> String {
    let open = at == text.len() && !text.is_empty() && !text.ends_with('\n');
    format!("{}{lines}\n", if open { "\n" } else { "" })
}

/// Whether an expression is made of literals alone: with a name in it (`[4, WIDE]`) its text does not tell its value.
pub(crate) fn is_literal(expression: &str) -> bool {
    let mut outside_strings = String::new();
    let mut quote = None;
    let mut characters = expression.chars();
    while let Some(c) = characters.next() {
        match quote {
            // What a backslash stands before does not end the string.
            Some(_) if c == '\\' => drop(characters.next()),
            Some(end) if c == end => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None => outside_strings.push(c),
        }
    }
    outside_strings
        .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.')
        .filter(|word| !word.is_empty())
        .all(|word| {
            word.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                || matches!(word, "True" | "False" | "None")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_literal() {
        for literal in [
            "[4, 32]",
            "-1",
            "1e-5",
            "('a b', None)",
            "{\"x\": True}",
            r"'it\'s'",
        ] {
            assert!(is_literal(literal), "{literal}");
        }
        for other in ["[4, WIDE]", "torch.bfloat16", "f(3)"] {
            assert!(!is_literal(other), "{other}");
        }
    }
}
