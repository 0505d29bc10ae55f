//! Lines of output: where pytest's sessions begin and end, and what lines outside of them tell of the environment.

use std::sync::LazyLock;

use memchr::{memchr2, memmem};
use text::{OriginKind, Span, Value};

use crate::clean::without_line_end;
use crate::env::{assignment, command, dump, name_len, words};
use crate::line::Line;
use crate::pytest;
use crate::sink::{Sink, fact};

/// Longer names are no variables'.
const LONGEST_NAME: usize = 80;

/// What goes from line to line.
#[derive(Debug, Default)]
pub(crate) struct Output {
    dump: dump::Gatherer<(u32, Span)>,
    in_session: bool,
}

impl Output {
    /// Whether pytest runs: then only lines that matter tell anything.
    pub(crate) fn in_session(&self) -> bool {
        self.in_session
    }

    /// Another step begins.
    pub(crate) fn step(&mut self, sink: &mut Sink) {
        self.end_dump(sink);
        self.in_session = false;
    }

    /// Takes a line: what it tells of the environment, then, where it matters, the reader's.
    pub(crate) fn line(&mut self, line: &Line<'_>, matters: bool, sink: &mut Sink) {
        let text = line.text;
        if matters && text.starts_with('=') && text.contains("test session starts") {
            sink.ensure_step(line);
            self.in_session = true;
            sink.gathered.sessions += 1;
        } else if self.in_session && matters && ends_session(text) {
            self.in_session = false;
        } else if !self.in_session {
            self.environment(line, sink);
        } else if matters {
            ended_command(line, sink);
        }
        if matters {
            sink.ensure_step(line);
            sink.feed(line);
        }
    }

    /// Traces, exports, dumps and commands that output shows.
    fn environment(&mut self, line: &Line<'_>, sink: &mut Sink) {
        let text = line.text;
        if let Some((name, value)) = assignment(text) {
            self.dump
                .push(name, value, (line.number, line.span(0..text.len())));
            return;
        }
        self.end_dump(sink);
        let whole = || line.span(0..text.len());
        if let Some(trace) = text.strip_prefix("+ ") {
            trace_line(trace, line, sink);
        } else if let Some(rest) = dump::declared(text) {
            assignments(rest, OriginKind::Dump, line.number, whole(), sink);
        } else if let Some(rest) = text.trim_start().strip_prefix("export ") {
            let rest = rest.trim_end().trim_end_matches(['\\', ';', ' ']);
            let words = words::split(rest);
            if let [word] = words.as_slice()
                && let Some((name, value)) = assignment(word)
                && name != "PATH"
            {
                let value = unexpanded(value);
                sink.found(OriginKind::Export, name, value, line.number, whole());
            }
        } else if let Some(at) = dump::told(text)
            && let Some((name, value)) = assignment(&text[at..])
        {
            sink.found(
                OriginKind::Dump,
                name,
                Value::printed(value.trim_end()),
                line.number,
                line.span(at..text.len()),
            );
        }
        if let Some(command) = command::shown(line) {
            sink.ensure_step(line);
            sink.gathered.command(line.number, command);
        }
    }

    /// No line of a list follows.
    pub(crate) fn end_dump(&mut self, sink: &mut Sink) {
        if self.dump.is_empty() {
            return;
        }
        for (name, value, (line, span)) in self.dump.end() {
            sink.found(OriginKind::Dump, &name, Value::printed(value), line, span);
        }
    }
}

/// A value as a shell shows it that has not expanded it yet.
fn unexpanded(value: &str) -> Value {
    if value.contains('$') {
        Value::Unresolved(value.to_owned())
    } else {
        Value::printed(value)
    }
}

/// A shell's note that a signal ended pytest shows its command, unexpanded.
fn ended_command(line: &Line<'_>, sink: &mut Sink) {
    let Some(note) = pytest::ended_by_signal(line.text).filter(|it| it.names_pytest()) else {
        return;
    };
    let shown = &line.text[note.command..];
    for word in words::split(shown) {
        let Some((name, value)) = assignment(&word) else {
            break;
        };
        let value = unexpanded(value);
        let span = line.span(note.command..note.text.len());
        sink.found(OriginKind::Inline, name, value, line.number, span);
    }
    if let Some(command) = command::shown(line) {
        sink.ensure_step(line);
        sink.gathered.command(line.number, command);
    }
}

