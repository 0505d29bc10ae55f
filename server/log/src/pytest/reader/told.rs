//! Failures' sections while they come in: where one ends, and what in it is only what a test printed.

use super::headings::section_of;
use super::{Reader, State};
use crate::line::Line;
use crate::pytest::block::Block;
use crate::pytest::evidence::Told;
use crate::pytest::rules::{self, Section};
use crate::pytest::section::{self, Header, Sections};
use crate::pytest::{ids, merge};
use text::Span;

/// Lines of Hypothesis' own section that are looked at.
const MOST_OF_EXAMPLE: usize = 400;

#[derive(Debug, Default, Clone)]
pub(super) struct Telling {
    pub(super) is_error: bool,
    pub(super) width: usize,
    /// Marks before the heading's title.
    pub(super) left: usize,
    /// All rules have as many marks, whatever their titles: so they stand in pytest's documentation until 3.2.
    pub(super) even: bool,
    pub(super) alone: bool,
    /// The log begins inside it.
    pub(super) is_cut: bool,
    pub(super) header: Option<Header>,
    pub(super) block: Block,
    pub(super) sections: Sections,
    /// The lines of Hypothesis' own section.
    pub(super) example: Option<Block>,
    pub(super) span: Span,
    pub(super) line: u32,
    pub(super) nested: Nested,
    /// Its text is not kept: what says nothing of its exception and places is not even read.
    pub(super) is_thin: bool,
}

impl Telling {
    /// Whether a line belongs to a run of pytest inside what the test printed.
    fn is_of_nested_run(&mut self, text: &str, rule: Option<&rules::Rule<'_>>) -> bool {
        if self.nested == Nested::No {
            return false;
        }
        // One that was killed has no end: then the session's next header tells that it is over.
        let own = rule.filter(|it| it.left >= 3 && it.width.abs_diff(self.width) <= 1);
        let is_next = match own {
            Some(rule) if rule.mark == '_' => true,
            Some(rule) if rule.mark == '=' => {
                rules::totals(text).is_some()
                    || rules::section(rule.title).is_some_and(|it| it != Section::Start)
            }
            _ => {
                self.nested == Nested::Runs
                    && rule.is_some_and(|it| it.mark == '_' && fits(it.width, self.width))
            }
        };
        if is_next || rules::totals(text).is_some() {
            self.nested = Nested::No;
        } else if matches!(section_of(text), Some(Section::Failures | Section::Errors)) {
            self.nested = Nested::Fails;
        }
        !is_next
    }

    /// A line of the section's text, or of what was captured.
    fn take(&mut self, line: &Line<'_>) {
        if self.sections.is_open() {
            self.sections.grow(line.raw);
            if let Some(example) = &mut self.example
                && self.sections.name() == Some("Hypothesis")
                && example.len() < MOST_OF_EXAMPLE
            {
                example.push(line);
            }
        } else if !(self.is_thin && is_source(line.text)) {
            self.block.push(line);
        }
        // Nearly all lines end in something that is seen.
        let last = line.text.as_bytes().last();
        if last.is_some_and(u8::is_ascii_graphic) || !line.text.trim().is_empty() {
            self.span = self.span.cover(line.raw);
        }
    }
}

/// Whether a line is source, of which no more is kept than what it is the body of.
fn is_source(text: &str) -> bool {
    text.strip_prefix(section::SOURCE).is_some_and(|rest| {
        let rest = rest.trim_ascii_start();
        let is_heading = ["def ", "async def "].iter().any(|it| rest.starts_with(it));
        // An exception group's lines stand behind such marks.
        !is_heading && !rest.starts_with(['|', '+'])
    })
}

/// A run of pytest inside what a test printed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nested {
    #[default]
    No,
    /// It began, and has shown no failure yet.
    Runs,
    /// It has sections of its own.
    Fails,
}

impl Reader {
    pub(super) fn told(&mut self, line: &Line<'_>, telling: Telling) -> State {
        let title = rules::rule(line.text).map_or("", |it| it.title);
        State::Told(Box::new(Telling {
            is_error: telling.is_error || title.starts_with("ERROR "),
            header: Some(section::header(title)),
            block: std::mem::take(&mut self.spare),
            sections: Sections::default(),
            span: line.raw,
            line: line.number,
            is_thin: self.keeper.is_thin(),
            ..telling
        }))
    }

