//! A subject with what several rules ask of it, computed once.

use std::cell::OnceCell;
use std::ops::Deref;

use python::review::{Review, review};
use repro::FolderFile;
use shell::script::{AfterFailure, Script, after_failure, inspect};
use shell::{Assignment, Command, Context, PytestCommand, pytest_command};
use text::{Span, Value, Variable, is_secret_name};

use crate::rule::Subject;

/// Where the script is supposed to stand, and the folder that it is started from: two that differ show what depends on which.
pub(crate) const HOME: &str = "/repro-folder";
pub(crate) const ELSEWHERE: &str = "/started-elsewhere";

/// A subject as the rules see it.
pub(crate) struct View<'a> {
    subject: Subject<'a>,
    script: OnceCell<Option<ScriptView<'a>>>,
    tests: OnceCell<Vec<(&'a FolderFile, Review)>>,
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
            tests: OnceCell::new(),
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

    /// The test files of the folder, looked at.
    pub(crate) fn tests(&self) -> &[(&'a FolderFile, Review)] {
        self.tests.get_or_init(|| {
            let files = self.subject.folder.tests.iter();
            let tests = files.filter(|file| {
                !file.path.ends_with("conftest.py") && !file.path.ends_with("__init__.py")
            });
            tests
                .map(|file| (file, review(&file.path, file.text.clone())))
                .filter(|(_, review)| !review.tests.is_empty())
                .collect()
        })
    }

    /// The CI job's variables that the test can see.
    pub(crate) fn variables(&self) -> &'a [Variable] {
        let configuration = self
            .subject
            .evidence
            .and_then(|it| it.configurations.first());
        configuration.map_or(&[], |it| it.variables.as_slice())
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

    /// Whether a test of the folder sets the variable itself (`os.environ[...] = ...`, `monkeypatch.setenv`).
    pub(crate) fn test_names(&self, variable: &str) -> bool {
        self.subject
            .folder
            .tests
            .iter()
            .any(|test| test.text.contains(variable))
    }
}

/// A script and what it does.
pub(crate) struct ScriptView<'a> {
    pub(crate) file: &'a FolderFile,
    pub(crate) script: Script,
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
        let after = after_failure(text, Some(&path), &ctx, &|it| pytest_command(it).is_some());
        Self {
            file,
            script,
            after,
        }
    }

    /// The commands that run pytest, with their parts.
    pub(crate) fn pytest(&self) -> Vec<(&Command, PytestCommand)> {
        let commands = self.script.evaluation.commands.iter();
        commands
            .filter_map(|command| Some((command, pytest_command(command)?)))
            .collect()
    }

    /// The first pytest command of the script's own text.
    pub(crate) fn own_pytest(&self) -> Option<(&Command, PytestCommand)> {
        self.pytest()
            .into_iter()
            .find(|(command, _)| command.path.is_empty())
    }

    /// The variable as pytest sees it.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        let commands = self.script.evaluation.commands.iter();
        let pytest = commands.filter(|command| pytest_command(command).is_some());
        let seen = pytest
            .flat_map(|command| &command.environment)
            .find(|(other, _)| other == name);
        seen.map(|(_, value)| value)
            .or_else(|| self.assignment(name).map(|it| &it.value))
    }

    /// The assignment in effect: the last one, or one before the pytest command itself.
    pub(crate) fn assignment(&self, name: &str) -> Option<&Assignment> {
        let inline = self.script.evaluation.commands.iter();
        inline
            .filter(|command| pytest_command(command).is_some())
            .flat_map(|command| &command.env)
            .find(|it| it.name == name)
            .or_else(|| self.script.exports().into_iter().find(|it| it.name == name))
    }

    /// Where another export belongs: after the last one that always runs, else before pytest, else at the end. The offset is a
    /// line's start; the second part is that line's indentation, the third whether the neighbour quotes plain values.
    pub(crate) fn export_place(&self) -> (usize, String, bool) {
        let text = &*self.file.text;
        let pytest = self.own_pytest().map(|(command, _)| command.span.start);
        let exports = self.script.exports().into_iter();
        let last = exports
            .filter(|it| it.path.is_empty() && !it.conditional)
            .filter(|it| pytest.is_none_or(|at| it.span.end <= at))
            .max_by_key(|it| it.span.end);
        match (last, pytest) {
            (Some(export), _) => {
                let indent = indentation(text, line_start(text, export.span.start));
                let quotes = export.value_span.of(text).starts_with('"');
                (next_line(text, export.span.end), indent, quotes)
            }
            (None, Some(at)) => {
                let start = line_start(text, at);
                (start, indentation(text, start), false)
            }
            (None, None) => (text.len(), String::new(), false),
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

/// A one-line text for a comment: where a variable was read.
pub(crate) fn origin(variable: &Variable) -> String {
    let origin = &variable.origin;
    let place: String = origin.path.chars().filter(|c| !c.is_control()).collect();
    match (place.is_empty(), origin.line) {
        (true, 0) => origin.kind.name().to_owned(),
        (true, line) => format!("{}, log line {line}", origin.kind.name()),
        (false, line) => format!("{}, {place}:{line}", origin.kind.name()),
    }
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
