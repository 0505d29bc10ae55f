//! The lines that matter, found before a log is read: on another core, where there is one.

use memchr::{memchr, memrchr};

use crate::Limits;
use crate::find::{Ahead, Finder};

/// Looks through a log's pieces before a [`Parser`](crate::Parser) takes them.
#[derive(Debug)]
pub struct Scout {
    finder: &'static Finder,
    limit: usize,
    /// The last piece did not end with a line.
    open: bool,
}

impl Scout {
    /// With the limits of the parser.
    pub fn new(limits: Limits) -> Self {
        Self {
            finder: Finder::get(),
            limit: limits.line_looked_at(),
            open: false,
        }
    }

    /// Puts into `found` where in the log's next piece the lines that matter begin: of those that begin and end in it.
    pub fn look(&mut self, piece: &[u8], found: &mut Vec<usize>) {
        found.clear();
        let mut at = match self.open {
            true => memchr(b'\n', piece).map_or(piece.len(), |end| end + 1),
            false => 0,
        };
        let whole = memrchr(b'\n', piece).map_or(0, |end| end + 1);
        self.open = whole < piece.len() || (self.open && piece.is_empty());
        let lines = &piece[..whole];
        let mut ahead = Ahead::default();
        while at < whole {
            let line = self.finder.line_from(lines, at, self.limit, &mut ahead);
            if line == whole {
                break;
            }
            found.push(line);
            at = memchr(b'\n', &lines[line..]).map_or(whole, |len| line + len + 1);
        }
    }
}

/// What a scout found in a piece, for the part of it that begins at an offset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scouted<'a> {
    lines: &'a [usize],
    offset: usize,
}

impl<'a> Scouted<'a> {
    pub(crate) fn new(lines: &'a [usize]) -> Self {
        Self { lines, offset: 0 }
    }

    /// For the part behind that many bytes.
    pub(crate) fn behind(self, bytes: usize) -> Self {
        Self {
            offset: self.offset + bytes,
            ..self
        }
    }

    /// Where the next of the lines begins, at `from` or behind it. Those before are forgotten.
    pub(crate) fn line_from(&mut self, from: usize) -> Option<usize> {
        let passed = |line: &&usize| **line < self.offset + from;
        let before = self.lines.iter().take_while(passed).count();
        self.lines = &self.lines[before..];
        Some(self.lines.first()? - self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(pieces: &[&str]) -> Vec<Vec<usize>> {
        let mut scout = Scout::new(Limits::default());
        let mut found = Vec::new();
        let mut look = |piece: &&str| {
            scout.look(piece.as_bytes(), &mut found);
            found.clone()
        };
        pieces.iter().map(&mut look).collect()
    }

    #[test]
    fn only_lines_that_are_whole_in_a_piece() {
        let pieces = [
            "FAILED a\nb\nFAIL",
            "ED c\nFAILED d\n",
            "",
            "FAILED e\nFAILED f",
        ];
        assert_eq!(looked(&pieces), [vec![0], vec![5], vec![], vec![0]]);
    }

    #[test]
    fn a_line_that_goes_on_through_a_piece() {
        let pieces = ["FAILED ", "FAILED ", "FAILED\nFAILED\n"];
        assert_eq!(looked(&pieces), [vec![], vec![], vec![7]]);
    }

    #[test]
    fn the_part_behind_an_offset() {
        let mut scouted = Scouted::new(&[0, 5, 9]).behind(3).behind(2);
        assert_eq!(scouted.line_from(0), Some(0));
        assert_eq!(scouted.line_from(1), Some(4));
        assert_eq!(scouted.line_from(5), None);
    }
}