    pub(super) fn tell(&mut self, mut telling: Box<Telling>, line: &Line<'_>) -> (State, bool) {
        let text = line.text;
        let rule = rules::rule(text);
        if let Some(rule) = rule.as_ref().filter(|_| telling.is_cut) {
            telling.ends_at(rule);
        }
        if telling.is_of_nested_run(text, rule.as_ref()) {
            telling.sections.grow(line.raw);
            telling.span = telling.span.cover(line.raw);
            return (State::Told(telling), false);
        }
        let meaning = rule.as_ref().map_or(InTold::Text, |rule| {
            self.rule_in_told(&mut telling, rule, text)
        });
        match meaning {
            InTold::Text => {}
            InTold::Captured(title) => {
                if title == "Hypothesis" {
                    telling.example = Some(Block::default());
                }
                telling.sections.open(title, line.raw);
                telling.span = telling.span.cover(line.raw);
                return (State::Told(telling), false);
            }
            InTold::Header(width) => {
                self.close_told(&mut telling);
                let next = Telling {
                    is_error: telling.is_error && !telling.alone,
                    width: match telling.width {
                        0 => width,
                        known => known,
                    },
                    left: telling.left,
                    even: telling.even,
                    alone: telling.alone,
                    ..Telling::default()
                };
                return (self.told(line, next), false);
            }
            InTold::Doubtful => {
                self.doubt(&telling);
                self.close_told(&mut telling);
                return (State::Idle, true);
            }
            InTold::Ends => {
                self.close_told(&mut telling);
                return (State::Idle, true);
            }
        }
        // A header without anything below it, picked out of a report with the lines that name its failures.
        let picked = ["FAILED ", "ERROR "].iter().any(|it| {
            text.strip_prefix(it)
                .is_some_and(|rest| ids::leading_id(rest, false).is_some())
        });
        if picked && telling.header.is_some() && telling.block.len() == 0 {
            telling.header = None;
            return (State::Idle, true);
        }
        let quiet = rule.is_none() && (!telling.sections.is_open() || !self.evidence.headed);
        if (quiet && rules::totals(text).is_some())
            || (!telling.sections.is_open() && rules::is_results(text))
            || text.starts_with("- generated xml file: ")
        {
            self.close_told(&mut telling);
            return (State::Idle, !text.starts_with("- generated"));
        }
        // A test can print such a line: then more of the session follows.
        let printed = telling.sections.is_open() && self.evidence.headed;
        if (text.starts_with("##[error]") && !printed) || (telling.alone && sugar_progress(text)) {
            self.close_told(&mut telling);
            return (State::Idle, true);
        }
        if telling.header.is_none() {
            telling.sections.grow(line.raw);
            self.tb_line(&mut telling, line);
            return (State::Told(telling), false);
        }
        if telling.sections.is_open() || !self.is_full() {
            telling.take(line);
        } else if !text.trim().is_empty() {
            telling.span = telling.span.cover(line.raw);
        }
        (State::Told(telling), false)
    }

    /// Whether lines of that step that hold no mark of pytest's or of a CI's are nothing but text of a failure's section.
    pub(crate) fn in_body(&self, step: Option<usize>) -> bool {
        let State::Told(telling) = &self.state else {
            return false;
        };
        let plain = telling.header.is_some() && !telling.is_cut && !telling.alone;
        plain
            && telling.nested == Nested::No
            && self.step == step
            && self.doubts.is_empty()
            && self.prefix.is_none()
            && !self.is_full()
    }

    /// Such a line: what [`Reader::line`] makes of it, without asking what else it could be.
    pub(crate) fn body(&mut self, line: &Line<'_>) {
        if let State::Told(telling) = &mut self.state {
            telling.take(line);
        }
    }

