//! What one session's lines told, before mentions of one failure are joined.

use text::Span;

use super::header::Collected;
use super::section::{Header, Parsed};
use crate::{Captured, Fact, Failure, Kind, Phase, Session};

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
    /// What stands between the test's name and its outcome, where they are on different lines: nothing is captured.
    pub(crate) printed: Option<Span>,
}

/// A failure's section.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) header: Header,
    /// Stands under `ERRORS`.
    pub(crate) is_error: bool,
    /// It may be in what a test printed: it counts if another line names its test.
    pub(crate) doubtful: bool,
    /// The log begins inside it, so that its header is not there.
    pub(crate) is_cut: bool,
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
    /// The shell's note that a signal ended it.
    pub(crate) died: Option<Died>,
    /// Sessions that ended while this one had not, and may have run in one of its tests.
    pub(crate) inner: Vec<Self>,
    /// The line of totals was seen.
    pub(crate) finished: bool,
    /// Characters of its header's rule: its other rules are as wide. 0 where that is not known.
    pub(crate) width: usize,
    /// Marks before that rule's title.
    pub(crate) left: usize,
    /// How many sections and entries there were when the last heading of failures came.
    pub(crate) mark: Option<(usize, usize)>,
    /// A quiet run ended behind that heading: if another heading follows, a test had run it.
    pub(crate) quiet_end: bool,
    /// Entries of a summary whose heading was not seen.
    pub(crate) loose: usize,
    /// pytest's own header was seen.
    pub(crate) headed: bool,
    /// What it had to run.
    pub(crate) collected: Option<Collected>,
    /// It says that it stopped before all had run.
    pub(crate) stopped: bool,
    /// Sections and lines for which there was no place.
    pub(crate) more_told: usize,
    pub(crate) more_summary: usize,
    pub(crate) more_progress: usize,
}

/// What a shell said of a run that a signal ended.
#[derive(Debug, Clone)]
pub(crate) struct Died {
    pub(crate) what: &'static str,
    pub(crate) span: Span,
    pub(crate) line: u32,
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

    /// How many failures and errors the totals count; `None` before they come.
    pub(crate) fn counted_failures(&self) -> Option<u64> {
        let failed = |word: &str| {
            word.starts_with("error") || (word.contains("failed") && !word.contains("xfailed"))
        };
        let counts = self.session.totals.iter().filter(|(word, _)| failed(word));
        self.finished
            .then(|| counts.map(|&(_, count)| count).fold(0, u64::saturating_add))
    }

    /// How many tests the totals count by one of `words`.
    pub(crate) fn counted(&self, words: &[&str]) -> u64 {
        let counts = self.session.totals.iter();
        counts
            .filter(|(word, _)| words.contains(&word.as_str()))
            .fold(0_u64, |sum, &(_, count)| sum.saturating_add(count))
    }

    /// How many tests had to run, and how many of them the totals count by their call; `None` where that is not told.
    fn calls(&self) -> Option<(u64, u64)> {
        let collected = self.collected.filter(|_| !self.session.totals.is_empty())?;
        let called = self.counted(&["passed", "failed", "xfailed", "xpassed", "skipped"]);
        let deselected = collected.deselected.max(self.counted(&["deselected"]));
        let items = collected.items.saturating_sub(deselected);
        Some((items, called.saturating_sub(collected.skipped)))
    }

    /// Whether the totals count less tests than had to run, and nothing says that the session stopped: then a test printed
    /// them.
    pub(crate) fn falls_short(&self) -> bool {
        if !self.headed || !self.finished || self.stopped {
            return false;
        }
        let any = self.session.totals.iter().filter(|(word, _)| {
            let kinds = [
                "warning", "selected", "rerun", "snapshot", "subtest", "second",
            ];
            !kinds.iter().any(|kind| word.contains(kind))
        });
        let any = any.fold(0_u64, |sum, &(_, count)| sum.saturating_add(count));
        let collected = self.collected.unwrap_or_default();
        self.calls().is_some_and(|(items, _)| {
            any < items
                .saturating_add(collected.errors)
                .saturating_add(collected.skipped)
        })
    }

    /// Goes on behind totals that a test printed, without what stood under the last heading before them.
    pub(crate) fn reopen(&mut self) {
        self.finished = false;
        self.session.totals.clear();
        self.session.summary = None;
        if let Some((told, summary)) = self.mark.take() {
            self.told.truncate(told);
            self.summary.truncate(summary);
        }
    }

    /// The phase of every error of a test, if it is the same for all: one in the setup leaves its test without a call, so
    /// that the totals are of less tests than had to run.
    pub(crate) fn phase_of_errors(&self) -> Option<Phase> {
        let (items, called) = self.calls()?;
        let of_setup = items.checked_sub(called).filter(|_| !self.stopped)?;
        let errors = self.counted(&["error", "errors"]);
        let of_tests = errors.checked_sub(self.collected?.errors)?;
        match of_tests.checked_sub(of_setup)? {
            0 => Some(Phase::Setup),
            _ if of_setup == 0 => Some(Phase::Teardown),
            _ => None,
        }
    }

    /// Where the totals count no failure, what looked like one was printed by a test that passed.
    pub(crate) fn believe_totals(&mut self) {
        let totals = &self.session.totals;
        let Some(end) = self.session.summary.as_ref().map(|it| it.line) else {
            return;
        };
        if totals.is_empty() || self.counted_failures() != Some(0) {
            return;
        }
        self.told.clear();
        self.summary.clear();
        self.progress.clear();
        self.more_told = 0;
        self.more_summary = 0;
        self.more_progress = 0;
        self.whole.retain(|it| {
            let survived = matches!(it.kind, Kind::Crash | Kind::Timeout) && it.line < end;
            let stopped = it
                .exception
                .as_ref()
                .is_some_and(|it| it.type_name == "KeyboardInterrupt");
            !survived || stopped
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.headed
            && !self.finished
            && !self.has_failures()
            && self.last.is_none()
            && self.died.is_none()
    }
}
