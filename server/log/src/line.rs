//! One line of a log, cleaned, and the way back to the raw bytes.

use std::ops::Range;

use text::Span;

/// A line without prefix, BOM, CR and escape sequences.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// 1-based line of the raw log: how many `\n` stand before it, plus one.
    pub(crate) number: u32,
    /// The whole raw line, without its line end.
    pub(crate) raw: Span,
    /// What a person reads.
    pub(crate) text: &'a str,
    /// Runs of `text` that stand unbroken in the raw log: (offset in `text`, offset in the raw log), ascending in `text`.
    pub(crate) runs: &'a [(usize, usize)],
}

impl Line<'_> {
    /// The raw bytes that a range of `text` came from.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.raw_offset(range.start), self.raw_end(range.end))
    }

    /// Where the character at `offset` of `text` stands.
    pub(crate) fn raw_offset(&self, offset: usize) -> usize {
        let run = self.runs.partition_point(|&(at, _)| at <= offset);
        match run.checked_sub(1).map(|idx| self.runs[idx]) {
            Some((at, raw)) => (raw + offset - at).min(self.raw.end),
            None => self.raw.start,
        }
    }

    /// Where the character before `offset` of `text` ends: an escape sequence behind it does not belong to it.
    fn raw_end(&self, offset: usize) -> usize {
        let Some(last) = offset.checked_sub(1) else {
            return self.raw_offset(0);
        };
        let run = self.runs.partition_point(|&(at, _)| at <= last);
        let end = self.raw_offset(last) + 1;
        // A replacement character is longer than the bytes that it stands for: it ends where the next run begins. What a
        // carriage return brought from further back has its next run before itself.
        match (run.checked_sub(1), self.runs.get(run)) {
            (Some(own), Some(&(_, next))) if next > self.runs[own].1 => end.min(next),
            _ => end.min(self.raw.end.max(self.raw.start)),
        }
    }
}
