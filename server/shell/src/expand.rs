//! Words to their values: quotes, escapes, `$name`, `${name...}`, `$( )`, `$(( ))`, braces, and splitting into fields.

mod braces;
mod escapes;
mod field;
mod parameter;

use std::rc::Rc;

use text::{Span, Value};

pub(crate) use escapes::ansi_c;
use escapes::unescape_backquoted;
pub(crate) use field::Field;
use parameter::Expansion;

use crate::arithmetic::{self, Names};
use crate::pattern::Pattern;
use crate::run::{Flow, Lookup, Machine, Piece, Sink, Source};
use crate::scan;

/// A part of a word after expansion.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// Written, or the value of a quoted expansion: never split.
    Text { text: String, quoted: bool },
    /// The value of an expansion outside quotes: split at blanks.
    Split(String),
    /// What is not known, as written.
    Unknown(String),
    /// Between the elements of `"$@"` and `"${array[@]}"`.
    Break,
}

impl Machine<'_> {
    /// The value of a word where none is split off: what is assigned, a pattern's subject, a redirection's target.
    pub(crate) fn single(&mut self, span: Span, source: &Rc<Source>) -> Value {
        let written = span.of(&source.text);
        self.pay(written.len() / 16);
        let parts = self.parts(written, span.start, false, source);
        match joined(&parts) {
            Some(text) => Value::printed(text),
            None => Value::Unresolved(written.to_owned()),
        }
    }

    /// A word as a pattern; `None` where a part of it is not known.
    pub(crate) fn pattern(&mut self, span: Span, source: &Rc<Source>) -> Option<Pattern> {
        let written = span.of(&source.text);
        let parts = self.parts(written, span.start, false, source);
        pattern_of(&parts)
    }

    /// The pieces of a text in which quotes stand for themselves: a line of a here-document, the inside of `$(( ))`.
    pub(crate) fn document(&mut self, text: &str, base: usize, source: &Rc<Source>) -> Vec<Piece> {
        let parts = self.parts(text, base, true, source);
        pieces(&parts)
    }

    /// The parts of a text; `quoted` as within double quotes.
    pub(crate) fn parts(
        &mut self,
        text: &str,
        base: usize,
        quoted: bool,
        source: &Rc<Source>,
    ) -> Vec<Part> {
        let bytes = text.as_bytes();
        let mut parts: Vec<Part> = Vec::new();
        let mut at = 0;
        if !quoted {
            at = self.tilde(text, &mut parts);
        }
        while let Some(&byte) = bytes.get(at) {
            if !self.pay(1) {
                return vec![Part::Unknown(text.to_owned())];
            }
            match byte {
                b'\\' => {
                    let next = text[at + 1..].chars().next();
                    at += 1 + next.map_or(0, char::len_utf8);
                    match next {
                        Some('\n') => {}
                        Some(c) if !quoted || matches!(c, '$' | '`' | '"' | '\\') => {
                            push(&mut parts, &c.to_string(), true);
                        }
                        Some(c) => push(&mut parts, &format!("\\{c}"), true),
                        None => push(&mut parts, "\\", true),
                    }
                }
                b'\'' if !quoted => {
                    let end = end_of(scan::skip(bytes, at), bytes);
                    push(
                        &mut parts,
                        text[at + 1..end]
                            .strip_suffix('\'')
                            .unwrap_or(&text[at + 1..end]),
                        true,
                    );
                    at = end;
                }
                b'"' if !quoted => {
                    let end = end_of(scan::skip(bytes, at), bytes);
                    let inner = text[at + 1..end]
                        .strip_suffix('"')
                        .unwrap_or(&text[at + 1..end]);
                    self.quoted(inner, base + at + 1, &mut parts, source);
                    at = end;
                }
                b'`' => {
                    let end = end_of(scan::skip(bytes, at), bytes);
                    let written = &text[at..end];
                    let inner = written[1..].strip_suffix('`').unwrap_or(&written[1..]);
                    let command = unescape_backquoted(inner, quoted);
                    let span = Span::new(base + at, base + end);
                    let value = self.substitute(|machine| machine.run_text(&command, source, span));
                    parts.push(expanded(value, written, quoted));
                    at = end;
                }
                b'$' => at = self.dollar(text, at, base, quoted, &mut parts, source),
                b'<' | b'>' if !quoted && bytes.get(at + 1) == Some(&b'(') => {
                    let end = end_of(scan::skip(bytes, at), bytes);
                    let written = &text[at..end];
                    let inner = Span::new(base + at + 2, base + end.saturating_sub(1).max(at + 2));
                    self.substitute(|machine| machine.run_part(inner, source));
                    parts.push(Part::Unknown(written.to_owned()));
                    at = end;
                }
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => at += 1,
                _ => {
                    let end = at
                        + bytes[at..]
                            .iter()
                            .position(|it| b"\\'\"`$<>\r".contains(it))
                            .unwrap_or(bytes.len() - at)
                            .max(1);
                    push(&mut parts, &text[at..end], quoted);
                    at = end;
                }
            }
        }
        parts
    }

    /// `"..."`: also nothing at all is then a field.
    fn quoted(&mut self, inner: &str, base: usize, parts: &mut Vec<Part>, source: &Rc<Source>) {
        let inner_parts = self.parts(inner, base, true, source);
        // `"$@"` of no arguments is no field, and it alone.
        let vanishes = inner_parts.is_empty()
            && (inner.contains("@}") || inner.contains("[@]") || inner == "$@");
        if inner_parts.is_empty() && !vanishes {
            push(parts, "", true);
        }
        parts.extend(inner_parts);
    }

    /// `~` and `~/x` at the start.
    fn tilde(&mut self, text: &str, parts: &mut Vec<Part>) -> usize {
        let Some(rest) = text.strip_prefix('~') else {
            return 0;
        };
        if !rest.is_empty() && !rest.starts_with(['/', ':']) {
            return 0;
        }
        match self.state.lookup("HOME") {
            Lookup::Value(value) if value.known().is_some() => {
                push(parts, value.text(), true);
            }
            _ => parts.push(Part::Unknown("~".to_owned())),
        }
        1
    }

    /// What starts with `$` at `at`; gives the offset after it.
    fn dollar(
        &mut self,
        text: &str,
        at: usize,
        base: usize,
        quoted: bool,
        parts: &mut Vec<Part>,
        source: &Rc<Source>,
    ) -> usize {
        let bytes = text.as_bytes();
        let skipped = if quoted {
            scan::skip_in_quotes(bytes, at)
        } else {
            scan::skip(bytes, at)
        };
        if let Some(skipped) = skipped {
            let Ok(end) = skipped else {
                parts.push(Part::Unknown(text[at..].to_owned()));
                return bytes.len();
            };
            let written = &text[at..end];
            let span = Span::new(base + at, base + end);
            if written.starts_with("${{") {
                parts.push(Part::Unknown(written.to_owned()));
            } else if let Some(inner) = inside(written, "$'", "'") {
                push(parts, &ansi_c(inner), true);
            } else if let Some(inner) = inside(written, "$\"", "\"") {
                self.quoted(inner, span.start + 2, parts, source);
            } else if let Some(inner) = inside(written, "$((", "))") {
                let value = self.arithmetic(inner, source, span.start + 3);
                parts.push(expanded(value.map(|it| it.to_string()), written, quoted));
            } else if let Some(inner) = inside(written, "$[", "]") {
                let value = self.arithmetic(inner, source, span.start + 2);
                parts.push(expanded(value.map(|it| it.to_string()), written, quoted));
            } else if let Some(inner) = inside(written, "$(", ")") {
                let inner = Span::new(span.start + 2, span.start + 2 + inner.len());
                // A text that was put together has no place of its own.
                let in_place = inner.of(&source.text) == &written[2..written.len() - 1];
                let command = written[2..written.len() - 1].to_owned();
                let value = self.substitute(|machine| {
                    if in_place {
                        machine.run_part(inner, source)
                    } else {
                        machine.run_text(&command, source, span)
                    }
                });
                parts.push(expanded(value, written, quoted));
            } else if let Some(inner) = inside(written, "${", "}") {
                let at = Expansion {
                    written,
                    span,
                    quoted,
                    source,
                };
                parts.extend(self.parameter(inner, at));
            } else {
                parts.push(Part::Unknown(written.to_owned()));
            }
            return end;
        }
        let rest = &text[at + 1..];
        let length = match rest.chars().next() {
            Some(c) if c.is_ascii_digit() || "@*#?$!-".contains(c) => 1,
            _ => rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len()),
        };
        if length == 0 {
            push(parts, "$", quoted);
            return at + 1;
        }
        let end = at + 1 + length;
        let expansion = Expansion {
            written: &text[at..end],
            span: Span::new(base + at, base + end),
            quoted,
            source,
        };
        parts.extend(self.plain_parameter(&rest[..length], expansion));
        end
    }

    /// What a command prints, without the line ends at its end; `None` where that is not known.
    fn substitute(&mut self, run: impl FnOnce(&mut Self) -> Flow) -> Option<String> {
        self.sinks.push(Sink::default());
        self.substitutions += 1;
        self.subshell(run);
        self.substitutions -= 1;
        self.substituted += 1;
        let sink = self.sinks.pop().unwrap_or_default();
        sink.known()
    }

    /// The value of an arithmetic expression that stands at `base`.
    pub(crate) fn arithmetic(
        &mut self,
        text: &str,
        source: &Rc<Source>,
        base: usize,
    ) -> Option<i64> {
        let parts = self.parts(text, base, true, source);
        let text = joined(&parts)?;
        self.pay(text.len() / 8);
        arithmetic::evaluate(&text, self)
    }
}

