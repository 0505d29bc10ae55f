//! Python's own tracebacks: `--tb=native`, `INTERNALERROR>`, exception groups, and programs outside pytest.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use text::Span;

use super::block::Block;
use super::exception;
use crate::{Exception, Frame, Link};

/// What begins a traceback.
pub(crate) const START: &str = "Traceback (most recent call last):";

/// What stands before it where the exception is a group.
pub(crate) const GROUP: &str = "+ Exception Group ";

/// A traceback: the last exception, and those before it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traceback {
    pub(crate) exception: Option<Exception>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) chain: Vec<Link>,
}

impl Traceback {
    /// What was read so far led to the exception that comes.
    pub(crate) fn led_on(&mut self, is_cause: bool) {
        if let Some(exception) = self.exception.take() {
            let frames = std::mem::take(&mut self.frames);
            self.chain.push(Link {
                exception,
                frames,
                is_cause,
            });
        }
    }
}

/// `File "path", line 12, in name` and faulthandler's `File "path", line 12 in name`: path, line, function.
pub(crate) fn file_line(text: &str) -> Option<(&str, u32, &str)> {
    static LINE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\", line "));
    let rest = text.trim_start().strip_prefix("File \"")?;
    let at = LINE.find(rest.as_bytes())?;
    let (path, rest) = (&rest[..at], &rest[at + LINE.needle().len()..]);
    let digits = rest.len()
        - rest
            .trim_start_matches(|it: char| it.is_ascii_digit())
            .len();
    let line = rest[..digits].parse().ok()?;
    let function = rest[digits..]
        .trim_start_matches(',')
        .trim_start()
        .strip_prefix("in ")
        .unwrap_or_default();
    Some((path, line, function.trim_end()))
}

/// Whether a line stands between two tracebacks of a chain; true for `raise ... from`.
pub(crate) fn chain_line(text: &str) -> Option<bool> {
    // Nearly no line has its length.
    if text.len() < 67 || !text.trim_end().ends_with(':') {
        return None;
    }
    match text.trim() {
        "The above exception was the direct cause of the following exception:" => Some(true),
        "During handling of the above exception, another exception occurred:" => Some(false),
        _ => None,
    }
}

/// Reads the lines `from..to` of a block, the first of which is [`START`] or the start of an exception group.
pub(crate) fn parse(block: &Block, from: usize, to: usize) -> Traceback {
    let mut found = Traceback::default();
    let mut idx = from;
    while idx < to {
        let text = plain(block.text(idx));
        if let Some(is_cause) = chain_line(text) {
            found.led_on(is_cause);
            idx += 1;
            continue;
        }
        // Elsewhere in a line it is part of a message.
        if (idx == from || text.trim_start().starts_with(START)) && text.trim_end().ends_with(START)
        {
            if found.exception.is_some() {
                // A second traceback that is not chained to the first: it is the message's, or another's.
                break;
            }
            found.frames.clear();
            idx += 1;
            continue;
        }
        if found.exception.is_none() {
            if let Some((path, line, function)) = file_line(text) {
                let frame = Frame {
                    path: path.to_owned(),
                    line,
                    function: function.to_owned(),
                    source: source(block, idx + 1, to),
                    span: block.line(idx).span(frame_range(block.text(idx))),
                };
                found.frames.push(frame);
            } else if !text.starts_with(char::is_whitespace)
                && let Some((exception, next)) = exception_at(block, idx, to)
            {
                if is_syntax(&exception) {
                    // The last "frame" is where the syntax is wrong: no frame, but where the error is.
                    mark_syntax(&mut found.frames);
                }
                found.exception = Some(exception);
                idx = next;
                continue;
            }
        }
        idx += 1;
    }
    // A cut log: what was raised before is all that is known.
    if found.exception.is_none()
        && found.frames.is_empty()
        && let Some(last) = found.chain.pop()
    {
        found.exception = Some(last.exception);
        found.frames = last.frames;
    }
    found
}