/// Each `NAME=value` among the words of an `export` or `declare`.
fn assignments(words: &str, kind: OriginKind, number: u32, span: Span, sink: &mut Sink) {
    for word in words::split(words) {
        if let Some((name, value)) = assignment(&word) {
            sink.found(kind, name, Value::printed(value), number, span);
        }
    }
}

/// A line of `set -x`.
fn trace_line(trace: &str, line: &Line<'_>, sink: &mut Sink) {
    let span = line.span(2..line.text.len());
    if let Some(rest) = trace
        .strip_prefix("export ")
        .or_else(|| dump::declared(trace))
    {
        assignments(rest, OriginKind::Xtrace, line.number, span, sink);
    } else if sink.gathered.sessions == 0 && assignment(trace).is_none() {
        let text_end = line.text.trim_end().len().max(2);
        sink.gathered.last_trace = Some(fact(line, 2..text_end));
    } else if trace.contains("pytest") {
        for word in words::split(trace) {
            let Some((name, value)) = assignment(&word) else {
                break;
            };
            sink.found(
                OriginKind::Xtrace,
                name,
                Value::printed(value),
                line.number,
                span,
            );
        }
    }
}

/// Whether a line outside pytest's output, that holds no literal, may tell of the job, of a step or of the environment: by its
/// first bytes. `dated` where any line would do, as its timestamp is news; `env` where it may hold [`ENV`].
pub(crate) fn tells(rest: &[u8], dated: bool, env: bool) -> bool {
    glance(rest, env) && (dated || heads(rest, env))
}

/// What a line holds that tells of a variable in words.
pub(crate) static ENV: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new("env"));

/// By the first byte and what must follow.
fn glance(rest: &[u8], env: bool) -> bool {
    static VARIABLE: LazyLock<memmem::Finder<'static>> =
        LazyLock::new(|| memmem::Finder::new("env var"));
    let names_variable = || env && VARIABLE.find(&rest[..rest.len().min(200)]).is_some();
    let Some(first) = rest.first() else {
        return false;
    };
    match first {
        b'+' | b'#' | b'$' | b'[' | 0x1b | b'\'' | b'-' => return true,
        b'C' | b'J' | b'U' | b'R' | b'W' | b'H' | b'P' | b'E' => return true,
        b' ' => return rest.trim_ascii_start().starts_with(b"export ") || names_variable(),
        b'0'..=b'9' if names_variable() => return true,
        b'e' if rest.starts_with(b"export ") => return true,
        b'd' if rest.starts_with(b"declare -x ") => return true,
        _ => {}
    }
    let name = name_len(&rest[..rest.len().min(LONGEST_NAME)]);
    // A whole hash may be a commit's.
    (name > 0 && rest.get(name) == Some(&b'=')) || ((40..=42).contains(&rest.len()) && name == 40)
}

/// Whether a line that passed the first glance begins as one that tells does; of some first bytes nearly no line does.
fn heads(rest: &[u8], env: bool) -> bool {
    let heads: &[&[u8]] = match rest.first() {
        Some(b'C') => &[
            b"Complete job name: ",
            b"Current runner version: ",
            b"Cleaning up ",
        ],
        Some(b'J') => &[b"Job defined at: "],
        Some(b'U') => &[b"Uses: ", b"Using Docker executor "],
        Some(b'R') => &[b"Requested labels: ", b"Reusable workflow chain:", b"Run "],
        Some(b'W') => &[b"Working directory is '"],
        Some(b'H') => &[b"HEAD is now at "],
        Some(b'P') => &[b"Post job cleanup."],
        Some(b'E') => &[
            b"Evaluate and set ",
            b"Error: ",
            b"ERROR: ",
            b"Exited with ",
        ],
        Some(b'[') => &[b"[Pipeline] "],
        Some(b'#') => &[b"##", b"#!"],
        _ => return true,
    };
    heads.iter().any(|head| rest.starts_with(head))
        || names_value(rest)
        || memchr2(0x1b, b'\r', without_line_end(rest)).is_some()
        || (env && ENV.find(rest).is_some())
}

/// `NAME=`
fn names_value(rest: &[u8]) -> bool {
    rest.get(name_len(rest)) == Some(&b'=')
}

/// `===== 3 failed, 12 passed in 4.50s =====`
fn ends_session(text: &str) -> bool {
    text.starts_with('=')
        && text.contains(" in ")
        && text.trim_end().ends_with('=')
        && [
            " passed",
            " failed",
            " error",
            " skipped",
            "no tests ran",
            " warning",
        ]
        .iter()
        .any(|word| text.contains(word))
}