impl Names for Machine<'_> {
    fn get(&mut self, name: &str) -> Option<i64> {
        match self.state.lookup(name) {
            Lookup::Value(value) => match value.known()?.trim() {
                "" => Some(0),
                digits => match digits.strip_prefix('-') {
                    Some(digits) => arithmetic::number(digits).map(i64::wrapping_neg),
                    None => arithmetic::number(digits),
                },
            },
            Lookup::Unset => Some(0),
            Lookup::Absent | Lookup::Array(_) => None,
        }
    }

    fn set(&mut self, name: &str, value: Option<i64>) {
        let value = match value {
            Some(value) => Value::Known(value.to_string()),
            None => Value::Unresolved(format!("$(({name}))")),
        };
        Machine::set(self, name, value);
    }
}

/// The text of parts of which all are known.
pub(crate) fn joined(parts: &[Part]) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text { text: known, .. } | Part::Split(known) => text.push_str(known),
            Part::Break => text.push(' '),
            Part::Unknown(_) => return None,
        }
    }
    Some(text)
}

fn pieces(parts: &[Part]) -> Vec<Piece> {
    parts
        .iter()
        .map(|part| match part {
            Part::Text { text, .. } | Part::Split(text) => Piece::Known(text.clone()),
            Part::Break => Piece::Known(" ".to_owned()),
            Part::Unknown(text) => Piece::Unknown(text.clone()),
        })
        .collect()
}

