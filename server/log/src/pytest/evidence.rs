//! What one session's lines told, before mentions of one failure are joined.

use text::Span;

use super::section::{Header, Parsed};
use crate::{Captured, Fact, Failure, Session};

/// A line that names a failed test.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    pub(crate) id: String,
    /// `ERROR` rather than `FAILED`: set-up, teardown or collection.
    pub(crate) is_error: bool,
    /// What the short summary says behind the id.
    pub(crate) message: Option<String>,
    pub(crate) span: Span,
    pub(crate) line: u32,
    pub(crate) seconds: Option<f64>,
    pub(crate) worker: Option<String>,
    /// Whether the same test's call was reported before: then an `ERROR` is one of its teardown.
    pub(crate) after_call: bool,
}

/// A failure's section.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) header: Header,
    /// Stands under `ERRORS`.
    pub(crate) is_error: bool,
    pub(crate) parsed: Parsed,
    pub(crate) captured: Vec<Captured>,
    pub(crate) span: Span,
    pub(crate) line: u32,
}

/// One session, as told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    pub(crate) session: Session,
    pub(crate) progress: Vec<Mention>,
    pub(crate) summary: Vec<Mention>,
    pub(crate) told: Vec<Told>,
    /// Failures that no other line tells of: crashes, timeouts, internal errors.
    pub(crate) whole: Vec<Failure>,
    /// The last test that a line names.
    pub(crate) last: Option<Started>,
    /// The line of totals was seen.
    pub(crate) finished: bool,
    /// pytest's own header was seen.
    pub(crate) headed: bool,
    /// Sections and lines for which there was no place.
    pub(crate) more_told: usize,
    pub(crate) more_summary: usize,
    pub(crate) more_progress: usize,
}

/// A test that started.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    pub(crate) fact: Fact,
    /// It has an outcome.
    pub(crate) over: bool,
    /// Its call has an outcome: an `ERROR` after it is one of its teardown.
    pub(crate) ran: bool,
}

impl Evidence {
    /// How many failures had no place: each of them may have been told of in all three ways.
    pub(crate) fn more(&self) -> usize {
        self.more_told
            .max(self.more_summary)
            .max(self.more_progress)
    }

    /// Whether any line told of a failure.
    pub(crate) fn has_failures(&self) -> bool {
        !(self.progress.is_empty()
            && self.summary.is_empty()
            && self.told.is_empty()
            && self.whole.is_empty()
            && self.more() == 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.headed && !self.finished && !self.has_failures() && self.last.is_none()
    }
}
