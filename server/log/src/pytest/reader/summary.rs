//! The short summary: its entries, and messages that go on over lines.

use super::told::fits;
use super::{Reader, State};
use crate::line::Line;
use crate::pytest::evidence::Mention;
use crate::pytest::{ids, keep, rules};

/// Lines of one summary entry's message that are kept.
const MESSAGE_LINES: usize = 200;

impl Reader {
    pub(super) fn summary(
        &mut self,
        line: &Line<'_>,
        width: usize,
        entry: bool,
        lines: usize,
    ) -> (State, bool) {
        let text = line.text;
        let rule = rules::rule(text);
        // A message can hold a nested run's lines: the session's own are as wide as its heading.
        let ruled = rule.is_some_and(|it| matches!(it.mark, '=' | '!') && fits(it.width, width));
        let ends = rules::totals(text).is_some() && (!entry || width == 0 || rule.is_none());
        if ruled || ends || text.starts_with("##[") {
            return (State::Idle, true);
        }
        // pytest-subtests puts the subtest before the word, pytest 9 behind it.
        let text = match text.split_once(" SUBFAIL ") {
            Some((part, _)) if part.starts_with(['[', '(']) => &text[part.len() + 1..],
            _ => text,
        };
        let word = text.split([' ', '[', '(']).next().unwrap_or_default();
        let failed = matches!(word, "FAILED" | "FAIL" | "SUBFAIL" | "SUBFAILED");
        let rest = text.get(word.len()..).unwrap_or_default();
        if (failed || word == "ERROR")
            && (rest.starts_with([' ', '[', '(']))
            && self.entry(line, rest, !failed)
        {
            self.evidence.loose += usize::from(width == 0);
            return (
                State::Summary {
                    width,
                    entry: true,
                    lines: 0,
                },
                false,
            );
        }
        if matches!(
            word,
            "SKIPPED"
                | "XFAIL"
                | "XPASS"
                | "PASSED"
                | "RERUN"
                | "SUBPASS"
                | "SUBSKIP"
                | "SUBPASSED"
                | "SUBSKIPPED"
        ) {
            return (
                State::Summary {
                    width,
                    entry: false,
                    lines: 0,
                },
                false,
            );
        }
        if entry
            && lines < MESSAGE_LINES
            && let Some(last) = self.evidence.summary.last_mut()
        {
            if self.keeper.charge(text.len()) {
                let message = last.message.get_or_insert_default();
                message.push('\n');
                message.push_str(text.trim_end());
            }
            last.span = last.span.cover(line.raw);
        }
        (
            State::Summary {
                width,
                entry,
                lines: lines + 1,
            },
            lines > 4 * MESSAGE_LINES,
        )
    }

    /// An entry of the short summary.
    pub(super) fn entry(&mut self, line: &Line<'_>, rest: &str, is_error: bool) -> bool {
        let mut rest = rest.trim_start();
        let mut seconds = None;
        // `[0.12s]`, and the message and parameters of a subtest.
        while rest.starts_with(['[', '(']) {
            let close = if rest.starts_with('[') { ']' } else { ')' };
            // A subtest's message can hold brackets: behind its own stands more of it, or the id.
            let closes = |at: &usize| {
                let next = rest[at + 1..].trim_start();
                next.starts_with(['[', '(']) || ids::leading_id(next, true).is_some()
            };
            let mut ends = rest.match_indices(close).map(|(at, _)| at);
            let Some(end) = ends.clone().find(closes).or(ends.next()) else {
                break;
            };
            seconds = seconds.or_else(|| rest[1..end].strip_suffix('s')?.parse().ok());
            rest = rest[end + 1..].trim_start();
        }
        // pytest-emoji puts its sign before the id.
        let sign = |it: char| !it.is_ascii() && !it.is_alphanumeric();
        let (id, message) = ids::split_entry(rest.trim_start_matches(sign).trim_start());
        let id = ids::plain(id);
        if id.is_empty() || (!id.contains("::") && !is_error && !id.contains(['.', '['])) {
            return false;
        }
        let after_call = self
            .evidence
            .last
            .as_ref()
            .is_some_and(|it| it.fact.text == id && it.ran);
        if self.is_full() || self.evidence.summary.len() >= self.keeper.places() {
            self.evidence.more_summary += 1;
            return true;
        }
        let message = message.map(|it| {
            if self.keeper.charge(it.len()) {
                it
            } else {
                keep::first_line(it)
            }
        });
        self.evidence.summary.push(Mention {
            id,
            is_error,
            message: message.map(str::to_owned),
            span: line.raw,
            line: line.number,
            seconds,
            worker: None,
            after_call,
            printed: None,
        });
        true
    }
}