pub(crate) fn pattern_of(parts: &[Part]) -> Option<Pattern> {
    let mut pattern = Pattern::default();
    for part in parts {
        match part {
            Part::Text { text, quoted: true } => pattern.literal(text),
            Part::Text { text, .. } | Part::Split(text) => pattern.special(text),
            Part::Break => pattern.literal(" "),
            Part::Unknown(_) => return None,
        }
    }
    Some(pattern)
}

fn push(parts: &mut Vec<Part>, text: &str, quoted: bool) {
    match parts.last_mut() {
        Some(Part::Text {
            text: last,
            quoted: same,
        }) if *same == quoted => last.push_str(text),
        _ => parts.push(Part::Text {
            text: text.to_owned(),
            quoted,
        }),
    }
}

/// The value of an expansion, or what stands for it.
fn expanded(value: Option<String>, written: &str, quoted: bool) -> Part {
    match value {
        Some(text) if quoted => Part::Text { text, quoted },
        Some(text) => Part::Split(text),
        None => Part::Unknown(written.to_owned()),
    }
}

fn end_of(skipped: Option<Result<usize, scan::Unclosed>>, bytes: &[u8]) -> usize {
    match skipped {
        Some(Ok(end)) => end,
        _ => bytes.len(),
    }
}

fn inside<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    text.strip_prefix(open)?.strip_suffix(close)
}
