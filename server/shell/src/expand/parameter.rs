//! `$name` and `${name...}`.

mod change;
mod found;

use std::rc::Rc;

use text::{Span, Value};

use self::found::Found;
use super::{Part, expanded, joined};
use crate::run::{Machine, Source};
use crate::{ReadKind, VariableRead};

impl Machine<'_> {
    /// `$name`, as written.
    pub(super) fn plain_parameter(
        &mut self,
        name: &str,
        written: &str,
        span: Span,
        quoted: bool,
        parts: &mut Vec<Part>,
        source: &Rc<Source>,
    ) {
        self.read(name, ReadKind::Plain, span, source);
        let found = self.find(name, None, source);
        self.give(found, name, written, quoted, quoted && name == "*", parts);
    }

    /// `${...}`: `inner` is what stands between the braces.
    pub(super) fn parameter(
        &mut self,
        inner: &str,
        written: &str,
        span: Span,
        quoted: bool,
        parts: &mut Vec<Part>,
        source: &Rc<Source>,
    ) {
        if let Some(name) = inner.strip_prefix('#')
            && !name.is_empty()
        {
            let (name, index, rest) = head(name);
            if rest.is_empty() {
                self.read(name, ReadKind::Plain, span, source);
                let length = match self.find(name, index, source) {
                    Found::One(value) => value.known().map(|it| it.chars().count()),
                    Found::Many(values) => Some(values.len()),
                    Found::Unset => Some(0),
                    Found::Absent => None,
                };
                expanded(parts, length.map(|it| it.to_string()), written, quoted);
                return;
            }
        }
        let mut inner = inner;
        let mut indirect = String::new();
        if let Some(rest) = inner.strip_prefix('!') {
            let (name, index, after) = head(rest);
            self.read(name, ReadKind::Plain, span, source);
            let target = match self.find(name, index, source) {
                Found::One(value) if !after.starts_with(['*', '@']) => {
                    value.known().map(str::to_owned)
                }
                _ => None,
            };
            match target {
                Some(target) if crate::path::is_name(&target) => {
                    indirect = format!("{target}{after}");
                    inner = &indirect;
                }
                _ => {
                    parts.push(Part::Unknown(written.to_owned()));
                    return;
                }
            }
        }
        let (name, index, operation) = head(inner);
        if name.is_empty() {
            parts.push(Part::Unknown(written.to_owned()));
            return;
        }
        let offset = if indirect.is_empty() {
            span.start + 2 + (operation.as_ptr() as usize - inner.as_ptr() as usize)
        } else {
            span.start
        };
        let name = name.to_owned();
        let kind = match operation.trim_start_matches(':').chars().next() {
            Some('-' | '=' | '+') if operation.len() < 2 || !is_offset(operation) => {
                ReadKind::Default
            }
            Some('?') => ReadKind::Required,
            _ => ReadKind::Plain,
        };
        self.read(&name, kind, span, source);
        let found = self.find(&name, index, source);
        let star = quoted && (name == "*" || index == Some("*"));
        if operation.is_empty() {
            self.give(found, &name, written, quoted, star, parts);
            return;
        }
        match operation
            .strip_prefix(':')
            .unwrap_or(operation)
            .chars()
            .next()
        {
            Some('-' | '=' | '+' | '?') if !is_offset(operation) => {
                self.default(
                    found, &name, operation, offset, written, quoted, star, parts, source,
                );
            }
            _ => {
                let changed = match found {
                    Found::One(value) => value
                        .known()
                        .map(str::to_owned)
                        .and_then(|value| self.change(&value, operation, offset, source)),
                    Found::Unset => self.change("", operation, offset, source),
                    Found::Many(values) => {
                        let slice = self.slice(&values, operation, offset, source);
                        match slice {
                            Some(values) => {
                                self.give(Found::Many(values), &name, written, quoted, star, parts);
                                return;
                            }
                            None => None,
                        }
                    }
                    Found::Absent => None,
                };
                expanded(parts, changed, written, quoted);
            }
        }
    }

    /// `:-`, `:=`, `:+`, `:?`, and the same without the colon, where an empty value counts as one.
    #[expect(clippy::too_many_arguments, reason = "one expansion in its parts")]
    fn default(
        &mut self,
        found: Found,
        name: &str,
        operation: &str,
        offset: usize,
        written: &str,
        quoted: bool,
        star: bool,
        parts: &mut Vec<Part>,
        source: &Rc<Source>,
    ) {
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
        let Some(set) = set else {
            parts.push(Part::Unknown(written.to_owned()));
            return;
        };
        match (sign, set) {
            (b'+', true) => parts.extend(self.inner(word, offset, quoted, source)),
            (b'+', false) => {}
            (_, true) => self.give(found, name, written, quoted, star, parts),
            (b'?', false) => parts.push(Part::Unknown(written.to_owned())),
            (_, false) => {
                let value = self.inner(word, offset, quoted, source);
                if sign == b'=' {
                    let text = joined(&value);
                    let assigned = match text {
                        Some(text) => Value::printed(text),
                        None => Value::Unresolved(word.to_owned()),
                    };
                    let span = Span::new(offset, offset + word.len());
                    self.assign_default(name, assigned, span, written.len(), source);
                }
                parts.extend(value);
            }
        }
    }

    /// The word of `${name:-word}`: outside quotes it is split as an expansion is.
    fn inner(&mut self, word: &str, base: usize, quoted: bool, source: &Rc<Source>) -> Vec<Part> {
        if !quoted {
            return self
                .parts(word, base, false, source)
                .into_iter()
                .map(|part| match part {
                    Part::Text {
                        text,
                        quoted: false,
                    } => Part::Split(text),
                    part => part,
                })
                .collect();
        }
        // Within quotes, a quoted word in it is still quoted: `"${A:-"b c"}"`.
        match word.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
            Some(inner) => self.parts(inner, base + 1, true, source),
            None => self.parts(word, base, true, source),
        }
    }

    fn give(
        &mut self,
        found: Found,
        name: &str,
        written: &str,
        quoted: bool,
        star: bool,
        parts: &mut Vec<Part>,
    ) {
        let part = |value: Value| match value {
            Value::Known(text) | Value::Masked(text) if quoted => Part::Text { text, quoted },
            Value::Known(text) | Value::Masked(text) => Part::Split(text),
            // An argument stands for what the caller wrote; its own name says nothing.
            Value::Unresolved(text)
                if name == "@" || name == "*" || name.parse::<usize>().is_ok() =>
            {
                Part::Unknown(text)
            }
            Value::Unresolved(_) => Part::Unknown(written.to_owned()),
        };
        match found {
            Found::One(value) => parts.push(part(value)),
            Found::Unset => {
                if quoted {
                    parts.push(Part::Text {
                        text: String::new(),
                        quoted,
                    });
                }
            }
            Found::Many(values) => {
                for (at, value) in values.into_iter().enumerate() {
                    if at > 0 && star {
                        parts.push(Part::Text {
                            text: " ".to_owned(),
                            quoted,
                        });
                    } else if at > 0 {
                        parts.push(Part::Break);
                    }
                    let unknown = match &value {
                        Value::Unresolved(text) => Some(text.clone()),
                        _ => None,
                    };
                    parts.push(match unknown {
                        Some(text) => Part::Unknown(text),
                        None => part(value),
                    });
                }
            }
            // `A=$A:x` adds to a list that is mostly not set.
            Found::Absent if self.assigning.as_deref() == Some(name) && !is_given(name) => {
                self.assumed = true;
            }
            Found::Absent => parts.push(Part::Unknown(written.to_owned())),
        }
    }

    fn read(&mut self, name: &str, kind: ReadKind, span: Span, source: &Rc<Source>) {
        if self.reads.len() >= 10_000 {
            return;
        }
        let read = VariableRead {
            name: name.to_owned(),
            kind,
            path: source.path.clone(),
            span: source.span(span),
        };
        if self.reads.last() != Some(&read) {
            self.reads.push(read);
        }
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
