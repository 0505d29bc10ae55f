//! Open documents: the text that the client has, kept by applying its changes in order.
//!
//! It knows ranges and versions, and nothing of what a text means.

use std::sync::{Arc, OnceLock};

use ropey::Rope;
use text::{Encoding, LineIndex};
use thiserror::Error;
use tower_lsp::ls_types::{Position, TextDocumentContentChangeEvent};

/// A text that does not change, with what is read out of it, each once at the most.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) text: Arc<str>,
    lines: OnceLock<LineIndex>,
    log: OnceLock<Arc<log::Log>>,
}

impl Text {
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            lines: OnceLock::new(),
            log: OnceLock::new(),
        }
    }

    pub(crate) fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// The text read as a CI log.
    pub(crate) fn log(&self) -> &Arc<log::Log> {
        self.log
            .get_or_init(|| Arc::new(log::parse(self.text.as_bytes())))
    }
}

/// One open document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) version: i32,
    pub(crate) language: String,
    content: Content,
}

/// A rope is made by the first change: most logs never see one, and a second copy of them would be all that it gives.
#[derive(Debug, Clone)]
enum Content {
    Whole(Arc<Text>),
    Edited {
        rope: Rope,
        whole: Option<Arc<Text>>,
    },
}

/// Why a change cannot be applied. What the document holds is then not known any more.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ChangeError {
    #[error("line {line} is past the end, the document has {count} lines")]
    PastEnd { line: u32, count: usize },
    #[error("the range ends before it starts")]
    Backwards,
}

impl Document {
    pub(crate) fn new(version: i32, language: String, text: impl Into<Arc<str>>) -> Self {
        Self {
            version,
            language,
            content: Content::Whole(Arc::new(Text::new(text))),
        }
    }

    /// The text as it is now; made out of the rope once after a change.
    pub(crate) fn text(&mut self) -> Arc<Text> {
        match &mut self.content {
            Content::Whole(text) => text.clone(),
            Content::Edited { rope, whole } => whole
                .get_or_insert_with(|| Arc::new(Text::new(String::from(&*rope))))
                .clone(),
        }
    }

    pub(crate) fn apply(
        &mut self,
        change: TextDocumentContentChangeEvent,
        encoding: Encoding,
    ) -> Result<(), ChangeError> {
        let Some(range) = change.range else {
            self.content = Content::Whole(Arc::new(Text::new(change.text)));
            return Ok(());
        };
        let rope = self.rope();
        let start = char_index(rope, range.start, encoding)?;
        let end = char_index(rope, range.end, encoding)?;
        if end < start {
            return Err(ChangeError::Backwards);
        }
        rope.remove(start..end);
        rope.insert(start, &change.text);
        Ok(())
    }

    /// The rope to edit; the text that was made out of it before is out of date with that.
    fn rope(&mut self) -> &mut Rope {
        if let Content::Whole(text) = &self.content {
            self.content = Content::Edited {
                rope: Rope::from_str(&text.text),
                whole: None,
            };
        }
        match &mut self.content {
            Content::Edited { rope, whole } => {
                *whole = None;
                rope
            }
            Content::Whole(_) => unreachable!("it was made a rope above"),
        }
    }
}

/// A column past its line is the line's end, as LSP says; the line after the last one, in column 0, is the text's end, as
/// Neovim says when the last line has no line end. Anything further tells that client and server have different texts.
fn char_index(rope: &Rope, position: Position, encoding: Encoding) -> Result<usize, ChangeError> {
    let line = position.line as usize;
    let count = rope.len_lines();
    if line == count && position.character == 0 {
        return Ok(rope.len_chars());
    }
    if line >= count {
        return Err(ChangeError::PastEnd {
            line: position.line,
            count,
        });
    }
    let start = rope.line_to_char(line);
    let content = rope.line(line);
    let mut length = content.len_chars();
    while length > 0 && matches!(content.char(length - 1), '\n' | '\r') {
        length -= 1;
    }
    let column = position.character as usize;
    let within = match encoding {
        Encoding::Utf8 => content.byte_to_char(column.min(content.char_to_byte(length))),
        Encoding::Utf16 => content.utf16_cu_to_char(column.min(content.char_to_utf16_cu(length))),
    };
    Ok(start + within.min(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tower_lsp::ls_types::Range;

    fn change(start: (u32, u32), end: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        TextDocumentContentChangeEvent {
            range: Some(Range::new(
                Position::new(start.0, start.1),
                Position::new(end.0, end.1),
            )),
            range_length: None,
            text: text.to_owned(),
        }
    }

    #[track_caller]
    fn check(before: &str, change: TextDocumentContentChangeEvent, after: &str) {
        let mut document = Document::new(1, String::new(), before.to_owned());
        document.apply(change, Encoding::Utf16).unwrap();
        assert_eq!(&*document.text().text, after);
    }

    #[test]
    fn columns_are_utf16_and_clamped() {
        check("é😀x\r\nb", change((0, 3), (0, 4), "y"), "é😀y\r\nb");
        check("é😀x\r\nb", change((0, 99), (1, 0), " "), "é😀x b");
        check("a\nb", change((1, 1), (2, 0), "c"), "a\nbc");
    }

    #[test]
    fn changes_that_do_not_fit_are_refused() {
        let mut document = Document::new(1, String::new(), "a\nb".to_owned());
        let past = document.apply(change((3, 0), (3, 0), "x"), Encoding::Utf16);
        assert_eq!(past, Err(ChangeError::PastEnd { line: 3, count: 2 }));
        let backwards = document.apply(change((1, 0), (0, 0), "x"), Encoding::Utf16);
        assert_eq!(backwards, Err(ChangeError::Backwards));
    }

    proptest! {
        /// Whatever is edited, the rope's text is what the same edit gives on a plain string by `LineIndex`.
        #[test]
        fn edits_are_those_of_a_string(
            text in "[ab\u{e9}\u{1f600}\r\n\u{2028}\u{c}]{0,30}",
            edits in prop::collection::vec(((0u32..6, 0u32..8), (0u32..6, 0u32..8), "[x\n\r\u{e9}]{0,3}"), 0..12),
            utf8 in any::<bool>(),
        ) {
            let encoding = if utf8 { Encoding::Utf8 } else { Encoding::Utf16 };
            let mut document = Document::new(1, String::new(), text.clone());
            let mut plain = text;
            for (start, end, new) in edits {
                let index = LineIndex::new(&plain);
                let at = |(line, column)| index.offset(&plain, text::Position { line, column }, encoding);
                if document.apply(change(start, end, &new), encoding).is_ok() {
                    let (from, to) = (at(start), at(end));
                    plain.replace_range(from..to, &new);
                }
                prop_assert_eq!(&*document.text().text, &plain);
            }
        }
    }
}
