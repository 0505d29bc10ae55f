//! Where the lines of a text begin, and positions in the two encodings that editors count in.

use crate::Span;

/// How a position's column is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Columns are bytes.
    Utf8,
    /// Columns are UTF-16 code units, what an editor counts unless it says otherwise.
    Utf16,
}

/// A line and a column in it, both 0-based, the column in code units of an [`Encoding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// The starts of a text's lines. A line ends at `\n`, `\r\n` or `\r`, as in LSP, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let first_of_pair = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            if !first_of_pair {
                starts.push(at + 1);
            }
        }
        Self {
            starts,
            len: bytes.len(),
        }
    }

    /// How many lines there are: one more than there are line ends.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The 0-based line of a byte offset; one past the text is on its last line.
    pub fn line_of(&self, offset: usize) -> u32 {
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// A line without its line end; `None` past the last line.
    pub fn line(&self, text: &str, line: u32) -> Option<Span> {
        let line = line as usize;
        let start = *self.starts.get(line)?;
        let end = self.starts.get(line + 1).copied().unwrap_or(self.len);
        let content = text.get(start..end)?.trim_end_matches(['\n', '\r']);
        Some(Span::new(start, start + content.len()))
    }

    /// The position of a byte offset. An offset past the text, or inside a character, is moved back to the nearest one.
    pub fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let offset = text.floor_char_boundary(offset);
        let line = self.line_of(offset);
        let before = &text[self.starts[line as usize]..offset];
        let column = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        Position {
            line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// The byte offset of a position. A column past its line is clamped to the line's end (before the line end), a line
    /// past the text to the text's end; a column inside a character goes to the character's start.
    pub fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let Some(line) = self.line(text, position.line) else {
            return self.len;
        };
        let content = line.of(text);
        let column = position.column as usize;
        let within = match encoding {
            Encoding::Utf8 => content.floor_char_boundary(column),
            Encoding::Utf16 => {
                let mut units = 0;
                content
                    .char_indices()
                    .find(|(_, c)| {
                        units += c.len_utf16();
                        units > column
                    })
                    .map_or(content.len(), |(at, _)| at)
            }
        };
        line.start + within
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "\u{feff}a\r\né😀x\rlast";

    #[test]
    fn columns_in_both_encodings() {
        let index = LineIndex::new(TEXT);
        let x = TEXT.find('x').unwrap();
        assert_eq!(
            index.position(TEXT, x, Encoding::Utf8),
            Position { line: 1, column: 6 }
        );
        assert_eq!(
            index.position(TEXT, x, Encoding::Utf16),
            Position { line: 1, column: 3 }
        );
        assert_eq!(
            index.offset(TEXT, Position { line: 1, column: 3 }, Encoding::Utf16),
            x
        );
    }

    #[test]
    fn out_of_range_is_clamped() {
        let index = LineIndex::new(TEXT);
        assert_eq!(
            index.offset(
                TEXT,
                Position {
                    line: 0,
                    column: 99
                },
                Encoding::Utf16
            ),
            4
        );
        assert_eq!(
            index.offset(
                TEXT,
                Position {
                    line: 99,
                    column: 0
                },
                Encoding::Utf8
            ),
            TEXT.len()
        );
        let inside_emoji = Position { line: 1, column: 2 };
        assert_eq!(
            index.offset(TEXT, inside_emoji, Encoding::Utf16),
            TEXT.find('😀').unwrap()
        );
    }

    proptest! {
        /// The language server keeps its texts in ropes: both must see the same lines.
        #[test]
        fn lines_are_ropeys(text in "[a\u{e9}\u{1f600}\r\n\u{b}\u{c}\u{85}\u{2028}]{0,40}") {
            let index = LineIndex::new(&text);
            let rope = ropey::Rope::from_str(&text);
            prop_assert_eq!(index.count(), rope.len_lines());
            for line in 0..index.count() {
                prop_assert_eq!(index.starts[line], rope.line_to_byte(line));
            }
        }

        #[test]
        fn positions_come_back(text in "[a\u{e9}\u{1f600}\r\n]{0,40}", at in 0usize..80) {
            let index = LineIndex::new(&text);
            let at = text.floor_char_boundary(at);
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                let position = index.position(&text, at, encoding);
                let back = index.offset(&text, position, encoding);
                // Only an offset between \r and \n has no position of its own.
                let in_line_end = at > 0 && text[..at].ends_with('\r') && text[at..].starts_with('\n');
                prop_assert!(back == at || in_line_end);
            }
        }
    }
}
