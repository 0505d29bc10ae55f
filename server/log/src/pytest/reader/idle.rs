//! A line where no report is being read: what it begins.

use std::sync::LazyLock;

use aho_corasick::packed;

use super::broken::usage_error;
use super::headings::section_of;
use super::summary::Entries;
use super::told::{Telling, header_alone};
use super::{Reader, State, push_behind};
use crate::line::Line;
use crate::pytest::block::Block;
use crate::pytest::rules::{self, Section};
use crate::pytest::{crash, exception, header, ids, stestr, traceback, unit};
use crate::{Failure, Kind};

/// What stands above the error of a conftest that cannot be imported.
pub(super) const CONFTEST: &str = "ImportError while loading conftest";

/// What begins a string in programs and documents.
const QUOTES: [char; 3] = ['"', '\'', '`'];

impl Reader {
    /// The state that the line begins.
    pub(super) fn idle(&mut self, line: &Line<'_>) -> State {
        let text = line.text;
        if let Some(state) = self.of_report(line) {
            return state;
        }
        // Nearly all lines hold none of the rare literals: one pass over them tells.
        let rare = rare(text);
        let heads = rare && (text.contains("= FAILURES =") || text.contains("= ERRORS ="));
        if heads || (!self.runs() && rule_behind(text)) {
            self.prefix.see(text);
        }
        if rare && let Some(state) = self.anywhere(line) {
            return state;
        }
        if let Some(message) = usage_error(text) {
            self.usage(message, line);
            return State::Idle;
        }
        if let Some(state) = self.of_others(line) {
            return state;
        }
        if rare && self.ends(line) {
            return State::Idle;
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
            self.evidence.loose += 1;
            return State::Summary(Entries {
                entry: true,
                ..Entries::default()
            });
        }
        self.note_progress(line);
        State::Idle
    }

    /// A heading of pytest's report, or its totals.
    fn of_report(&mut self, line: &Line<'_>) -> Option<State> {
        let text = line.text;
        if let Some(entries) = self.summary_goes_on(text) {
            return Some(self.summary(line, entries).0);
        }
        if let Some(found) = section_of(text)
            && (found == Section::Start || !self.is_printed(text))
        {
            return Some(self.open_section(found, line));
        }
        if header_alone(text) && !self.is_printed(text) {
            return Some(self.told(
                line,
                Telling {
                    width: text.trim_end().chars().count(),
                    alone: true,
                    ..Telling::default()
                },
            ));
        }
        if text.starts_with("!!!") && self.runs() && !self.is_printed(text) {
            self.evidence.stopped |= rules::rule(text).is_some();
        }
        if let Some(totals) = rules::totals(text).filter(|_| !self.is_printed(text)) {
            self.total(line, &totals);
            return Some(State::Idle);
        }
        rules::is_results(text).then(|| self.results_begin(line))
    }

    /// What a literal tells that may stand anywhere on the line.
    fn anywhere(&mut self, line: &Line<'_>) -> Option<State> {
        let text = line.text;
        if text.contains("Test session starts (platform") {
            self.start_session(line);
            header::sugar(&mut self.evidence.session, text);
            return Some(State::Head(0));
        }
        // A test's own run of pytest begins behind what stands on the line, if nothing is captured.
        if text.contains("= test session starts =") {
            self.prefix.see(text);
            self.note_running(line);
            self.start_session(line);
            return Some(State::Head(0));
        }
        // In quotes it is a program's text.
        let quoted = |at: &usize| text[..*at].ends_with(QUOTES);
        if let Some(at) = text.find("INTERNALERROR>").filter(|at| !quoted(at)) {
            let mut block = Block::default();
            push_behind(&mut block, line, at + "INTERNALERROR>".len());
            return Some(State::Internal(block));
        }
        if let Some(start) = crash::fatal_start(text) {
            self.note_start(line);
            let block = Block::of(line, 0);
            return Some(State::Fatal { block, start });
        }
        if text.contains("+++ Timeout +++") {
            self.note_start(line);
            // The signal method prints one such line; stacks follow in the thread method alone.
            let has_stacks = text.trim_end().ends_with('+') && text.contains("++++++");
            return Some(match has_stacks {
                true => State::Timeout(Block::of(line, 0)),
                false => State::Idle,
            });
        }
        if let Some(at) = text.find(CONFTEST)
            && (at == 0 || (!quoted(&at) && self.prefix.stands_before(text, at)))
        {
            return Some(State::Conftest {
                block: Block::of(line, at),
                behind: at > 0,
            });
        }
        let at = text.find(traceback::START)?;
        let at = text[..at]
            .strip_suffix(traceback::GROUP)
            .map_or(at, |before| before.trim_end().len());
        let block = Block::of(line, at);
        // Behind a test's name or its outcomes it is what the test printed; any other prefix stands on each of its lines.
        let glued = ids::leading_id(text, false).is_some_and(|end| end < at)
            || text[..at].ends_with(|it: char| it.is_alphanumeric() || it == '.');
        let prefix = if glued { "" } else { &text[..at] };
        Some(State::Bare {
            ends: traceback::is_group(block.text(0)),
            block,
            prefix: prefix.to_owned(),
        })
    }

