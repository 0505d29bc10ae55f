//! Simple commands: assignments, words, redirections.

use text::Span;

use super::Parser;
use crate::path::is_name;
use crate::scan;
use crate::syntax::{Argument, Document, Operator, Redirect, Set, SetValue, Simple};

impl Parser<'_> {
    pub(super) fn simple(&mut self) -> (Simple, Vec<Redirect>) {
        let mut simple = Simple {
            assignments: Vec::new(),
            words: Vec::new(),
        };
        let mut redirects = Vec::new();
        let mut end = self.at;
        loop {
            self.space();
            if let Some(redirect) = self.redirect() {
                redirects.push(redirect);
            } else if let Some(set) = self.set(simple.words.is_empty()) {
                if simple.words.is_empty() {
                    simple.assignments.push(set);
                } else {
                    simple.words.push(Argument {
                        span: set.span,
                        set: Some(set),
                    });
                }
            } else if let Some(span) = self.word() {
                simple.words.push(Argument { span, set: None });
            } else {
                self.at = end;
                return (simple, redirects);
            }
            end = self.at;
        }
    }

    /// An assignment. After the command's name, `A=(x)` only: other words are told apart by the command that gets them.
    pub(super) fn set(&mut self, first: bool) -> Option<Set> {
        let start = self.at;
        let bytes = self.bytes;
        let mut at = start;
        while bytes
            .get(at)
            .is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_')
        {
            at += 1;
        }
        let name = &self.text[start..at];
        if !is_name(name) {
            return None;
        }
        let mut index = None;
        if bytes.get(at) == Some(&b'[') {
            let open = at + 1;
            while bytes.get(at).is_some_and(|it| !matches!(it, b']' | b'\n')) {
                at += 1;
            }
            if bytes.get(at) != Some(&b']') {
                return None;
            }
            index = Some(Span::new(open, at));
            at += 1;
        }
        let append = bytes.get(at) == Some(&b'+');
        at += usize::from(append);
        if bytes.get(at) != Some(&b'=') {
            return None;
        }
        at += 1;
        if bytes.get(at) == Some(&b'(') {
            self.at = at + 1;
            let mut words = Vec::new();
            loop {
                self.space_and_lines();
                match self.word() {
                    Some(word) => words.push(word),
                    None => break,
                }
            }
            self.close(")");
            return Some(Set {
                name: name.to_owned(),
                index,
                append,
                value: SetValue::Array(words),
                span: self.span_from(start),
            });
        }
        if !first {
            return None;
        }
        self.at = at;
        let value = self.word().unwrap_or(Span::at(at));
        Some(Set {
            name: name.to_owned(),
            index,
            append,
            value: SetValue::Word(value),
            span: self.span_from(start),
        })
    }

    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        let start = self.at;
        let mut at = start;
        while self.bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        // `{fd}>file`.
        if at == start && self.peek() == Some(b'{') {
            let close = self.bytes[at..]
                .iter()
                .take(32)
                .position(|&it| it == b'}')?;
            let name = self.text.get(at + 1..at + close)?;
            if !is_name(name) {
                return None;
            }
            at += close + 1;
        }
        let descriptor = self.text[start..at].parse().ok();
        let rest = &self.bytes[at..];
        let (operator, length) = match rest {
            [b'<', b'(', ..] | [b'>', b'(', ..] => return None,
            [b'<', b'<', b'<', ..] => (Operator::HereString, 3),
            [b'<', b'<', ..] => (Operator::HereDocument, 2),
            [b'&', b'>', b'>', ..] if at == start => (Operator::Both, 3),
            [b'&', b'>', ..] if at == start => (Operator::Both, 2),
            [b'>', b'>', ..] => (Operator::Append, 2),
            [b'>', b'&', ..] | [b'<', b'&', ..] => (Operator::Duplicate, 2),
            [b'>', b'|', ..] => (Operator::Write, 2),
            [b'<', b'>', ..] => (Operator::Read, 2),
            [b'>', ..] => (Operator::Write, 1),
            [b'<', ..] => (Operator::Read, 1),
            _ => return None,
        };
        self.at = at + length;
        if operator == Operator::HereDocument {
            let (delimiter, end) = scan::delimiter(self.bytes, self.at);
            let target = Span::new(self.at, end);
            self.at = end;
            let document = self.script.documents.len();
            self.script.documents.push(Document {
                delimiter,
                body: Span::at(end),
            });
            self.pending.push(document);
            return Some(Redirect {
                descriptor,
                operator,
                target,
                document: Some(document),
            });
        }
        self.space();
        let target = self.word().unwrap_or(Span::at(self.at));
        Some(Redirect {
            descriptor,
            operator,
            target,
            document: None,
        })
    }
}
