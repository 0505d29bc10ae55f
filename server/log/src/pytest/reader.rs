//! The state that goes from line to line.

use std::sync::LazyLock;

use aho_corasick::packed;
use text::{Problem, Span};

use super::block::Block;
use super::evidence::{Evidence, Mention, Started, Told};
use super::keep::{self, Keeper};
use super::outside::Outside;
use super::progress::{self, Outcome};
use super::rules::{self, Section};
use super::section::{self, Header, Sections};
use super::{Appetite, crash, exception, header, ids, merge, traceback};
use crate::line::Line;
use crate::{Fact, Failure, Kind, Limits, Session};

/// Lines of one summary entry's message that are kept.
const MESSAGE_LINES: usize = 200;
/// Lines of a header that are looked at.
const HEADER_LINES: usize = 60;

/// Takes lines, gives sessions and failures.
///
/// The driver calls [`Reader::line`] in the order of the log, then [`Reader::step_end`] for each step and
/// [`Reader::finish`] once. Where it passes over lines (see [`Appetite::Triggers`]), it calls [`Reader::named`] with the
/// last of them that names a test: that one was running.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    sessions: Vec<Session>,
    failures: Vec<Failure>,
    evidence: Evidence,
    outside: Outside,
    state: State,
    step: Option<usize>,
    limit: Option<(String, Span, u32)>,
    keeper: Keeper,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Head(usize),
    /// Under `FAILURES` or `ERRORS`, or in a section whose header stands alone.
    Told(Box<Telling>),
    Summary {
        /// Characters of the heading; 0 where there is none.
        width: usize,
        entry: bool,
        lines: usize,
    },
    /// Under a heading that holds no failures.
    Other {
        width: usize,
        /// It repeats what tests printed.
        prints: bool,
        nested: bool,
    },
    Fatal {
        block: Block,
        start: usize,
    },
    Timeout(Block),
    Internal(Block),
    Bare {
        block: Block,
        prefix: String,
        ends: bool,
    },
    Conftest(Block),
    Unit(Block),
}

#[derive(Debug, Default)]
struct Telling {
    is_error: bool,
    width: usize,
    alone: bool,
    header: Option<Header>,
    block: Block,
    sections: Sections,
    span: Span,
    line: u32,
    nested: Nested,
}

/// A run of pytest inside what a test printed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Nested {
    #[default]
    No,
    /// It began, and has shown no failure yet.
    Runs,
    /// It has sections of its own.
    Fails,
}

/// Headings that repeat what tests printed.
const PRINTED: &[&str] = &["PASSES", "XPASSES", "XFAILURES"];

