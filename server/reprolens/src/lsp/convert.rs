//! Byte spans to LSP ranges and back, paths to URIs and back.

use std::path::{Path, PathBuf};

use text::{Encoding, Span};
use tower_lsp::ls_types::{Position, Range, Uri};

use super::document::Text;

/// Positions of one text in the encoding that was agreed on.
#[derive(Clone, Copy)]
pub(crate) struct Positions<'a> {
    pub(crate) text: &'a Text,
    pub(crate) encoding: Encoding,
}

impl Positions<'_> {
    pub(crate) fn position(self, offset: usize) -> Position {
        let position = self
            .text
            .lines()
            .position(&self.text.text, offset, self.encoding);
        Position::new(position.line, position.column)
    }

    pub(crate) fn range(self, span: Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end))
    }

    /// A position outside the text is moved to the nearest one inside.
    pub(crate) fn offset(self, position: Position) -> usize {
        let position = text::Position {
            line: position.line,
            column: position.character,
        };
        self.text
            .lines()
            .offset(&self.text.text, position, self.encoding)
    }

    pub(crate) fn span(self, range: Range) -> Span {
        Span::new(self.offset(range.start), self.offset(range.end))
    }

    /// The content of a 1-based line, without white space and line end at its sides; what lies past the text is its end.
    pub(crate) fn line(self, line: u32) -> Span {
        let text = &self.text.text;
        let Some(span) = self.text.lines().line(text, line.saturating_sub(1)) else {
            return Span::at(text.len());
        };
        let content = span.of(text);
        let start = span.start + content.len() - content.trim_start().len();
        Span::new(start, start + content.trim().len())
    }

    /// The range of a 1-based line's content.
    pub(crate) fn line_range(self, line: u32) -> Range {
        self.range(self.line(line))
    }
}

/// The start of a 1-based line in a file that is not at hand.
pub(crate) fn line_start(line: u32) -> Range {
    let position = Position::new(line.saturating_sub(1), 0);
    Range::new(position, position)
}

/// The path of a `file:` URI; `None` for other schemes and for what is no absolute path.
pub(crate) fn path(uri: &Uri) -> Option<PathBuf> {
    if uri.scheme().as_str() != "file" {
        return None;
    }
    let path = uri.to_file_path()?.into_owned();
    path.is_absolute().then_some(path)
}

/// The URI of an absolute path; `None` where the path cannot be one.
pub(crate) fn uri(path: &Path) -> Option<Uri> {
    Uri::from_file_path(path)
}
