//! The short summary: its entries, and messages that go on over lines.

use super::headings::section_of;
use super::told::fits;
use super::{Reader, State};
use crate::line::Line;
use crate::pytest::evidence::Mention;
use crate::pytest::rules::Section;
use crate::pytest::{ids, keep, rules};

/// Lines of one summary entry's message that are kept.
const MESSAGE_LINES: usize = 200;

/// Where in a summary the reader is.
#[derive(Debug, Default, Clone)]
pub(super) struct Entries {
    /// Characters of the heading; 0 where there is none.
    pub(super) width: usize,
    /// Marks before its title.
    pub(super) left: usize,
    /// An entry was read, and its message can go on.
    pub(super) entry: bool,
    /// Lines since.
    pub(super) lines: usize,
    /// How many entries there were when the message showed the headings of another run.
    pub(super) nested: Option<usize>,
    /// How many entries there were when the message showed the summary of a run with rules of another width.
    pub(super) inner: Option<usize>,
}

impl Reader {
    pub(super) fn summary(&mut self, line: &Line<'_>, mut entries: Entries) -> (State, bool) {
        let text = line.text;
        let rule = rules::rule(text);
        let (width, entry) = (entries.width, entries.entry);
        // A message can hold a nested run's lines: the session's own are as wide as its heading.
        let own = |it: &rules::Rule<'_>| fits(it.width, width) || it.left == entries.left;
        let ruled = rule.is_some_and(|it| matches!(it.mark, '=' | '!') && own(&it));
        let totals = rules::totals(text).is_some();
        let ends = totals && (!entry || width == 0 || rule.is_none());
        let nests = ruled && entry && width > 0 && self.runs() && self.nests(text, &entries);
        if nests {
            entries.nested.get_or_insert(self.evidence.summary.len());
        }
        if (ruled && !nests) || ends || text.starts_with("##[") || rules::is_results(text) {
            if ruled && totals && entry && self.evidence.headed {
                self.ended = Some(entries);
            }
            return (State::Idle, true);
        }
        if entry && !ruled && rule.is_some() && self.runs() {
            self.in_message(text, totals, &mut entries);
        }
        // pytest-subtests puts the subtest before the word, pytest 9 behind it.
        let of_subtest = text.starts_with(['[', '(']);
        let word = of_subtest.then(|| text.find(" SUBFAIL ")).flatten();
        let text = word.map_or(text, |at| &text[at + 1..]);
        let word = text.split([' ', '[', '(']).next().unwrap_or_default();
        let failed = matches!(word, "FAILED" | "FAIL" | "SUBFAIL" | "SUBFAILED");
        let rest = text.get(word.len()..).unwrap_or_default();
        if (failed || word == "ERROR")
            && (rest.starts_with([' ', '[', '(']))
            && self.entry(line, rest, !failed)
        {
            self.evidence.loose += usize::from(width == 0);
            entries.entry = true;
            entries.lines = 0;
            return (State::Summary(entries), false);
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
            entries.entry = false;
            entries.lines = 0;
            return (State::Summary(entries), false);
        }
        let lines = entries.lines;
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
        entries.lines += 1;
        (State::Summary(entries), lines > 4 * MESSAGE_LINES)
    }

    /// A rule of another run, in a message: what stands between its summary's heading and its totals are no entries.
    fn in_message(&mut self, text: &str, totals: bool, entries: &mut Entries) {
        if totals && let Some(before) = entries.inner.take() {
            self.evidence.summary.truncate(before);
        } else if section_of(text) == Some(Section::Summary) {
            entries.inner.get_or_insert(self.evidence.summary.len());
        }
    }

    /// Whether a heading is of a run that the message shows: nothing but totals can follow the summary of the same session.
    /// Early pytests had it before the failures.
    fn nests(&self, text: &str, entries: &Entries) -> bool {
        let shows_run = || {
            let last = self.evidence.summary.last();
            last.and_then(|it| it.message.as_deref())
                .is_some_and(|it| it.contains("= test session starts ="))
        };
        match section_of(text) {
            Some(Section::Start | Section::Summary) => true,
            Some(_) => entries.nested.is_some() || shows_run(),
            None => false,
        }
    }

    /// The summary that seemed to have ended, where this line shows that totals and all since a run's first heading were
    /// part of a test's message: another entry, or other totals.
    pub(super) fn summary_goes_on(&mut self, text: &str) -> Option<Entries> {
        let width = self.ended.as_ref()?.width;
        let totals = rules::totals(text).is_some()
            && rules::rule(text).is_some_and(|it| fits(it.width, width));
        let entry = ["FAILED ", "ERROR "].iter().any(|it| {
            text.strip_prefix(it)
                .is_some_and(|rest| ids::leading_id(rest, true).is_some())
        });
        if !(totals || entry) || !self.evidence.headed || !self.evidence.finished {
            return None;
        }
        let ended = self.ended.take()?;
        if let Some(nested) = ended.nested {
            self.evidence.summary.truncate(nested);
        }
        self.evidence.finished = false;
        let entries = Entries {
            entry: true,
            lines: 0,
            nested: None,
            ..ended
        };
        if totals {
            self.ended = Some(entries);
            return None;
        }
        Some(entries)
    }

    /// An entry of the short summary.
    pub(super) fn entry(&mut self, line: &Line<'_>, rest: &str, is_error: bool) -> bool {
        let mut rest = rest.trim_start();
        let mut seconds = None;
        // `[0.12s]`, and the message and parameters of a subtest.
        if rest.starts_with(['[', '(']) {
            let close = rest.find([']', ')']).unwrap_or(rest.len());
            seconds = rest
                .get(1..close)
                .and_then(|it| it.strip_suffix('s')?.parse().ok());
            rest = behind_groups(rest, 3, false)
                .or_else(|| behind_groups(rest, 3, true))
                .or_else(|| Some(rest.get(close + 1..)?.trim_start()))
                .unwrap_or_default();
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

/// The id behind groups in brackets. What is in them can hold brackets too: behind their end stands another group, or the id.
fn behind_groups(text: &str, groups: usize, spaces: bool) -> Option<&str> {
    /// Ends that are tried for one group.
    const TRIED: usize = 12;
    let close = match text.as_bytes().first() {
        Some(b'[') => ']',
        Some(b'(') => ')',
        _ => return ids::leading_id(text, spaces).map(|_| text),
    };
    if groups == 0 {
        return None;
    }
    text.match_indices(close)
        .take(TRIED)
        .find_map(|(at, _)| behind_groups(text[at + 1..].trim_start(), groups - 1, spaces))
}