impl Reader {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            keeper: Keeper::new(limits),
            ..Self::default()
        }
    }

    /// Whether more failures are only counted.
    fn is_full(&self) -> bool {
        self.failures.len() >= self.keeper.places()
    }

    pub(crate) fn appetite(&self) -> Appetite {
        match self.state {
            State::Idle | State::Other { .. } => Appetite::Triggers,
            // Where failures are only counted, their headings are enough.
            State::Told(_) | State::Summary { .. } if self.is_full() => Appetite::Triggers,
            _ => Appetite::Everything,
        }
    }

    /// A line that names a test, of those that [`Appetite::Triggers`] passes over: the last one before a line that matters.
    pub(crate) fn named(&mut self, line: &Line<'_>, step: Option<usize>) {
        self.change_step(step);
        let skip = launcher_prefix(line.text);
        if skip == 0 {
            self.note_start(line);
        } else {
            let mut block = Block::default();
            block.push_part(line, skip);
            self.note_start(&block.line(0));
        }
    }

    fn change_step(&mut self, step: Option<usize>) {
        if step != self.step {
            self.close_step(None, false);
            self.step = step;
        }
    }

    /// The next line, of the step with that index.
    pub(crate) fn line(&mut self, line: &Line<'_>, step: Option<usize>) {
        self.change_step(step);
        // A rank or stream prefix of a launcher stands before everything else.
        let skip = launcher_prefix(line.text);
        if skip == 0 {
            self.take(line);
        } else {
            let mut block = Block::default();
            block.push_part(line, skip);
            self.take(&block.line(0));
        }
    }

    fn take(&mut self, line: &Line<'_>) {
        let mut state = std::mem::take(&mut self.state);
        // A state may hand a line back: it belongs to what comes next.
        for _ in 0..3 {
            let (next, again) = self.step_state(state, line);
            state = next;
            if !again {
                break;
            }
        }
        self.state = state;
    }

    /// The next state, and whether the line is still to be read in it.
    fn step_state(&mut self, state: State, line: &Line<'_>) -> (State, bool) {
        let text = line.text;
        match state {
            State::Idle => (self.idle(line), false),
            State::Head(count) => {
                let going = header::take(&mut self.evidence.session, line) && count < HEADER_LINES;
                let over =
                    !going || rules::section(rules::rule(text).map_or("", |it| it.title)).is_some();
                if over
                    || rules::totals(text).is_some()
                    || text.contains("::")
                    || text.contains("INTERNALERROR>")
                {
                    return (State::Idle, true);
                }
                (State::Head(count + 1), false)
            }
            State::Told(telling) => self.tell(telling, line),
            State::Summary {
                width,
                entry,
                lines,
            } => self.summary(line, width, entry, lines),
            State::Other {
                width,
                prints,
                nested,
            } => self.other(line, width, prints, nested),
            State::Fatal { mut block, start } => {
                if crash::belongs(text) && block.len() < 5000 {
                    block.push(line);
                    return (State::Fatal { block, start }, false);
                }
                self.fatal(&block, start);
                (State::Idle, true)
            }
            State::Timeout(mut block) => {
                block.push(line);
                if text.contains("+++ Timeout +++") || block.len() > 5000 {
                    self.timeout(&block);
                    return (State::Idle, false);
                }
                (State::Timeout(block), false)
            }
            State::Internal(mut block) => match text.find("INTERNALERROR>") {
                Some(at) => {
                    push_behind(&mut block, line, at + "INTERNALERROR>".len());
                    (State::Internal(block), false)
                }
                None => {
                    self.internal(&block);
                    (State::Idle, true)
                }
            },
            State::Bare {
                block,
                prefix,
                ends,
            } => self.bare(block, prefix, ends, line),
            State::Conftest(mut block) => {
                let goes_on = text.is_empty()
                    || text.starts_with(' ')
                    || exception::marked(text).is_some()
                    || section::location(text).is_some()
                    || text.starts_with("Traceback")
                    || text.starts_with("Hint:");
                if goes_on && block.len() < 2000 {
                    block.push(line);
                    return (State::Conftest(block), false);
                }
                self.conftest(&block);
                (State::Idle, true)
            }
            State::Unit(mut block) => {
                let rule = text.len() > 20
                    && (text.bytes().all(|it| it == b'=')
                        || (block.len() > 3 && text.bytes().all(|it| it == b'-')));
                if rule
                    || (text.starts_with("Ran ") && text.contains(" test"))
                    || block.len() > 5000
                {
                    self.unit(&block);
                    return (State::Idle, true);
                }
                block.push(line);
                (State::Unit(block), false)
            }
        }
    }

    fn idle(&mut self, line: &Line<'_>) -> State {
        let text = line.text;
        if let Some(found) = section_of(text) {
            return self.open_section(found, line);
        }
        if header_alone(text) {
            return self.told(
                line,
                Telling {
                    width: text.trim_end().chars().count(),
                    alone: true,
                    ..Telling::default()
                },
            );
        }
        if let Some(totals) = rules::totals(text) {
            self.total(line, &totals);
            return State::Idle;
        }
        // Nearly all lines hold none of the rare literals: one pass over them tells.
        let rare = rare(text);
        if rare && text.contains("Test session starts (platform") {
            self.close_session(None);
            self.open_session(line);
            header::sugar(&mut self.evidence.session, text);
            return State::Head(0);
        }
        if let Some(at) = rare.then(|| text.find("INTERNALERROR>")).flatten() {
            let mut block = Block::default();
            push_behind(&mut block, line, at + "INTERNALERROR>".len());
            return State::Internal(block);
        }
        if let Some(start) = rare.then(|| crash::fatal_start(text)).flatten() {
            self.note_start(line);
            let mut block = Block::default();
            block.push(line);
            return State::Fatal { block, start };
        }
        if rare && text.contains("+++ Timeout +++") {
            self.note_start(line);
            let mut block = Block::default();
            block.push(line);
            // The signal method prints one such line; stacks follow in the thread method alone.
            return if text.trim_end().ends_with('+') && text.contains("++++++") {
                State::Timeout(block)
            } else {
                State::Idle
            };
        }
        if let Some(message) = usage_error(text) {
            let known = self.evidence.whole.iter().any(|it| {
                it.exception
                    .as_ref()
                    .is_some_and(|it| it.type_name == "UsageError")
            });
            if known {
                return State::Idle;
            }
            self.push_whole(Failure {
                kind: Kind::InternalError,
                exception: Some(exception::exception(
                    "UsageError".to_owned(),
                    message,
                    &[],
                    line.raw,
                )),
                span: line.raw,
                line: line.number,
                ..Failure::default()
            });
            return State::Idle;
        }
        if text.starts_with("ImportError while loading conftest") {
            let mut block = Block::default();
            block.push(line);
            return State::Conftest(block);
        }
        if let Some(at) = rare.then(|| text.find(traceback::START)).flatten() {
            let mut block = Block::default();
            block.push_part(line, at);
            return State::Bare {
                block,
                prefix: text[..at].to_owned(),
                ends: false,
            };
        }
        if (text.starts_with("FAIL: ") || text.starts_with("ERROR: "))
            && text.trim_end().ends_with(')')
            && text.contains(" (")
        {
            let mut block = Block::default();
            block.push(line);
            return State::Unit(block);
        }
        if rare && crash::is_time_limit(text) {
            self.limit = Some((clean_limit(text), line.raw, line.number));
        }
        if rare && text.contains("KeyboardInterrupt") {
            self.interrupted(line);
        }
        self.outside.line(line);
        // A cut log can hold an entry of the summary without its heading.
        let entry = text
            .strip_prefix("FAILED ")
            .or_else(|| text.strip_prefix("ERROR "))
            .map(str::trim_start);
        if let Some(rest) = entry.filter(|it| ids::leading_id(it, false).is_some())
            && self.entry(line, rest, text.starts_with("ERROR "))
        {
            return State::Summary {
                width: 0,
                entry: true,
                lines: 0,
            };
        }
        self.note_progress(line);
        State::Idle
    }

    fn open_section(&mut self, found: Section, line: &Line<'_>) -> State {
        let width = line.text.trim_end().chars().count();
        match found {
            Section::Start => {
                self.close_session(None);
                self.open_session(line);
                State::Head(0)
            }
            Section::Failures => State::Told(Box::new(Telling {
                width,
                ..Telling::default()
            })),
            Section::Errors => State::Told(Box::new(Telling {
                width,
                is_error: true,
                ..Telling::default()
            })),
            Section::Summary => State::Summary {
                width,
                entry: false,
                lines: 0,
            },
            Section::Other => State::Other {
                width,
                prints: rules::rule(line.text).is_some_and(|it| PRINTED.contains(&it.title)),
                nested: false,
            },
        }
    }

    /// Under a heading that holds no failures: until the next one of the same session.
    fn other(
        &mut self,
        line: &Line<'_>,
        width: usize,
        prints: bool,
        nested: bool,
    ) -> (State, bool) {
        let text = line.text;
        let stay = |nested| State::Other {
            width,
            prints,
            nested,
        };
        let rule = rules::rule(text);
        let totals = rules::totals(text).is_some();
        if nested {
            return (stay(!totals), false);
        }
        let fits = !prints || rule.is_some_and(|it| fits(it.width, width));
        match section_of(text) {
            // Failures come before all such headings: these are printed by a test that runs pytest.
            Some(Section::Start | Section::Failures | Section::Errors) if prints => {
                (stay(true), false)
            }
            Some(_) if !fits => (stay(false), false),
            Some(_) => (State::Idle, true),
            None if (totals && (fits || (rule.is_none() && !self.evidence.headed)))
                || rule.is_some_and(|it| it.mark == '!' && fits) =>
            {
                (State::Idle, true)
            }
            None if !prints
                && text.starts_with("FAILED ")
                && ids::leading_id(&text[7..], true).is_some() =>
            {
                (State::Idle, true)
            }
            None => (stay(false), false),
        }
    }

    fn told(&mut self, line: &Line<'_>, telling: Telling) -> State {
        let title = rules::rule(line.text).map_or("", |it| it.title);
        State::Told(Box::new(Telling {
            is_error: telling.is_error || title.starts_with("ERROR "),
            header: Some(section::header(title)),
            block: Block::default(),
            sections: Sections::default(),
            span: line.raw,
            line: line.number,
            ..telling
        }))
    }

    fn tell(&mut self, mut telling: Box<Telling>, line: &Line<'_>) -> (State, bool) {
        let text = line.text;
        let rule = rules::rule(text);
        if telling.nested != Nested::No {
            // One that was killed has no end: then the session's next header tells that it is over.
            let next = telling.nested == Nested::Runs
                && rule.is_some_and(|it| it.mark == '_' && fits(it.width, telling.width));
            if !next {
                if rules::totals(text).is_some() {
                    telling.nested = Nested::No;
                } else if matches!(section_of(text), Some(Section::Failures | Section::Errors)) {
                    telling.nested = Nested::Fails;
                }
                telling.sections.grow(line.raw);
                telling.span = telling.span.cover(line.raw);
                return (State::Told(telling), false);
            }
            telling.nested = Nested::No;
        }
        if let Some(rule) = rule {
            let same = telling.width == 0 || rule.width.abs_diff(telling.width) <= 1;
            match rule.mark {
                '=' | '!' => match self.rule_in_told(&telling, &rule, text, same) {
                    InTold::Ends => {
                        self.close_told(&mut telling);
                        return (State::Idle, true);
                    }
                    InTold::Nested(nested) => telling.nested = nested,
                    InTold::Text => {}
                },
                '_' | '―' if is_header(&rule, same, telling.sections.is_open()) => {
                    self.close_told(&mut telling);
                    return (
                        self.told(
                            line,
                            Telling {
                                is_error: telling.is_error && !telling.alone,
                                width: telling.width,
                                alone: telling.alone,
                                ..Telling::default()
                            },
                        ),
                        false,
                    );
                }
                '-' if rule.left >= 3
                    && (rule.title.starts_with("Captured ")
                        || (same && !rule.title.contains(".xml"))) =>
                {
                    telling.sections.open(rule.title, line.raw);
                    telling.span = telling.span.cover(line.raw);
                    return (State::Told(telling), false);
                }
                _ => {}
            }
        }
        let quiet = rule.is_none() && (!telling.sections.is_open() || !self.evidence.headed);
        if (quiet && rules::totals(text).is_some()) || text.starts_with("- generated xml file: ") {
            self.close_told(&mut telling);
            return (State::Idle, !text.starts_with("- generated"));
        }
        if text.starts_with("##[error]") || (telling.alone && sugar_progress(text)) {
            self.close_told(&mut telling);
            return (State::Idle, true);
        }
        if telling.header.is_none() {
            telling.sections.grow(line.raw);
            self.tb_line(&telling, line);
            return (State::Told(telling), false);
        }
        if telling.sections.is_open() {
            telling.sections.grow(line.raw);
        } else if !self.is_full() {
            telling.block.push(line);
        }
        if !text.trim().is_empty() {
            telling.span = telling.span.cover(line.raw);
        }
        (State::Told(telling), false)
    }

    /// What a rule of `=` or `!` is inside a failure's section. Behind a `Captured` heading a test may have printed it.
    fn rule_in_told(
        &self,
        telling: &Telling,
        rule: &rules::Rule<'_>,
        text: &str,
        same: bool,
    ) -> InTold {
        let section = rules::section(rule.title).filter(|_| rule.mark == '=');
        let printed = telling.sections.is_open() && !telling.alone;
        if !printed {
            return if same || section.is_some() || rules::totals(text).is_some() {
                InTold::Ends
            } else {
                InTold::Text
            };
        }
        match section {
            Some(Section::Start) => InTold::Nested(Nested::Runs),
            // There is one such heading in a session, and `ERRORS` comes first.
            Some(Section::Errors) => InTold::Nested(Nested::Fails),
            Some(Section::Failures) if !telling.is_error || !same => InTold::Nested(Nested::Fails),
            _ if same => InTold::Ends,
            _ => InTold::Text,
        }
    }

    /// `--tb=line`: one line a failure, without header.
    fn tb_line(&mut self, telling: &Telling, line: &Line<'_>) {
        let mut block = Block::default();
        block.push(line);
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
        self.push_told(Told {
            header: Header::default(),
            is_error: telling.is_error,
            parsed,
            captured: Vec::new(),
            span: line.raw,
            line: line.number,
        });
    }

    fn close_told(&mut self, telling: &mut Telling) {
        let Some(header) = telling.header.take() else {
            return;
        };
        telling.sections.close();
        if self.is_full() {
            self.evidence.more_told += 1;
            return;
        }
        let parsed = section::parse(&telling.block);
        self.push_told(Told {
            header,
            is_error: telling.is_error,
            parsed,
            captured: std::mem::take(&mut telling.sections.done),
            span: telling.span,
            line: telling.line,
        });
    }

    fn summary(
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
        let ends = rules::totals(text).is_some()
            && (!entry || width == 0 || (rule.is_none() && !self.evidence.headed));
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
    fn entry(&mut self, line: &Line<'_>, rest: &str, is_error: bool) -> bool {
        let mut rest = rest.trim_start();
        let mut seconds = None;
        // `[0.12s]`, and the message and parameters of a subtest.
        while rest.starts_with(['[', '(']) {
            let close = if rest.starts_with('[') { ']' } else { ')' };
            let Some(end) = rest.find(close) else { break };
            seconds = seconds.or_else(|| rest[1..end].strip_suffix('s')?.parse().ok());
            rest = rest[end + 1..].trim_start();
        }
        let (id, message) = ids::split_entry(rest);
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
            id: id.to_owned(),
            is_error,
            message: message.map(str::to_owned),
            span: line.raw,
            line: line.number,
            seconds,
            worker: None,
            after_call,
        });
        true
    }

    /// A progress line, or an outcome alone.
    fn note_progress(&mut self, line: &Line<'_>) {
        let Some(found) = progress::parse(line.text) else {
            return;
        };
        let after_call = self
            .evidence
            .last
            .as_ref()
            .is_some_and(|it| it.ran && found.id.is_none_or(|id| id == it.fact.text));
        if found.id.is_some() {
            self.note_start(line);
        } else if let Some(last) = &mut self.evidence.last {
            last.over = true;
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
        });
    }

    /// Remembers the test that a line names.
    fn note_start(&mut self, line: &Line<'_>) {
        let Some(found) = progress::parse(line.text) else {
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
            ran: matches!(found.outcome, Some(Outcome::Passed | Outcome::Failed)),
        });
    }

    fn running(&self) -> String {
        self.evidence
            .last
            .as_ref()
            .map(|it| it.fact.text.clone())
            .unwrap_or_default()
    }

    fn fatal(&mut self, block: &Block, start: usize) {
        let failure = crash::fatal(block, start, &self.running());
        self.push_whole(failure);
    }

    fn timeout(&mut self, block: &Block) {
        let failure = crash::timeout(block, &self.running());
        self.push_whole(failure);
    }

    fn whole(&mut self, mut failure: Failure) {
        if self.evidence.whole.len() < self.keeper.places() {
            self.keeper.failure(&mut failure);
            self.evidence.whole.push(failure);
        } else {
            self.keeper.count(1, failure.line, failure.span);
        }
    }

    fn push_told(&mut self, mut told: Told) {
        if self.is_full() || self.evidence.told.len() >= self.keeper.places() {
            self.evidence.more_told += 1;
            return;
        }
        self.keeper.told(&mut told);
        self.evidence.told.push(told);
    }

    fn unit(&mut self, block: &Block) {
        if self.outside.units() >= self.keeper.places() {
            self.keeper
                .count(1, block.line(0).number, block.span().unwrap_or_default());
            return;
        }
        if let Some(unit) = self.outside.unit(block) {
            self.keeper.failure(unit);
        }
    }

    /// Adds to the failures as many as there are places for.
    fn keep(&mut self, mut found: Vec<Failure>) {
        let room = self.keeper.places().saturating_sub(self.failures.len());
        if let Some(first) = found.get(room) {
            self.keeper
                .count(found.len() - room, first.line, first.span);
            found.truncate(room);
        }
        self.failures.extend(found);
    }

    fn push_whole(&mut self, mut failure: Failure) {
        if failure.id.is_empty()
            && let Some(frame) = crash::test_frame(&failure.frames)
        {
            failure.id = frame.function.clone();
            failure.path = Some(frame.path.clone());
        }
        failure.id_complete = ids::is_whole(&failure.id);
        if failure.id.contains("::") {
            failure.path = Some(ids::path(&failure.id).to_owned());
        }
        failure.param_id = ids::parameters(&failure.id).map(str::to_owned);
        if let Some(last) = &mut self.evidence.last {
            last.over = true;
        }
        self.whole(failure);
    }

    fn internal(&mut self, block: &Block) {
        let found = traceback::parse(block, 0, block.len());
        if found.exception.is_none() && found.frames.is_empty() {
            return;
        }
        let failure = Failure {
            kind: Kind::InternalError,
            exception: found.exception,
            location: found.frames.last().cloned(),
            frames: found.frames,
            chain: found.chain,
            span: block.span().unwrap_or_default(),
            line: block.line(0).number,
            ..Failure::default()
        };
        self.whole(failure);
    }

    /// `!!! KeyboardInterrupt !!!` and the place below it.
    fn interrupted(&mut self, line: &Line<'_>) {
        let Some(at) =
            section::location(line.text).filter(|it| it.hint == Some("KeyboardInterrupt"))
        else {
            return;
        };
        let Some(last) = self.evidence.last.as_ref().filter(|it| !it.over) else {
            return;
        };
        let frame = crate::Frame {
            path: at.path.to_owned(),
            line: at.line,
            span: line.raw,
            ..crate::Frame::default()
        };
        let failure = Failure {
            id: last.fact.text.clone(),
            kind: Kind::Timeout,
            exception: Some(exception::exception(
                "KeyboardInterrupt".to_owned(),
                "",
                &[],
                line.raw,
            )),
            location: Some(frame.clone()),
            frames: vec![frame],
            span: line.raw,
            line: line.number,
            mentions: vec![last.fact.span],
            ..Failure::default()
        };
        self.push_whole(failure);
    }

    fn conftest(&mut self, block: &Block) {
        let path = block
            .text(0)
            .split('\'')
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        let mut inner = Block::default();
        for idx in 1..block.len() {
            inner.push(&block.line(idx));
        }
        self.push_told(Told {
            header: Header {
                name: path,
                phase: crate::Phase::Collect,
            },
            is_error: true,
            parsed: section::parse(&inner),
            captured: Vec::new(),
            span: block.span().unwrap_or_default(),
            line: block.line(0).number,
        });
    }

    fn bare(
        &mut self,
        mut block: Block,
        prefix: String,
        ends: bool,
        line: &Line<'_>,
    ) -> (State, bool) {
        let Some(text) = line.text.strip_prefix(prefix.as_str()) else {
            // Another process' line in between, or the end.
            let goes_on = !prefix.is_empty() && !ends && line.number < block.line(0).number + 400;
            if goes_on {
                return (
                    State::Bare {
                        block,
                        prefix,
                        ends,
                    },
                    false,
                );
            }
            self.end_bare(&block);
            return (State::Idle, true);
        };
        let chained = traceback::chain_line(text).is_some() || text.trim_end() == traceback::START;
        let part = text.starts_with([' ', '\t']) || chained || (text.trim().is_empty() && ends);
        let detail = ends
            && (text.starts_with("info:")
                || text.starts_with("backtrace:")
                || block.text(block.len() - 1).starts_with("info:"));
        if (part || detail || !ends) && block.len() < 3000 {
            let raised =
                !ends && !text.starts_with([' ', '\t']) && !text.trim().is_empty() && !chained;
            if text.starts_with("backtrace:") {
                self.end_bare(&block);
                return (State::Idle, false);
            }
            block.push_part(line, prefix.len());
            return (
                State::Bare {
                    block,
                    prefix,
                    ends: (ends || raised) && !chained,
                },
                false,
            );
        }
        self.end_bare(&block);
        (State::Idle, true)
    }

    /// A traceback counts where no session runs: those that a test prints are its own.
    fn end_bare(&mut self, block: &Block) {
        if !self.evidence.headed || self.evidence.finished {
            self.outside.traceback(block);
        }
    }

    fn open_session(&mut self, line: &Line<'_>) {
        self.evidence.headed = true;
        self.evidence.session.step = self.step;
        self.evidence.session.span = line.raw;
        self.evidence.session.line = line.number;
    }

    fn total(&mut self, line: &Line<'_>, totals: &rules::Totals<'_>) {
        let session = &mut self.evidence.session;
        session.totals = totals.counts.clone();
        session.summary = Some(header::fact(line, totals.text));
        session.span = if session.line == 0 {
            line.raw
        } else {
            session.span.cover(line.raw)
        };
        session.line = if session.line == 0 {
            line.number
        } else {
            session.line
        };
        self.evidence.finished = true;
    }

    /// Joins what the open session told.
    fn close_session(&mut self, exit_code: Option<i32>) {
        let mut evidence = std::mem::take(&mut self.evidence);
        if evidence.is_empty()
            || (!evidence.headed && !evidence.finished && !evidence.has_failures())
        {
            return;
        }
        let limit = self.limit.take();
        if !evidence.finished
            && let Some(last) = evidence.last.clone()
        {
            let told = evidence.whole.iter().any(|it| it.id == last.fact.text);
            if !last.over {
                evidence.session.unfinished = Some(last.fact.clone());
            }
            let killed = match exit_code {
                Some(code @ (134 | 135 | 136 | 137 | 138 | 139 | 143)) => {
                    Some((Kind::Crash, format!("exit code {code}")))
                }
                Some(124) => Some((Kind::Timeout, "exit code 124".to_owned())),
                _ => None,
            };
            let ended = limit
                .clone()
                .map(|(text, _, _)| (Kind::Timeout, text))
                .or(killed.filter(|_| !last.over));
            if let (Some((kind, message)), false) = (ended, told) {
                let span = limit.as_ref().map_or(last.fact.span, |(_, span, _)| *span);
                self.evidence = evidence;
                self.push_whole(Failure {
                    id: last.fact.text.clone(),
                    kind,
                    exception: Some(exception::exception(String::new(), &message, &[], span)),
                    span: last.fact.span,
                    line: last.fact.line,
                    mentions: limit.iter().map(|(_, span, _)| *span).collect(),
                    ..Failure::default()
                });
                evidence = std::mem::take(&mut self.evidence);
            }
        }
        let index = Some(self.sessions.len()).filter(|it| *it < self.keeper.sessions());
        let more = evidence.more();
        let at = evidence.told.last().map(|it| (it.line, it.span));
        let at = at.or(evidence.summary.last().map(|it| (it.line, it.span)));
        let at = at.or(evidence.progress.last().map(|it| (it.line, it.span)));
        let (line, span) = at.unwrap_or((evidence.session.line, evidence.session.span));
        self.keeper.count(more, line, span);
        let mut found = merge::join(&mut evidence);
        self.drop_repeated(&mut found);
        for failure in &mut found {
            failure.session = index;
            failure.step = self.step;
            failure.seed = evidence.session.seed.clone();
        }
        if evidence.session.line == 0 {
            evidence.session.line = found.first().map_or(1, |it| it.line);
            evidence.session.span = found.first().map(|it| it.span).unwrap_or_default();
        }
        evidence.session.step = self.step;
        if index.is_some() {
            self.sessions.push(evidence.session);
        }
        self.keep(found);
    }

    /// A wrapper that runs a failed test again in a new session does not make two failures of it. Crashes stay: each
    /// run may have ended elsewhere.
    fn drop_repeated(&mut self, found: &mut [Failure]) {
        if found.len() > 1000 {
            return;
        }
        let step = self.step;
        let from = self
            .failures
            .iter()
            .rposition(|it| it.step != step)
            .map_or(0, |at| at + 1)
            .max(self.failures.len().saturating_sub(1000));
        for later in found.iter_mut() {
            let same = self.failures[from..].iter().position(|it| {
                it.id == later.id
                    && it.phase == later.phase
                    && !it.id.is_empty()
                    && !matches!(it.kind, Kind::Crash | Kind::Timeout)
                    && alike(it.exception.as_ref(), later.exception.as_ref())
            });
            if let Some(at) = same {
                let earlier = self.failures.remove(from + at);
                later.mentions.push(earlier.span);
                later.mentions.extend(earlier.mentions);
            }
        }
    }

    fn close_step(&mut self, exit_code: Option<i32>, implied: bool) {
        match std::mem::take(&mut self.state) {
            State::Told(mut telling) => self.close_told(&mut telling),
            State::Fatal { block, start } => self.fatal(&block, start),
            State::Timeout(block) => self.timeout(&block),
            State::Internal(block) => self.internal(&block),
            State::Bare { block, .. } => self.end_bare(&block),
            State::Conftest(block) => self.conftest(&block),
            State::Unit(block) => self.unit(&block),
            State::Idle | State::Head(_) | State::Summary { .. } | State::Other { .. } => {}
        }
        self.close_session(exit_code);
        self.limit = None;
        let step = self.step;
        let explained = self
            .failures
            .iter()
            .rposition(|it| it.step != step)
            .map_or(0, |at| at + 1);
        let mut found = self.outside.take(
            &self.failures[explained..],
            exit_code,
            step.is_some() && !implied,
        );
        for failure in &mut found {
            failure.step = step;
        }
        self.keep(found);
    }

    /// The step ended, with the exit code that the log tells; `implied` where the log has no steps, so that none is told.
    pub(crate) fn step_end(&mut self, step: Option<usize>, exit_code: Option<i32>, implied: bool) {
        if step == self.step {
            self.close_step(exit_code, implied);
        }
    }

    /// All that was found.
    pub(crate) fn finish(mut self) -> (Vec<Session>, Vec<Failure>, Vec<Problem>) {
        self.close_step(None, false);
        self.failures.sort_by_key(|it| it.line);
        (self.sessions, self.failures, self.keeper.problems())
    }
}

