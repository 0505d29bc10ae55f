//! The totals of pytest-sugar and pytest-pretty: `Results (0.40s):`, then a line for each count. pytest-sugar names tests under
//! some counts.

use super::{Reader, State};
use crate::Fact;
use crate::line::Line;
use crate::pytest::rules;

impl Reader {
    /// `Results (0.40s):` was read: the session that runs has its end here.
    pub(super) fn results_begin(&mut self, line: &Line<'_>) -> State {
        self.leave_ended();
        if !self.runs() {
            return State::Idle;
        }
        self.evidence.finished = true;
        self.evidence.session.span = self.evidence.session.span.cover(line.raw);
        State::Results
    }

    /// A line below. Any that is neither a count nor a test ends the totals.
    pub(super) fn result(&mut self, line: &Line<'_>) -> (State, bool) {
        let text = line.text.trim();
        if text.is_empty() || text.starts_with("- ") {
            return (State::Results, false);
        }
        let Some((word, count)) = rules::count(text) else {
            return (State::Idle, true);
        };
        let session = &mut self.evidence.session;
        session.totals.push((word.to_owned(), count));
        session.span = session.span.cover(line.raw);
        match &mut session.summary {
            Some(summary) => {
                summary.text.push_str(", ");
                summary.text.push_str(text);
                summary.span = summary.span.cover(line.raw);
            }
            none => {
                *none = Some(Fact {
                    text: text.to_owned(),
                    span: line.raw,
                    line: line.number,
                });
            }
        }
        (State::Results, false)
    }
}
