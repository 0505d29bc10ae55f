//! The fields that a word is split into.

use std::rc::Rc;

use text::{Span, Value};

use super::Part;
use super::braces::alternatives;
use crate::Word;
use crate::run::{Lookup, Machine, Piece, Source};

/// Bytes of a word in which braces are looked for: each may cost a walk to the word's end.
const BRACED: usize = 4096;

/// One word after expansion and splitting.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Field {
    pub(crate) pieces: Vec<Piece>,
    /// The word as written.
    written: String,
}

impl Field {
    pub(crate) fn known(&self) -> Option<String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Known(known) => text.push_str(known),
                Piece::Unknown(_) => return None,
            }
        }
        Some(text)
    }

    pub(crate) fn word(&self) -> Word {
        match self.known() {
            Some(text) => Word::Known(text),
            None => Word::Unresolved(self.written.clone()),
        }
    }

    pub(crate) fn value(&self) -> Value {
        match self.known() {
            Some(text) => Value::printed(text),
            None => Value::Unresolved(self.written.clone()),
        }
    }
}

impl Machine<'_> {
    /// The fields that a word of a command becomes: none, one or several.
    pub(crate) fn fields(&mut self, span: Span, source: &Rc<Source>) -> Vec<Field> {
        let written = span.of(&source.text);
        self.pay(written.len() / 16);
        if is_plain(written) {
            return vec![Field {
                pieces: vec![Piece::Known(written.to_owned())],
                written: written.to_owned(),
            }];
        }
        if !written.contains('{') || written.len() > BRACED {
            let parts = self.parts(written, span.start, false, source);
            return self.split(parts, written);
        }
        let mut fields = Vec::new();
        for (text, start) in alternatives(written) {
            // The offsets of a word that braces made up are those of the word that it was.
            let parts = self.parts(&text, span.start + start, false, source);
            fields.extend(self.split(parts, &text));
        }
        fields
    }

    fn split(&self, parts: Vec<Part>, written: &str) -> Vec<Field> {
        // A pattern is a list of files that only the machine knows; `***` is how CI prints a secret.
        let globs = !written.contains("***")
            && parts.iter().any(|part| match part {
                Part::Text { text, quoted } => !quoted && text.contains(['*', '?']),
                Part::Split(text) => text.contains(['*', '?']) && !text.contains("***"),
                Part::Unknown(_) | Part::Break => false,
            });
        // An element of a list that is not known stands for itself, not for the list.
        let elements = written.contains("[@]") || parts.contains(&Part::Break);
        let mut splitter = Splitter {
            separators: match self.state.lookup("IFS") {
                Lookup::Value(value) => value.known().map(str::to_owned),
                _ => None,
            }
            .unwrap_or_else(|| " \t\n".to_owned()),
            written,
            open: None,
            done: Vec::new(),
        };
        for part in parts {
            match part {
                Part::Text { text, .. } => splitter.add(Piece::Known(text)),
                Part::Unknown(text) => splitter.add(Piece::Unknown(text)),
                Part::Break => splitter.end(),
                Part::Split(text) => splitter.split(&text),
            }
        }
        let mut fields = splitter.done;
        fields.extend(splitter.open);
        for field in &mut fields {
            if let ([Piece::Unknown(element)], true) = (&field.pieces[..], elements) {
                field.written.clone_from(element);
            }
            let text: String = field.pieces.iter().map(Piece::text).collect();
            if globs && text.contains(['*', '?']) {
                field.written.clone_from(&text);
                field.pieces = vec![Piece::Unknown(text)];
            }
        }
        fields
    }
}

/// The fields of a word while its parts are gone through.
struct Splitter<'a> {
    separators: String,
    written: &'a str,
    open: Option<Field>,
    done: Vec<Field>,
}

impl Splitter<'_> {
    fn field(&mut self) -> Field {
        self.open.take().unwrap_or_else(|| Field {
            pieces: Vec::new(),
            written: self.written.to_owned(),
        })
    }

    fn add(&mut self, piece: Piece) {
        let mut field = self.field();
        field.pieces.push(piece);
        self.open = Some(field);
    }

    /// Ends a field, also an empty one.
    fn end(&mut self) {
        let field = self.field();
        self.done.push(field);
    }

    fn split(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c| self.separators.contains(c));
            let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
            if !word.is_empty() {
                self.add(Piece::Known(word.to_owned()));
            }
            // Blanks around a separator that is none count as part of it.
            let blank = |c: char| self.separators.contains(c) && matches!(c, ' ' | '\t' | '\n');
            let after = behind.trim_start_matches(blank);
            rest = match after.chars().next() {
                Some(c) if self.separators.contains(c) => {
                    let rest = after[c.len_utf8()..].trim_start_matches(blank);
                    self.end();
                    rest
                }
                _ => {
                    if !behind.is_empty() {
                        self.done.extend(self.open.take());
                    }
                    after
                }
            };
        }
    }
}

/// Whether a word is what is written: nearly all words of a script hold no sign that a shell looks at.
fn is_plain(word: &str) -> bool {
    let mut bytes = word.bytes();
    !word.is_empty() && bytes.all(|it| it.is_ascii_alphanumeric() || b"-_./=:,@%+".contains(&it))
}
