//! Lines that are kept until their end is known: a failure's section, a traceback, a crash report.

use std::ops::Range;

use text::Span;

use crate::line::Line;

/// Bytes of one block that are kept. A longer one is cut in its middle, so that its head (where it failed) and its
/// end (the message) stay.
const HEAD: usize = 512 << 10;
const TAIL: usize = 512 << 10;
/// Bytes of which a block that is used again keeps the room.
const ROOM: usize = 64 << 10;

/// Lines, copied out of the stream, with the way back to the raw log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
    text: String,
    runs: Vec<(usize, usize)>,
    lines: Vec<Kept>,
    /// Index of the first line past the head, once the head is full.
    tail: Option<usize>,
}

#[derive(Debug, Clone)]
struct Kept {
    number: u32,
    raw: Span,
    text: Range<usize>,
    runs: Range<usize>,
}

impl Block {
    /// Forgets its lines and keeps their room, as far as usual ones need it.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.runs.clear();
        self.lines.clear();
        self.tail = None;
        self.text.shrink_to(ROOM);
        self.runs.shrink_to(ROOM / 64);
        self.lines.shrink_to(ROOM / 64);
    }

    /// One line, without its first `skip` bytes: a prefix that another process put there.
    pub(crate) fn of(line: &Line<'_>, skip: usize) -> Self {
        let mut block = Self::default();
        block.push_part(line, skip);
        block
    }

    pub(crate) fn push(&mut self, line: &Line<'_>) {
        self.push_part(line, 0);
    }

    /// The line without its first `skip` bytes: a prefix that another process put there.
    pub(crate) fn push_part(&mut self, line: &Line<'_>, skip: usize) {
        if self.text.len() > HEAD && self.tail.is_none() {
            self.tail = Some(self.lines.len());
        }
        if self.text.len() > HEAD + 2 * TAIL {
            self.cut_middle();
        }
        let text = line.text.get(skip..).unwrap_or_default();
        let (begin, runs) = (self.text.len(), self.runs.len());
        self.text.push_str(text);
        if skip == 0 {
            self.runs.extend_from_slice(line.runs);
        } else {
            let start = line
                .runs
                .partition_point(|&(at, _)| at <= skip)
                .saturating_sub(1);
            let shifted = line.runs[start.min(line.runs.len())..]
                .iter()
                .map(|&(at, raw)| {
                    if at < skip {
                        (0, raw + skip - at)
                    } else {
                        (at - skip, raw)
                    }
                });
            self.runs.extend(shifted);
        }
        self.lines.push(Kept {
            number: line.number,
            raw: line.raw,
            text: begin..self.text.len(),
            runs: runs..self.runs.len(),
        });
    }

    fn cut_middle(&mut self) {
        let Some(head) = self.tail else { return };
        let from = self.text.len() - TAIL;
        let first = self
            .lines
            .partition_point(|it| it.text.start < from)
            .max(head);
        let mut shorter = Self {
            tail: Some(head),
            ..Self::default()
        };
        for idx in (0..head).chain(first..self.lines.len()) {
            let line = self.line(idx);
            let (text, runs) = (shorter.text.len(), shorter.runs.len());
            shorter.text.push_str(line.text);
            shorter.runs.extend_from_slice(line.runs);
            shorter.lines.push(Kept {
                number: line.number,
                raw: line.raw,
                text: text..shorter.text.len(),
                runs: runs..shorter.runs.len(),
            });
        }
        *self = shorter;
    }

    /// Whether a text stands in a line.
    pub(crate) fn contains(&self, text: &memchr::memmem::Finder<'_>) -> bool {
        text.find(self.text.as_bytes()).is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The line of that index; an empty one past the end.
    pub(crate) fn line(&self, idx: usize) -> Line<'_> {
        let Some(kept) = self.lines.get(idx) else {
            return Line {
                number: 0,
                raw: self.span().unwrap_or_default(),
                text: "",
                runs: &[],
            };
        };
        Line {
            number: kept.number,
            raw: kept.raw,
            text: &self.text[kept.text.clone()],
            runs: &self.runs[kept.runs.clone()],
        }
    }

    pub(crate) fn text(&self, idx: usize) -> &str {
        self.lines
            .get(idx)
            .map_or("", |it| &self.text[it.text.clone()])
    }

    /// The raw bytes of all lines.
    pub(crate) fn span(&self) -> Option<Span> {
        Some(self.lines.first()?.raw.cover(self.lines.last()?.raw))
    }

    /// The raw bytes of a range of lines.
    pub(crate) fn span_of(&self, lines: Range<usize>) -> Span {
        let first = self.line(lines.start).raw;
        first.cover(self.line(lines.end.saturating_sub(1).max(lines.start)).raw)
    }
}