/// What a rule is inside a failure's section.
enum InTold {
    Ends,
    Nested(Nested),
    Text,
}

/// Whether a rule is as wide as the session's others; one with a title that is too long for that has a mark on each side.
fn fits(width: usize, of_session: usize) -> bool {
    of_session == 0 || width.abs_diff(of_session) <= 1 || width > of_session
}

/// Whether a line holds one of the literals that tell of something rare, wherever it stands.
fn rare(text: &str) -> bool {
    static LITERALS: LazyLock<Option<packed::Searcher>> = LazyLock::new(|| {
        let anywhere = [
            "Test session starts (platform",
            "INTERNALERROR>",
            "+++ Timeout +++",
            "KeyboardInterrupt",
            traceback::START,
        ];
        packed::Builder::new()
            .extend(anywhere)
            .extend(crash::FATAL)
            .extend(crash::TIME_LIMITS)
            .build()
    });
    LITERALS
        .as_ref()
        .is_none_or(|literals| literals.find(text).is_some())
}

/// Whether two exceptions are the same, as far as both are told.
fn alike(one: Option<&crate::Exception>, other: Option<&crate::Exception>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return true;
    };
    one.type_name == other.type_name && one.message.lines().next() == other.message.lines().next()
}

/// The section that a line opens.
fn section_of(text: &str) -> Option<Section> {
    let rule = rules::rule(text).filter(|it| it.mark == '=' && it.left >= 3)?;
    rules::section(rule.title)
}

