//! `$name` and `${name...}`.

mod change;
mod found;

use std::rc::Rc;

use text::{Span, Value};

use self::found::Found;
use super::{Part, expanded, joined};
use crate::run::{Machine, Source};
use crate::{ReadKind, VariableRead};

/// Reads of variables are at most so many; those behind them are not told.
const MAX_READS: usize = 10_000;

/// An expansion, as it stands in a text.
#[derive(Clone, Copy)]
pub(super) struct Expansion<'a> {
    pub(super) written: &'a str,
    pub(super) span: Span,
    pub(super) quoted: bool,
    pub(super) source: &'a Rc<Source>,
}

impl Expansion<'_> {
    /// What it becomes where its value is not known.
    fn unknown(&self) -> Vec<Part> {
        vec![Part::Unknown(self.written.to_owned())]
    }
}

impl Machine<'_> {
    /// `$name`, as written.
    pub(super) fn plain_parameter(&mut self, name: &str, at: Expansion<'_>) -> Vec<Part> {
        let found = self.read(name, None, ReadKind::Plain, at);
        self.give(found, name, at.quoted && name == "*", at)
    }

    /// `${...}`: `inner` is what stands between the braces.
    pub(super) fn parameter(&mut self, inner: &str, at: Expansion<'_>) -> Vec<Part> {
        if let Some(rest) = inner.strip_prefix('#')
            && let (name, index, "") = head(rest)
            && !name.is_empty()
        {
            let length = match self.read(name, index, ReadKind::Plain, at) {
                Found::One(value) => value.known().map(|it| it.chars().count()),
                Found::Many(values) => Some(values.len()),
                Found::Unset => Some(0),
                Found::Absent => None,
            };
            return vec![expanded(
                length.map(|it| it.to_string()),
                at.written,
                at.quoted,
            )];
        }
        if let Some(rest) = inner.strip_prefix('!') {
            let (name, index, after) = head(rest);
            let target = match self.read(name, index, ReadKind::Plain, at) {
                Found::One(value) if !after.starts_with(['*', '@']) => value
                    .known()
                    .filter(|it| crate::path::is_name(it))
                    .map(str::to_owned),
                _ => None,
            };
            return match target {
                Some(target) => self.changed(&format!("{target}{after}"), None, at),
                None => at.unknown(),
            };
        }
        self.changed(inner, Some(at.span.start + 2), at)
    }

    /// `name[index]operation`, with its place where it has one of its own.
    fn changed(&mut self, inner: &str, base: Option<usize>, at: Expansion<'_>) -> Vec<Part> {
        let (name, index, operation) = head(inner);
        if name.is_empty() {
            return at.unknown();
        }
        let offset = base.map_or(at.span.start, |base| base + inner.len() - operation.len());
        let kind = match operation.trim_start_matches(':').chars().next() {
            Some('-' | '=' | '+') if operation.len() < 2 || !is_offset(operation) => {
                ReadKind::Default
            }
            Some('?') => ReadKind::Required,
            _ => ReadKind::Plain,
        };
        let found = self.read(name, index, kind, at);
        let star = at.quoted && (name == "*" || index == Some("*"));
        if operation.is_empty() {
            return self.give(found, name, star, at);
        }
        let sign = operation.strip_prefix(':').unwrap_or(operation);
        if sign.starts_with(['-', '=', '+', '?']) && !is_offset(operation) {
            return self.default(found, name, operation, offset, star, at);
        }
        let value = match &found {
            Found::One(value) => value.known(),
            Found::Unset => Some(""),
            Found::Many(values) => {
                return match self.slice(values, operation, offset, at.source) {
                    Some(values) => self.give(Found::Many(values), name, star, at),
                    None => at.unknown(),
                };
            }
            Found::Absent => None,
        };
        let value = value.and_then(|it| self.change(it, operation, offset, at.source));
        vec![expanded(value, at.written, at.quoted)]
    }

    /// `:-`, `:=`, `:+`, `:?`, and the same without the colon, where an empty value counts as one.
    fn default(
        &mut self,
        found: Found,
        name: &str,
        operation: &str,
        offset: usize,
        star: bool,
        at: Expansion<'_>,
    ) -> Vec<Part> {
        let colon = operation.starts_with(':');
        let sign = operation.as_bytes()[usize::from(colon)];
        let word = &operation[1 + usize::from(colon)..];
        let offset = offset + 1 + usize::from(colon);
        let set = match &found {
            Found::One(Value::Known(value) | Value::Masked(value)) => {
                Some(!colon || !value.is_empty())
            }
            Found::One(Value::Unresolved(_)) if colon => None,
            Found::One(Value::Unresolved(text)) => (!text.contains("unset")).then_some(true),
            Found::Many(values) => Some(!values.is_empty()),
            Found::Unset => Some(false),
            Found::Absent if is_given(name) => None,
            Found::Absent => {
                self.assumed = true;
                Some(false)
            }
        };
        if matches!(sign, b'-' | b'=') && self.assigning.as_deref().is_none_or(|it| it == name) {
            self.overridable = true;
        }
        match (sign, set) {
            (_, None) | (b'?', Some(false)) => at.unknown(),
            (b'+', Some(true)) => self.inner(word, offset, at),
            (b'+', Some(false)) => Vec::new(),
            (_, Some(true)) => self.give(found, name, star, at),
            (_, Some(false)) => {
                let value = self.inner(word, offset, at);
                if sign == b'=' {
                    let assigned = match joined(&value) {
                        Some(text) => Value::printed(text),
                        None => Value::Unresolved(word.to_owned()),
                    };
                    let span = Span::new(offset, offset + word.len());
                    self.assign_default(name, assigned, span, at.written.len(), at.source);
                }
                value
            }
        }
    }

    /// The word of `${name:-word}`: outside quotes it is split as an expansion is.
    fn inner(&mut self, word: &str, base: usize, at: Expansion<'_>) -> Vec<Part> {
        if at.quoted {
            // Within quotes, a quoted word in it is still quoted: `"${A:-"b c"}"`.
            return match word.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
                Some(inner) => self.parts(inner, base + 1, true, at.source),
                None => self.parts(word, base, true, at.source),
            };
        }
        let parts = self.parts(word, base, false, at.source).into_iter();
        parts
            .map(|part| match part {
                Part::Text {
                    text,
                    quoted: false,
                } => Part::Split(text),
                part => part,
            })
            .collect()
    }

    /// The parts that an expansion to its value becomes; `star` where elements are joined to one text.
    fn give(&mut self, found: Found, name: &str, star: bool, at: Expansion<'_>) -> Vec<Part> {
        let quoted = at.quoted;
        let part = |value: Value, is_element: bool| match value {
            Value::Known(text) | Value::Masked(text) if quoted => Part::Text { text, quoted },
            Value::Known(text) | Value::Masked(text) => Part::Split(text),
            // An argument stands for what the caller wrote; its own name says nothing.
            Value::Unresolved(text) if is_element || name.parse::<usize>().is_ok() => {
                Part::Unknown(text)
            }
            Value::Unresolved(_) => Part::Unknown(at.written.to_owned()),
        };
        let text = |text: &str| Part::Text {
            text: text.to_owned(),
            quoted,
        };
        match found {
            Found::One(value) => vec![part(value, false)],
            Found::Unset if quoted => vec![text("")],
            Found::Unset => Vec::new(),
            Found::Many(values) => {
                let between = if star { text(" ") } else { Part::Break };
                let mut parts = Vec::new();
                for value in values {
                    if !parts.is_empty() {
                        parts.push(between.clone());
                    }
                    parts.push(part(value, true));
                }
                parts
            }
            // `A=$A:x` adds to a list that is mostly not set.
            Found::Absent if self.assigning.as_deref() == Some(name) && !is_given(name) => {
                self.assumed = true;
                Vec::new()
            }
            Found::Absent => at.unknown(),
        }
    }

    /// What a parameter is; that it was asked for is kept.
    fn read(
        &mut self,
        name: &str,
        index: Option<&str>,
        kind: ReadKind,
        at: Expansion<'_>,
    ) -> Found {
        let read = VariableRead {
            name: name.to_owned(),
            kind,
            path: at.source.path.clone(),
            span: at.source.span(at.span),
        };
        if self.reads.len() < MAX_READS && self.reads.last() != Some(&read) {
            self.reads.push(read);
        }
        self.find(name, index, at.source)
    }
}