    /// What a rule is inside a failure's section.
    fn rule_in_told<'a>(
        &self,
        telling: &mut Telling,
        rule: &rules::Rule<'a>,
        text: &str,
    ) -> InTold<'a> {
        let wide = telling.width == 0 || rule.width.abs_diff(telling.width) <= 1;
        if !wide && telling.header.is_none() && rule.mark == '_' {
            telling.even |= rule.left == telling.left;
        }
        let same = wide || (telling.even && rule.left == telling.left);
        match rule.mark {
            '=' | '!' => self.break_in_told(telling, rule, text, same),
            '_' | '―' if is_header(rule, same, telling) => InTold::Header(rule.width),
            '-' if rule.left >= 3
                && (rule.title.starts_with("Captured ")
                    || (same && !rule.title.contains(".xml"))) =>
            {
                InTold::Captured(rule.title)
            }
            _ => InTold::Text,
        }
    }

    /// The same of a rule of `=` or `!`. Behind a `Captured` heading a test may have printed it.
    fn break_in_told(
        &self,
        telling: &mut Telling,
        rule: &rules::Rule<'_>,
        text: &str,
        same: bool,
    ) -> InTold<'static> {
        let section = rules::section(rule.title).filter(|_| rule.mark == '=');
        let other_width = self.is_printed(text) || (telling.sections.is_open() && !same);
        if telling.alone && section != Some(Section::Start) && other_width {
            return InTold::Text;
        }
        let printed = telling.sections.is_open() && !telling.alone;
        // A session has one such heading, and its errors come first: a message may show another run's report.
        let again = matches!(section, Some(Section::Errors | Section::Failures))
            && telling.header.is_some()
            && !(telling.is_error || telling.alone);
        if !printed && again && same {
            return InTold::Doubtful;
        }
        if !printed {
            return if same || section.is_some() || rules::totals(text).is_some() {
                InTold::Ends
            } else {
                InTold::Text
            };
        }
        match section {
            Some(Section::Start) => telling.nested = Nested::Runs,
            Some(Section::Errors | Section::Failures) if !same => telling.nested = Nested::Fails,
            Some(_) if same => return InTold::Doubtful,
            None if same && rules::totals(text).is_some() => return InTold::Doubtful,
            _ if same => return InTold::Ends,
            _ => {}
        }
        InTold::Text
    }

    /// `--tb=line`: one line a failure, without header; only a fixture that was not found is told as elsewhere.
    fn tb_line(&mut self, telling: &mut Telling, line: &Line<'_>) {
        telling.block.push(line);
        if section::location(line.text).is_some_and(|it| it.hint.is_none()) {
            let parsed = section::parse(&std::mem::take(&mut telling.block));
            if parsed.exception.is_some() {
                self.push_line(telling, parsed, line);
            }
            return;
        }
        let text = line.text.trim_end();
        let colon = text.match_indices(": ").find_map(|(at, _)| {
            let (_, number) = text[..at].rsplit_once(':')?;
            number.bytes().all(|it| it.is_ascii_digit()).then_some(at)
        });
        let Some(at) = colon.filter(|_| !text.starts_with(' ')) else {
            return;
        };
        let Some((path, number)) = text[..at].rsplit_once(':') else {
            return;
        };
        let Ok(number) = number.parse() else { return };
        let frame = crate::Frame {
            path: path.to_owned(),
            line: number,
            span: line.span(0..at),
            ..crate::Frame::default()
        };
        let parsed = section::Parsed {
            exception: merge::of_summary_text(&text[at + 2..], line.raw),
            frames: vec![frame],
            ..section::Parsed::default()
        };
        telling.block = Block::default();
        self.push_line(telling, parsed, line);
    }

    fn push_line(&mut self, telling: &Telling, parsed: section::Parsed, line: &Line<'_>) {
        self.push_told(Told {
            header: Header::default(),
            is_cut: false,
            is_error: telling.is_error,
            doubtful: false,
            parsed,
            captured: Vec::new(),
            span: line.raw,
            line: line.number,
        });
    }

    pub(super) fn close_told(&mut self, telling: &mut Telling) {
        let Some(header) = telling.header.take() else {
            return;
        };
        telling.sections.close();
        if self.is_full() {
            self.evidence.more_told += 1;
            return;
        }
        let mut parsed = section::parse(&telling.block);
        if let (None, Some(example)) = (&parsed.falsifying, telling.example.take()) {
            parsed.falsifying = section::falsifying(&example);
        }
        self.spare = std::mem::take(&mut telling.block);
        self.spare.clear();
        if telling.is_cut && (parsed.exception.is_none() || parsed.frames.is_empty()) {
            return;
        }
        self.push_told(Told {
            is_cut: telling.is_cut,
            header,
            is_error: telling.is_error,
            doubtful: false,
            parsed,
            captured: std::mem::take(&mut telling.sections.done),
            span: telling.span,
            line: telling.line,
        });
    }

    pub(super) fn push_told(&mut self, mut told: Told) {
        if self.is_full() || self.evidence.told.len() >= self.keeper.places() {
            self.evidence.more_told += 1;
            return;
        }
        told.doubtful = !self.doubts.is_empty();
        self.keeper.told(&mut told);
        self.evidence.told.push(told);
    }
}

/// What a rule is inside a failure's section.
enum InTold<'a> {
    /// The heading of the next one, and how wide it is.
    Header(usize),
    /// The heading of what was captured.
    Captured(&'a str),
    Ends,
    /// It ends, unless what follows shows that a test printed it.
    Doubtful,
    Text,
}

/// Whether a rule is as wide as the session's others; one with a title that is too long for that has a mark on each side.
pub(super) fn fits(width: usize, of_session: usize) -> bool {
    of_session == 0 || width.abs_diff(of_session) <= 1 || width > of_session
}

/// A header of a section whose `FAILURES` line is not in the log.
pub(super) fn header_alone(text: &str) -> bool {
    rules::rule(text).is_some_and(|it| {
        (it.mark == '―' && it.left >= 4)
            || (it.mark == '_'
                && it.left >= 4
                && it.width >= 40
                && !it.title.contains("  ")
                && !it.title.ends_with(':'))
    })
}

/// Whether a rule is the header of a test's section. What a test printed can look like one, so there the width must fit;
/// a title that is too long for it has a mark on each side.
fn is_header(rule: &rules::Rule<'_>, same: bool, telling: &Telling) -> bool {
    let widest = match telling.width {
        0 => 60,
        width => width.min(60),
    };
    same || (rule.left == 1 && rule.width > widest)
        || (!telling.sections.is_open() && rule.left >= 3)
}

/// pytest-sugar goes on with its progress behind a failure.
fn sugar_progress(text: &str) -> bool {
    text.contains(" ✓") || text.contains(" ⨯") || rules::is_results(text)
}