    /// pytest could not begin: told once.
    fn usage(&mut self, message: &str, line: &Line<'_>) {
        let is_usage = |it: &Failure| {
            let exception = it.exception.as_ref();
            exception.is_some_and(|it| it.type_name == "UsageError")
        };
        if self.evidence.whole.iter().any(is_usage) {
            return;
        }
        let name = "UsageError".to_owned();
        self.push_whole(Failure {
            kind: Kind::InternalError,
            exception: Some(exception::exception(name, message, &[], line.raw)),
            span: line.raw,
            line: line.number,
            ..Failure::default()
        });
    }

    /// What Python itself, stestr and unittest tell.
    fn of_others(&mut self, line: &Line<'_>) -> Option<State> {
        let text = line.text;
        if text.starts_with("  File \"")
            && traceback::file_line(text).is_some_and(|(_, _, function)| function.is_empty())
        {
            return Some(State::Syntax(Block::of(line, 0)));
        }
        let sure = self.outside.below_rule(line);
        let of_stestr = stestr::is_failed(text) || (sure && stestr::is_repeated(text));
        let of_unit = unit::is_heading(text) || (sure && unit::is_of_trial(text));
        if !(of_stestr || of_unit) || self.runs() || self.may_go_on() {
            return None;
        }
        if of_stestr {
            return Some(State::Stestr(Block::of(line, 0)));
        }
        if sure && let Some(failure) = unit::unexpected(line) {
            self.push_unit(failure, sure);
            return Some(State::Idle);
        }
        let block = Block::of(line, 0);
        Some(State::Unit { block, sure })
    }

    /// Whether the line tells what ended the run, other than its own report.
    fn ends(&mut self, line: &Line<'_>) -> bool {
        let text = line.text;
        if crash::is_time_limit(text) {
            self.limit = Some((clean_limit(text), line.raw, line.number));
        }
        if let Some(note) = crash::note(text) {
            self.note_start(line);
            self.ended_by(&note, line);
            return true;
        }
        if text.contains("KeyboardInterrupt") {
            self.interrupted(line);
        }
        false
    }
}

/// Whether a line holds one of the literals that tell of something rare, wherever it stands.
fn rare(text: &str) -> bool {
    static LITERALS: LazyLock<Option<packed::Searcher>> = LazyLock::new(|| {
        let anywhere = [
            "Test session starts (platform",
            "= test session starts =",
            "= FAILURES =",
            "= ERRORS =",
            "INTERNALERROR>",
            "+++ Timeout +++",
            "KeyboardInterrupt",
            CONFTEST,
            traceback::START,
        ];
        packed::Builder::new()
            .extend(anywhere)
            .extend(crash::FATAL)
            .extend(crash::ENDED)
            .extend(crash::TIME_LIMITS)
            .build()
    });
    LITERALS
        .as_ref()
        .is_none_or(|literals| literals.find(text).is_some())
}

/// Whether a line is unittest's rule behind something, or the heading of a summary.
fn rule_behind(text: &str) -> bool {
    !text.starts_with('=')
        && text.ends_with('=')
        && (unit::ends_in_thick_rule(text) || text.contains("= short test summary info ="))
}

fn clean_limit(text: &str) -> String {
    text.trim().trim_start_matches("##[error]").to_owned()
}