/// Whether it is one of those that stand where the text cannot be compiled, and not where it was raised.
pub(crate) fn is_syntax(exception: &Exception) -> bool {
    ["SyntaxError", "IndentationError", "TabError"]
        .iter()
        .any(|it| exception.type_name.ends_with(it))
}

fn mark_syntax(frames: &mut [Frame]) {
    if let Some(last) = frames.last_mut() {
        last.function.clear();
    }
}

/// The bytes of `File "...", line N` in a line.
fn frame_range(text: &str) -> std::ops::Range<usize> {
    let start = text.find("File \"").unwrap_or(0);
    start..text.trim_end().len().max(start)
}

/// The line without the bars of an exception group.
fn plain(text: &str) -> &str {
    if !text.starts_with(' ') {
        return text;
    }
    let inner = text.trim_start();
    if let Some(rest) = inner.strip_prefix("| ") {
        return rest;
    }
    if let Some(rest) = inner.strip_prefix("+ ").filter(|_| is_group(text)) {
        return rest;
    }
    if inner.trim_end() == "|" { "" } else { text }
}

/// Whether a line begins the traceback of an exception group.
pub(crate) fn is_group(text: &str) -> bool {
    text.trim_start()
        .strip_prefix(GROUP)
        .is_some_and(|it| it.starts_with(START))
}

/// The source line under a frame.
fn source(block: &Block, idx: usize, to: usize) -> Option<String> {
    let text = plain((idx < to).then(|| block.text(idx))?);
    let trimmed = text.trim();
    let is_source = text.starts_with("    ")
        && !trimmed.is_empty()
        && file_line(text).is_none()
        && !trimmed.chars().all(|it| matches!(it, '^' | '~' | ' '));
    is_source.then(|| trimmed.to_owned())
}

/// The exception that begins at a line, and where what follows it begins.
fn exception_at(block: &Block, idx: usize, to: usize) -> Option<(Exception, usize)> {
    let head = plain(block.text(idx)).trim_end();
    let grouped = block.text(idx).trim_start().starts_with('|');
    if head.is_empty() {
        return None;
    }
    let (type_name, message) = exception::split(head, None).or_else(|| {
        // Any dotted or capitalised name: a traceback ends with nothing else.
        let end = head
            .find(|it: char| !(it.is_alphanumeric() || matches!(it, '_' | '.')))
            .unwrap_or(head.len());
        match head[end..].strip_prefix(':') {
            Some(message) if end > 0 => Some((&head[..end], message.trim_start())),
            None if end == head.len() => Some((head, "")),
            _ => None,
        }
    })?;
    let mut end = idx + 1;
    while end < to {
        let text = block.text(end);
        let group_part = text.trim_start();
        if chain_line(plain(text)).is_some()
            || (grouped && group_part.starts_with("+-"))
            || plain(text).trim_end() == START
        {
            break;
        }
        end += 1;
    }
    while end > idx + 1 && plain(block.text(end - 1)).trim().is_empty() {
        end -= 1;
    }
    // Behind a type alone stand its notes: a message, even an empty line, would stand behind a colon.
    let bare = message.is_empty() && !head.ends_with(':');
    let of_message = if bare { idx + 1..idx + 1 } else { idx + 1..end };
    let rest = of_message
        .map(|at| {
            if grouped {
                plain(block.text(at))
            } else {
                block.text(at)
            }
        })
        .collect::<Vec<_>>();
    let next = if grouped {
        to.min(next_chain(block, end, to))
    } else {
        end
    };
    Some((
        exception::exception(
            type_name.to_owned(),
            message,
            &rest,
            span_of(block, idx, end),
        ),
        next,
    ))
}

fn next_chain(block: &Block, from: usize, to: usize) -> usize {
    (from..to)
        .find(|&idx| chain_line(block.text(idx)).is_some())
        .unwrap_or(to)
}

fn span_of(block: &Block, from: usize, to: usize) -> Span {
    block.span_of(from..to)
}
