//! Finds the lines that matter, over large chunks: only they are split, cleaned and read.
//!
//! Most literals are found together, with SIMD, which is twice as fast for 32 patterns as for 33: some that have a part in common
//! are found by it. A few have a byte that is rare.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{Span, packed};
use memchr::{memchr, memchr3, memmem, memrchr};

use crate::scout::Scouted;

/// Names a test; alone it is no reason to read its line.
const NAME: &str = ".py::";

/// Bytes that are looked through at a time for the last name in them.
const BLOCK: usize = 8 << 10;

/// What is looked for to find the literals, beside what has a rare byte: those that have a part in common are found by it, and
/// of others the rarer part is taken.
///
/// The search goes by the first four bytes of each, and puts eight of them into as many buckets, then the next eight, and so
/// on. A bucket lets through each mix of its first bytes, which are then compared one by one: a row is a bucket here, and holds
/// what mixes to little that logs hold.
const KEYS: [&[&str]; 8] = [
    &["=====", "cution t", "s timed out", "section_"],
    &["_____", "ED SUCCESS: ", "[Pipeline] ", "p orphan processes"],
    &[" failed", " error", "  File \"", "Segmentation fault"],
    &["FAIL", " passed in ", "INTING LOG FILE", "xception"],
    &["ERROR", "Killed", "ytest", "urning 124"],
    &["xit ", "xited with ", " while ", "ped)"],
    &[
        "\u{2015}\u{2015}\u{2015}",
        ": KeyboardInterrupt",
        "k (most recent call last)",
        "nt runner version: ",
    ],
    &["Aborted", "arts", "job ", "lts ("],
];

/// The literals that are found by a byte of theirs: two groups, as three bytes can be looked for at once.
const BY_BYTE: [[(u8, &str); 3]; 2] = [
    [(b'$', "$ "), (b'#', "##["), (0xa8, "\u{2a2f}")],
    [(b'+', "+++ "), (b'~', "~~~ "), (b'!', "!!!!!")],
];

#[derive(Debug)]
pub(crate) struct Finder {
    /// Of [`KEYS`].
    keys: Option<packed::Searcher>,
    /// The literals that each of them finds, and where in those it stands.
    found_by: Vec<Vec<(usize, &'static str)>>,
    name: memmem::Finder<'static>,
}

/// What is known of a chunk before a line of it is read.
#[derive(Debug, Default)]
pub(crate) struct Ahead<'a> {
    /// All that there is to find, where somebody looked before.
    scouted: Option<Scouted<'a>>,
    /// The next literal of each kind, found once for all lines before it.
    by_key: Option<(usize, usize)>,
    by_byte: [Option<(usize, usize)>; BY_BYTE.len()],
}

impl<'a> Ahead<'a> {
    pub(crate) fn of(scouted: Option<Scouted<'a>>) -> Self {
        Self {
            scouted,
            ..Self::default()
        }
    }
}

impl Finder {
    /// There is one; made when a log is first looked through.
    pub(crate) fn get() -> &'static Self {
        static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);
        &FINDER
    }

    fn new() -> Self {
        let found_by = |key: &'static str| {
            let finder = memmem::Finder::new(key);
            let holds = |literal: &'static str| Some((finder.find(literal.as_bytes())?, literal));
            match literals().find(|literal| *literal == key) {
                Some(literal) => vec![(0, literal)],
                None => literals().filter_map(holds).collect(),
            }
        };
        Self {
            keys: packed::Builder::new().extend(keys()).build(),
            found_by: keys().map(found_by).collect(),
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
        ahead: &mut Ahead<'_>,
    ) -> usize {
        if let Some(scouted) = &mut ahead.scouted {
            let line = scouted.line_from(from).unwrap_or(chunk.len());
            return line.min(chunk.len());
        }
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

    fn find(&self, chunk: &[u8], from: usize, ahead: &mut Ahead<'_>) -> Option<(usize, usize)> {
        let none = (usize::MAX, usize::MAX);
        let next = |known: &mut Option<(usize, usize)>,
                    find: &dyn Fn() -> Option<(usize, usize)>| {
            let found = match *known {
                Some(known) if known.0 >= from => known,
                _ => find().unwrap_or(none),
            };
            *known = Some(found);
            found
        };
        let mut first = next(&mut ahead.by_key, &|| self.by_key(chunk, from));
        for (known, group) in ahead.by_byte.iter_mut().zip(&BY_BYTE) {
            first = first.min(next(known, &|| by_byte(group, chunk, from)));
        }
        Some(first).filter(|&first| first != none)
    }

    fn by_key(&self, chunk: &[u8], from: usize) -> Option<(usize, usize)> {
        let Some(keys) = &self.keys else {
            // Without SIMD every line is looked at.
            return (from < chunk.len()).then_some((from, from));
        };
        let mut at = from;
        loop {
            let found = keys.find_in(chunk, Span::from(at..chunk.len()))?;
            let literals = &self.found_by[found.pattern().as_usize()];
            let around = literals.iter().find_map(|&(before, literal)| {
                let start = found.start().checked_sub(before)?;
                let is_whole = chunk[start..].starts_with(literal.as_bytes());
                is_whole.then_some((start, start + literal.len()))
            });
            if around.is_some() {
                return around;
            }
            at = found.start() + 1;
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

/// All literals.
fn literals() -> impl Iterator<Item = &'static str> {
    let all = crate::pytest::TRIGGERS.iter().chain(crate::ci::TRIGGERS);
    all.copied()
}

/// In the order in which the search takes them.
fn keys() -> impl Iterator<Item = &'static str> {
    let column = |at: usize| KEYS.iter().filter_map(move |row| row.get(at).copied());
    (0..4).flat_map(column)
}

/// The next of a group's literals.
fn by_byte(group: &[(u8, &str); 3], chunk: &[u8], from: usize) -> Option<(usize, usize)> {
    let [a, b, c] = group;
    let mut at = from;
    loop {
        at += memchr3(a.0, b.0, c.0, chunk.get(at..)?)?;
        let (byte, literal) = group.iter().find(|it| it.0 == chunk[at])?;
        let before = memchr(*byte, literal.as_bytes())?;
        if at >= from + before && chunk[at - before..].starts_with(literal.as_bytes()) {
            return Some((at - before, at - before + literal.len()));
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_few_enough_for_the_fast_search() {
        assert!(keys().count() <= 32);
        assert!(Finder::get().keys.is_some());
    }

    fn lines(text: &str, limit: usize) -> Vec<&str> {
        let (finder, mut ahead) = (Finder::get(), Ahead::default());
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
        for literal in literals() {
            let line = format!("text {literal}");
            let text = format!(
                "{}one\n{line}\ntwo $x # \u{2a00}, a while , FAIL, xit ++ ~~ !!!!",
                "quiet\n".repeat(40)
            );
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
            let found = Finder::get().last_name(text.as_bytes(), 0..text.len(), 100);
            assert_eq!(found.map(|(from, to)| &text[from..to]), Some("b.py::y 1"));
            let none = Finder::get().last_name(text.as_bytes(), 18..text.len(), 100);
            assert_eq!(none, None);
            let cut = Finder::get().last_name(text.as_bytes(), 0..text.len(), 4);
            assert_eq!(cut, None);
        }
    }
}
