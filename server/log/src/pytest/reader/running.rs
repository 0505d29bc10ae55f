//! Which test runs, and the outcomes that progress lines tell.

use text::Span;

use super::Reader;
use crate::Fact;
use crate::line::Line;
use crate::pytest::evidence::{Mention, Started};
use crate::pytest::ids;
use crate::pytest::progress::{self, Outcome};

impl Reader {
    /// A progress line, or an outcome alone.
    pub(super) fn note_progress(&mut self, line: &Line<'_>) {
        let Some(found) = progress::parse(line.text) else {
            self.note_running(line);
            return;
        };
        // What runs behind a session's end runs in the one that it was run by.
        // One without header that passed has no failures behind its end: they are of another.
        let failed = matches!(found.outcome, Some(Outcome::Failed | Outcome::Error));
        let of_next =
            failed && !self.evidence.headed && self.evidence.counted_failures() == Some(0);
        if self.may_go_on() || of_next {
            self.leave_ended();
        } else if self.evidence.falls_short() {
            self.evidence.reopen();
        }
        // pytest names a running test once more only behind the end of its call.
        let again = |it: &Started| {
            found.worker.is_none() && found.id.is_some() && !it.over && it.fact.line < line.number
        };
        let after_call = self.evidence.last.as_ref().is_some_and(|it| {
            (it.ran || again(it)) && found.id.is_none_or(|id| id == it.fact.text)
        });
        let printed = self.printed_before(line, found.id.is_none());
        if found.id.is_some() {
            self.note_start(line);
        } else if let Some(last) = &mut self.evidence.last {
            last.over = true;
            last.ran |= found.outcome.is_some_and(ends_call);
        }
        let is_error = match found.outcome {
            Some(Outcome::Failed) => false,
            Some(Outcome::Error) => true,
            _ => return,
        };
        let id = match (found.id, &self.evidence.last) {
            (Some(id), _) => id.to_owned(),
            (None, Some(last)) => last.fact.text.clone(),
            (None, None) => {
                return;
            }
        };
        if self.is_full() || self.evidence.progress.len() >= self.keeper.places() {
            self.evidence.more_progress += 1;
            return;
        }
        self.evidence.progress.push(Mention {
            id,
            is_error,
            message: None,
            span: line.raw,
            line: line.number,
            seconds: found.seconds,
            worker: found.worker.map(str::to_owned),
            after_call,
            printed,
        });
    }

    /// What a test printed since its name, where the outcome stands alone in its line.
    fn printed_before(&self, line: &Line<'_>, is_alone: bool) -> Option<Span> {
        let last = self.evidence.last.as_ref()?;
        let (from, to) = (last.fact.span.end, line.raw.start);
        (is_alone && !last.over && from < to).then(|| Span::new(from, to))
    }

    /// Where nothing is captured, a test's name stands before whatever it prints.
    pub(super) fn note_running(&mut self, line: &Line<'_>) {
        let may_run = self.runs() || self.may_go_on();
        let end = ids::leading_id(line.text, false).filter(|_| may_run);
        let Some(end) = end.filter(|&end| line.text[end..].starts_with(' ')) else {
            return;
        };
        if self.may_go_on() {
            self.leave_ended();
        }
        let outcome = progress::glued_outcome(&line.text[end..]);
        self.evidence.last = Some(Started {
            fact: Fact {
                text: line.text[..end].to_owned(),
                span: line.span(0..end),
                line: line.number,
            },
            over: outcome.is_some(),
            ran: outcome.is_some_and(ends_call),
        });
    }

    /// Remembers the test that a line names.
    pub(super) fn note_start(&mut self, line: &Line<'_>) {
        let Some(found) = progress::parse(line.text) else {
            self.note_running(line);
            return;
        };
        let Some(id) = found.id else { return };
        self.evidence.last = Some(Started {
            fact: Fact {
                text: id.to_owned(),
                span: line.span(found.id_range),
                line: line.number,
            },
            over: found.outcome.is_some(),
            ran: found.outcome.is_some_and(ends_call),
        });
    }

    pub(super) fn running(&self) -> String {
        self.evidence
            .last
            .as_ref()
            .map(|it| it.fact.text.clone())
            .unwrap_or_default()
    }
}

/// Whether an `ERROR` behind this outcome is one of the teardown.
fn ends_call(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Passed | Outcome::Failed | Outcome::Other)
}
