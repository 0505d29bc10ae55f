//! A part of a log as a person reads it.

use text::Span;

use crate::ci::shape::{SNIFFED_LINES, Shape};
use crate::clean::{Cleaner, Piece};

/// The lines of a part of a log without the CI's prefixes and without escape sequences. The log's `beginning` tells its format;
/// `is_whole` tells whether the part's first line is whole, or begins behind the prefix.
pub fn shown(beginning: &[u8], part: &[u8], is_whole: bool) -> Vec<String> {
    let first: Vec<&[u8]> = beginning
        .split(|&byte| byte == b'\n')
        .take(SNIFFED_LINES)
        .collect();
    let mut shape = Shape::of(&first);
    let mut cleaner = Cleaner::default();
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    let lines = part.split(|&byte| byte == b'\n').enumerate();
    lines
        .map(|(idx, raw)| {
            let len = match idx > 0 || is_whole {
                true => shape.prefix(raw).len.min(raw.len()),
                false => 0,
            };
            let piece = Piece {
                bytes: &raw[len..],
                offset: 0,
            };
            cleaner.line(piece, 0, Span::default()).text.to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\u{feff}2026-11-20T08:14:03.0000000Z ##[group]Run pytest\n\
        2026-11-20T08:14:03.1000000Z x.py::test_a \u{1b}[32m2026-11-20 08:14:03\u{1b}[0m | PCC: 0.5\r\n\
        2026-11-20T08:14:03.2000000Z second\n";

    #[test]
    fn without_prefixes_and_colours() {
        let start = LOG.find("x.py").unwrap_or_default();
        assert_eq!(
            shown(LOG.as_bytes(), &LOG.as_bytes()[start..], false),
            ["x.py::test_a 2026-11-20 08:14:03 | PCC: 0.5", "second"]
        );
    }

    #[test]
    fn a_first_line_that_is_whole_has_a_prefix() {
        let start = LOG.rfind("2026").unwrap_or_default();
        let part = &LOG.as_bytes()[start..];
        assert_eq!(shown(LOG.as_bytes(), part, true), ["second"]);
        assert_eq!(shown(b"", b"", true), [""]);
    }
}