/// A name, the index after it, and the rest.
fn head(text: &str) -> (&str, Option<&str>, &str) {
    let end = match text.chars().next() {
        Some(c) if "@*?$!-#".contains(c) => 1,
        _ => text
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(text.len()),
    };
    let (name, rest) = text.split_at(end);
    if let Some(inner) = rest.strip_prefix('[')
        && let Some(close) = inner.find(']')
    {
        return (name, Some(&inner[..close]), &inner[close + 1..]);
    }
    (name, None, rest)
}

/// `: -1` and `:1` are places in the value; `:-1` is a default.
fn is_offset(operation: &str) -> bool {
    operation
        .strip_prefix(':')
        .is_some_and(|rest| !rest.starts_with(['-', '=', '+', '?']))
}

/// Names that the system, the shell or the CI service sets, whether or not anybody told of it.
fn is_given(name: &str) -> bool {
    const NAMES: [&str; 33] = [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TERM",
        "TMPDIR",
        "TEMP",
        "TMP",
        "HOSTNAME",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "UID",
        "EUID",
        "PPID",
        "RANDOM",
        "SECONDS",
        "LINENO",
        "BASHPID",
        "BASH",
        "BASH_VERSION",
        "OSTYPE",
        "HOSTTYPE",
        "MACHTYPE",
        "CI",
        "WORKSPACE",
        "BUILD_NUMBER",
        "BUILD_ID",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
    ];
    const PREFIXES: [&str; 11] = [
        "GITHUB_",
        "RUNNER_",
        "ACTIONS_",
        "CI_",
        "GITLAB_",
        "BUILDKITE_",
        "CIRCLE_",
        "TRAVIS_",
        "SYSTEM_",
        "JENKINS_",
        "LC_",
    ];
    NAMES.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || !crate::path::is_name(name)
}
