//! Finds the lines that matter, over large chunks: only they are split, cleaned and read.
//!
//! Literals of four bytes and more are found together, with SIMD; the few shorter ones have a byte each that is rare.

use std::ops::Range;

use aho_corasick::{Span, packed};
use memchr::{memchr, memchr3, memmem, memrchr};

/// Names a test; alone it is no reason to read its line.
const NAME: &str = ".py::";

/// Bytes that are looked through at a time for the last name in them.
const BLOCK: usize = 8 << 10;

#[derive(Debug)]
pub(crate) struct Finder {
    long: Option<packed::Searcher>,
    name: memmem::Finder<'static>,
}

/// The next literal of each kind in a chunk, found once for all lines before it.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    long: Option<(usize, usize)>,
    short: Option<(usize, usize)>,
}

impl Finder {
    pub(crate) fn new() -> Self {
        let patterns = crate::pytest::TRIGGERS.iter().chain(crate::ci::TRIGGERS);
        let long = patterns.filter(|it| it.len() > 3);
        Self {
            long: packed::Builder::new().extend(long).build(),
            name: memmem::Finder::new(NAME),
        }
    }

    /// The beginning of the next line, at `from` or behind it, that holds a literal in its first `limit` bytes; the chunk's
    /// end if there is none.
    pub(crate) fn line_from(
        &self,
        chunk: &[u8],
        from: usize,
        limit: usize,
        ahead: &mut Ahead,
    ) -> usize {
        let mut at = from;
        while let Some((start, end)) = self.find(chunk, at, ahead) {
            let line = memrchr(b'\n', &chunk[..start]).map_or(0, |found| found + 1);
            if end <= line.saturating_add(limit) {
                return line;
            }
            let len = memchr(b'\n', &chunk[start..]);
            at = len.map_or(chunk.len(), |len| start + len + 1);
        }
        chunk.len()
    }

    fn find(&self, chunk: &[u8], from: usize, ahead: &mut Ahead) -> Option<(usize, usize)> {
        let none = (usize::MAX, usize::MAX);
        let long = match ahead.long {
            Some(known) if known.0 >= from => known,
            _ => self.long(chunk, from).unwrap_or(none),
        };
        ahead.long = Some(long);
        let short = match ahead.short {
            Some(known) if known.0 >= from => known,
            _ => short(chunk, from).unwrap_or(none),
        };
        ahead.short = Some(short);
        Some(long.min(short)).filter(|&next| next != none)
    }

    fn long(&self, chunk: &[u8], from: usize) -> Option<(usize, usize)> {
        match &self.long {
            Some(searcher) => {
                let found = searcher.find_in(chunk, Span::from(from..chunk.len()))?;
                Some((found.start(), found.end()))
            }
            // Without SIMD every line is looked at.
            None => (from < chunk.len()).then_some((from, from)),
        }
    }

    /// Whether a line holds a literal, and whether it names a test.
    pub(crate) fn line(&self, line: &[u8]) -> (bool, bool) {
        let hit = self.find(line, 0, &mut Ahead::default()).is_some();
        (hit, self.name.find(line).is_some())
    }

    /// The last line of a range of lines that names a test in its first `limit` bytes.
    pub(crate) fn last_name(
        &self,
        chunk: &[u8],
        lines: Range<usize>,
        limit: usize,
    ) -> Option<(usize, usize)> {
        let mut end = lines.end;
        while end > lines.start {
            let from = end.saturating_sub(BLOCK).max(lines.start);
            let Some(at) = self.name.find_iter(&chunk[from..end]).last() else {
                // One may lie across the blocks' border.
                if from == lines.start {
                    return None;
                }
                end = (from + NAME.len() - 1).min(end - 1);
                continue;
            };
            let line = memrchr(b'\n', &chunk[..from + at]).map_or(0, |found| found + 1);
            let to = memchr(b'\n', &chunk[from + at..]).map_or(chunk.len(), |len| from + at + len);
            let looked = to.min(line.saturating_add(limit));
            if self.name.find(&chunk[line..looked]).is_some() {
                return Some((line, to));
            }
            end = line;
        }
        None
    }
}

/// The next of the literals that are too short for the others' company.
fn short(chunk: &[u8], from: usize) -> Option<(usize, usize)> {
    const MIDDLE: u8 = "\u{2a2f}".as_bytes()[1];
    let mut at = from;
    loop {
        at += memchr3(b'$', b'#', MIDDLE, chunk.get(at..)?)?;
        let end = match chunk[at] {
            b'$' if chunk[at..].starts_with(b"$ ") => Some(at + 2),
            b'#' if chunk[at..].starts_with(b"##[") => Some(at + 3),
            MIDDLE if at > from && chunk[at - 1..].starts_with("\u{2a2f}".as_bytes()) => {
                return Some((at - 1, at + 2));
            }
            _ => None,
        };
        if let Some(end) = end {
            return Some((at, end));
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_few_enough_to_be_found_together() {
        assert!(Finder::new().long.is_some());
    }

    fn lines(text: &str, limit: usize) -> Vec<&str> {
        let (finder, mut ahead) = (Finder::new(), Ahead::default());
        let mut found = Vec::new();
        let mut at = 0;
        loop {
            let line = finder.line_from(text.as_bytes(), at, limit, &mut ahead);
            let Some(rest) = text.get(line..).filter(|rest| !rest.is_empty()) else {
                return found;
            };
            let len = rest.find('\n').unwrap_or(rest.len());
            found.push(&rest[..len]);
            at = (line + len + 1).min(text.len());
        }
    }

    #[test]
    fn every_literal_makes_its_line_matter() {
        for literal in crate::pytest::TRIGGERS.iter().chain(crate::ci::TRIGGERS) {
            let line = format!("text {literal}");
            let text = format!("{}one\n{line}\ntwo $x # \u{2a00}", "quiet\n".repeat(40));
            assert_eq!(lines(&text, 100), [line.as_str()]);
        }
    }

    #[test]
    fn a_literal_behind_the_limit_is_not_seen() {
        assert_eq!(lines("a FAILED x\nabcdefgh FAILED", 10), ["a FAILED x"]);
        assert_eq!(lines("abcdefghij ##[\n$ a", 10), ["$ a"]);
    }

    #[test]
    fn the_last_name_however_far_back() {
        for quiet in [0, 1, BLOCK - 20, BLOCK - 10, BLOCK, 3 * BLOCK] {
            let text = format!("a.py::x\nb.py::y 1\n{}", "q".repeat(quiet));
            let found = Finder::new().last_name(text.as_bytes(), 0..text.len(), 100);
            assert_eq!(found.map(|(from, to)| &text[from..to]), Some("b.py::y 1"));
            let none = Finder::new().last_name(text.as_bytes(), 18..text.len(), 100);
            assert_eq!(none, None);
            let cut = Finder::new().last_name(text.as_bytes(), 0..text.len(), 4);
            assert_eq!(cut, None);
        }
    }
}