/// A header of a section whose `FAILURES` line is not in the log.
fn header_alone(text: &str) -> bool {
    rules::rule(text).is_some_and(|it| {
        (it.mark == '―' && it.left >= 4)
            || (it.mark == '_'
                && it.left >= 4
                && it.width >= 40
                && !it.title.contains("  ")
                && !it.title.ends_with(':'))
    })
}

/// Whether a rule is the header of a test's section. What a test printed can look like one, so there the width must fit.
fn is_header(rule: &rules::Rule<'_>, same: bool, captured: bool) -> bool {
    same || (rule.left == 1 && rule.width > 60) || (!captured && rule.left >= 3)
}

/// What pytest says when it was called wrongly: no test ran.
fn usage_error(text: &str) -> Option<&str> {
    if let Some(message) = text.strip_prefix("ERROR: ") {
        let told = message.starts_with("file or directory not found: ")
            || message.starts_with("not found: ");
        return told.then(|| message.trim_end());
    }
    let (program, message) = text.split_once(": error: ")?;
    let is_pytest = program.ends_with("pytest") || program == "__main__.py";
    (is_pytest && message.starts_with("unrecognized arguments: ")).then(|| message.trim_end())
}

/// pytest-sugar goes on with its progress behind a failure.
fn sugar_progress(text: &str) -> bool {
    text.contains(" ✓") || text.contains(" ⨯") || text.starts_with("Results (")
}

/// `[1,0]<stdout>: ` of a multi-host launcher.
fn launcher_prefix(text: &str) -> usize {
    let Some(inner) = text.strip_prefix('[') else {
        return 0;
    };
    let Some(end) = inner.find("]<std") else {
        return 0;
    };
    if end > 12
        || !inner[..end]
            .bytes()
            .all(|it| it.is_ascii_digit() || it == b',')
    {
        return 0;
    }
    let Some(close) = inner[end..].find(">:") else {
        return 0;
    };
    let at = 1 + end + close + 2;
    at + usize::from(text[at..].starts_with(' '))
}

fn push_behind(block: &mut Block, line: &Line<'_>, at: usize) {
    let skip = at + usize::from(line.text[at..].starts_with(' '));
    block.push_part(line, skip);
}

fn clean_limit(text: &str) -> String {
    text.trim().trim_start_matches("##[error]").to_owned()
}
