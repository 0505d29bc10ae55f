//! `$name` and `${name...}`.

use std::rc::Rc;

use text::{Span, Value};

use super::{Part, joined, pattern_of};
use crate::run::{Lookup, Machine, Source, Status};
use crate::{ReadKind, VariableRead};

/// What a parameter is.
enum Found {
    One(Value),
    /// `$@`, `${array[@]}`.
    Many(Vec<Value>),
    Unset,
    /// Nothing is known of it.
    Absent,
}

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
                super::expanded(parts, length.map(|it| it.to_string()), written, quoted);
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
                super::expanded(parts, changed, written, quoted);
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

    /// `#p`, `%p`, `/p/r`, `:from:length`, `^`, `,`.
    fn change(
        &mut self,
        value: &str,
        operation: &str,
        offset: usize,
        source: &Rc<Source>,
    ) -> Option<String> {
        let double = |rest: &str, sign: char| rest.starts_with(sign);
        let mut chars = operation.chars();
        let sign = chars.next()?;
        let rest = chars.as_str();
        match sign {
            '#' | '%' => {
                let longest = double(rest, sign);
                let pattern = &rest[usize::from(longest)..];
                let parts = self.parts(pattern, offset + 1 + usize::from(longest), false, source);
                pattern_of(&parts)?.trim(value, sign == '%', longest)
            }
            '/' => {
                let all = double(rest, '/');
                let rest = &rest[usize::from(all)..];
                let start = offset + 1 + usize::from(all);
                let cut = separator(rest).unwrap_or(rest.len());
                let with = rest.get(cut + 1..).unwrap_or_default();
                if rest.starts_with(['#', '%']) {
                    return None;
                }
                let pattern = self.parts(&rest[..cut], start, false, source);
                let with = self.parts(with, start + cut + 1, false, source);
                pattern_of(&pattern)?.replace(value, &joined(&with)?, all)
            }
            ':' => {
                let chars: Vec<char> = value.chars().collect();
                let (from, length) = self.bounds(rest, chars.len(), offset + 1, source)?;
                Some(chars[from..from + length].iter().collect())
            }
            '^' if rest == "^" => Some(value.to_uppercase()),
            ',' if rest == "," => Some(value.to_lowercase()),
            '^' | ',' if rest.is_empty() => {
                let mut chars = value.chars();
                let first = chars.next().map(|it| it.to_string()).unwrap_or_default();
                let first = if sign == '^' {
                    first.to_uppercase()
                } else {
                    first.to_lowercase()
                };
                Some(format!("{first}{}", chars.as_str()))
            }
            _ => None,
        }
    }

    fn slice(
        &mut self,
        values: &[Value],
        operation: &str,
        offset: usize,
        source: &Rc<Source>,
    ) -> Option<Vec<Value>> {
        if let Some(rest) = operation.strip_prefix(':') {
            let (from, length) = self.bounds(rest, values.len(), offset + 1, source)?;
            return Some(values[from..from + length].to_vec());
        }
        values
            .iter()
            .map(|value| {
                let changed = self.change(value.known()?, operation, offset, source)?;
                Some(Value::Known(changed))
            })
            .collect()
    }

    /// `from:length` within `count`.
    fn bounds(
        &mut self,
        text: &str,
        count: usize,
        base: usize,
        source: &Rc<Source>,
    ) -> Option<(usize, usize)> {
        let (from, length) = match text.split_once(':') {
            Some((from, length)) => (from, Some(length)),
            None => (text, None),
        };
        let total = i64::try_from(count).ok()?;
        let mut start = self.arithmetic(from, source, base)?;
        if start < 0 {
            start += total;
        }
        if start < 0 || start > total {
            return Some((0, 0));
        }
        let mut end = match length {
            None => total,
            Some(length) => {
                let length = self.arithmetic(length, source, base + from.len() + 1)?;
                if length < 0 {
                    total + length
                } else {
                    start.saturating_add(length)
                }
            }
        };
        end = end.clamp(start, total);
        Some((
            usize::try_from(start).ok()?,
            usize::try_from(end - start).ok()?,
        ))
    }

    fn find(&mut self, name: &str, index: Option<&str>, source: &Rc<Source>) -> Found {
        if let Some(index) = index {
            return self.element(name, index, source);
        }
        if let Ok(number) = name.parse::<usize>() {
            return match number.checked_sub(1) {
                None => match &source.name {
                    Some(name) => Found::One(Value::Known(name.clone())),
                    None => Found::Absent,
                },
                Some(at) => match self.state.positional.get(at) {
                    Some(value) => Found::One(value.clone()),
                    None => Found::Unset,
                },
            };
        }
        match name {
            "@" | "*" => Found::Many(self.state.positional.clone()),
            "#" => Found::One(Value::Known(self.state.positional.len().to_string())),
            "?" => match self.state.status {
                Status::Known(code) => Found::One(Value::Known(code.to_string())),
                Status::Ordinary | Status::Undecided => Found::Absent,
            },
            "PWD" => match &self.state.cwd {
                Some(cwd) if cwd.starts_with('/') => Found::One(Value::Known(cwd.clone())),
                _ => Found::Absent,
            },
            "BASH_SOURCE" => match &source.name {
                Some(name) => Found::One(Value::Known(name.clone())),
                None => Found::Absent,
            },
            name => match self.state.lookup(name) {
                Lookup::Value(value) => Found::One(value),
                Lookup::Array(values) => match values.first() {
                    Some(value) => Found::One(value.clone()),
                    None => Found::Unset,
                },
                Lookup::Unset => Found::Unset,
                Lookup::Absent => Found::Absent,
            },
        }
    }

    fn element(&mut self, name: &str, index: &str, source: &Rc<Source>) -> Found {
        let values: Vec<Value> = match (name, self.state.lookup(name)) {
            ("BASH_SOURCE", _) => return self.find(name, None, source),
            ("PIPESTATUS", _) => self
                .state
                .pipe_statuses
                .iter()
                .map(|status| match status {
                    Status::Known(code) => Value::Known(code.to_string()),
                    _ => Value::Unresolved("${PIPESTATUS}".to_owned()),
                })
                .collect(),
            (_, Lookup::Value(value)) => vec![value],
            (_, Lookup::Array(values)) => values.to_vec(),
            (_, Lookup::Unset) => Vec::new(),
            (_, Lookup::Absent) => return Found::Absent,
        };
        if matches!(index, "@" | "*") {
            return Found::Many(values);
        }
        let Some(mut at) = self.arithmetic(index, source, 0) else {
            return Found::Absent;
        };
        if at < 0 {
            at += i64::try_from(values.len()).unwrap_or(0);
        }
        match usize::try_from(at).ok().and_then(|at| values.get(at)) {
            Some(value) => Found::One(value.clone()),
            None => Found::Unset,
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

/// Where the replacement of `/pattern/replacement` starts.
fn separator(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'/' {
            return Some(at);
        }
        at = match crate::scan::skip(bytes, at) {
            Some(Ok(end)) => end,
            Some(Err(_)) => return None,
            None => at + 1,
        };
    }
    None
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
