//! What commands print, as far as it is known: for `$( )`, and for what is written to `$GITHUB_ENV`.

use std::rc::Rc;

use text::Span;

use super::{Machine, Source};

/// A part of a text: known, or an expression as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Known(String),
    Unknown(String),
}

impl Piece {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Known(text) | Self::Unknown(text) => text,
        }
    }
}

/// What was printed so far, with where each part comes from.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    pub(crate) pieces: Vec<(Piece, Span)>,
    bytes: usize,
}

/// Bytes of output that are kept.
const LONGEST: usize = 1 << 20;

impl Sink {
    /// The text without the line ends at its end, if all of it is known.
    pub(crate) fn known(&self) -> Option<String> {
        let mut text = String::new();
        for (piece, _) in &self.pieces {
            match piece {
                Piece::Known(known) => text.push_str(known),
                Piece::Unknown(_) => return None,
            }
        }
        text.truncate(text.trim_end_matches('\n').len());
        Some(text)
    }
}

impl Machine<'_> {
    /// Prints to whatever reads it; a terminal's output is of no interest.
    pub(crate) fn print(&mut self, piece: Piece, span: Span, source: &Rc<Source>) {
        let length = piece.text().len();
        self.pay(length / 16);
        let Some(sink) = self.sinks.last_mut() else {
            return;
        };
        sink.bytes += length;
        if sink.bytes > LONGEST {
            sink.pieces.clear();
            sink.pieces
                .push((Piece::Unknown("...".to_owned()), source.span(span)));
            return;
        }
        sink.pieces.push((piece, source.span(span)));
    }
}
