//! Runs that ended otherwise than by pytest's totals: crashes, timeouts, internal and usage errors, tracebacks outside.

use std::collections::HashSet;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::headings::section_of;
use super::prefix::alike;
use super::{Reader, State};
use crate::line::Line;
use crate::pytest::block::Block;
use crate::pytest::evidence::{Died, Told};
use crate::pytest::section::{self, Header};
use crate::pytest::{crash, exception, ids, stestr, traceback, unit};
use crate::{Failure, Kind};

/// The type of what ends a session from outside.
const INTERRUPT: &str = "KeyboardInterrupt";

/// Whether a failure is such an interrupt.
pub(super) fn is_interrupt(failure: &Failure) -> bool {
    failure
        .exception
        .as_ref()
        .is_some_and(|it| it.type_name == INTERRUPT)
}

impl Reader {
    pub(super) fn fatal(&mut self, block: &Block, start: usize) {
        let mut failure = crash::fatal(block, start, &self.running());
        // Where tests run in several processes, the last that was named need not be the one that crashed.
        let other = crash::test_frame(&failure.frames)
            .is_some_and(|frame| frame.function != ids::function(&failure.id));
        if other {
            failure = crash::fatal(block, start, "");
        }
        self.push_whole(failure);
    }

    pub(super) fn timeout(&mut self, block: &Block) {
        let failure = crash::timeout(block, &self.running());
        self.push_whole(failure);
    }

    pub(super) fn internal(&mut self, block: &Block) {
        let of_worker = of_worker(block);
        let told = of_worker.as_ref().unwrap_or(block);
        let found = traceback::parse(told, 0, told.len());
        if found.frames.is_empty() {
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

    /// A shell's note that a signal ended a command: the running session's, if there is one.
    pub(super) fn ended_by(&mut self, note: &crash::Note<'_>, line: &Line<'_>) {
        let quiet = !self.evidence.headed && note.names_pytest();
        if (self.runs() || quiet) && !self.evidence.finished && self.evidence.died.is_none() {
            self.evidence.died = Some(Died {
                what: note.what,
                span: line.raw,
                line: line.number,
            });
        }
    }

    /// `!!! KeyboardInterrupt !!!` and the place below it. Who interrupted is told, if at all, by what follows.
    pub(super) fn interrupted(&mut self, line: &Line<'_>) {
        let Some(at) =
            section::location(line.text).filter(|it| it.hint == Some("KeyboardInterrupt"))
        else {
            return;
        };
        let last = self.evidence.last.as_ref().filter(|it| !it.over);
        // Without a test's name only a place in a test tells something: a run that is cancelled stops anywhere.
        if last.is_none() && !(self.runs() && crash::is_test_file(at.path)) {
            return;
        }
        let frame = crate::Frame {
            path: at.path.to_owned(),
            line: at.line,
            span: line.raw,
            ..crate::Frame::default()
        };
        let failure = Failure {
            id: last.map(|it| it.fact.text.clone()).unwrap_or_default(),
            kind: Kind::Exception,
            exception: Some(exception::exception(
                INTERRUPT.to_owned(),
                "",
                &[],
                line.raw,
            )),
            location: Some(frame.clone()),
            frames: vec![frame],
            span: line.raw,
            line: line.number,
            mentions: last.iter().map(|it| it.fact.span).collect(),
            ..Failure::default()
        };
        self.push_whole(failure);
    }

    pub(super) fn conftest(&mut self, block: &Block, behind: bool) {
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
        let parsed = section::parse(&inner);
        if behind && parsed.exception.is_none() {
            return;
        }
        self.push_told(Told {
            header: Header {
                name: path,
                phase: crate::Phase::Collect,
            },
            is_error: true,
            is_cut: false,
            doubtful: false,
            parsed,
            captured: Vec::new(),
            span: block.span().unwrap_or_default(),
            line: block.line(0).number,
        });
    }

    /// The next line under a heading of unittest's.
    pub(super) fn in_unit(
        &mut self,
        mut block: Block,
        sure: bool,
        line: &Line<'_>,
    ) -> (State, bool) {
        let text = line.text;
        let thin = unit::is_thin_rule(text);
        // A line or two of the test's docstring stand above the rule.
        let headed = thin || block.len() != 1 || sure;
        let ruled = thin
            || unit::is_of_trial(block.text(0))
            || block.len() != 4
            || (1..4).any(|idx| unit::is_thin_rule(block.text(idx)));
        if !(headed && ruled) {
            return (State::Idle, true);
        }
        if unit::ends_in_thick_rule(text) || unit::is_total(text) || block.len() > 5000 {
            self.unit(&block, sure);
            return (State::Idle, true);
        }
        block.push(line);
        (State::Unit { block, sure }, false)
    }

    pub(super) fn unit(&mut self, block: &Block, sure: bool) {
        if unit::is_of_trial(block.text(0)) {
            for failure in unit::of_trial(block) {
                self.push_unit(failure, sure);
            }
            return;
        }
        if let Some(failure) = unit::failure(block) {
            self.push_unit(failure, sure);
        }
    }

    /// What stestr told: once more when all have run.
    pub(super) fn stestr(&mut self, block: &Block) {
        let mut found = stestr::failures(block);
        if stestr::is_repeated(block.text(0)) {
            let known = self.outside.ids_of_units().collect::<HashSet<_>>();
            found.retain(|it| !known.contains(it.id.as_str()));
        }
        for failure in found {
            self.push_unit(failure, true);
        }
    }

    pub(super) fn push_unit(&mut self, failure: Failure, sure: bool) {
        if self.outside.units() >= self.keeper.places() {
            self.keeper.count(1, failure.line, failure.span);
        } else if let Some(unit) = self.outside.unit(failure, sure) {
            self.keeper.failure(unit);
        }
    }

    /// What follows `File "x.py", line 2`: its source, a caret, and the error.
    pub(super) fn syntax(&mut self, mut block: Block, line: &Line<'_>) -> (State, bool) {
        let text = line.text;
        if text.starts_with(' ') && block.len() < 4 {
            block.push(line);
            return (State::Syntax(block), false);
        }
        let is_error = ["SyntaxError: ", "IndentationError: ", "TabError: "]
            .iter()
            .any(|it| text.starts_with(it));
        if is_error {
            block.push(line);
            self.end_bare(&block);
        }
        (State::Idle, !is_error)
    }

    pub(super) fn bare(
        &mut self,
        mut block: Block,
        prefix: String,
        ends: bool,
        line: &Line<'_>,
    ) -> (State, bool) {
        let Some(len) = alike(&prefix, line.text) else {
            // Another process' line in between, or the end.
            let goes_on = !prefix.is_empty()
                && !ends
                && line.number < block.line(0).number + 400
                && section_of(line.text).is_none();
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
        let text = &line.text[len..];
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
            block.push_part(line, len);
            return (
                State::Bare {
                    block,
                    prefix,
                    ends: ((ends || raised) && !chained) || traceback::is_group(text),
                },
                false,
            );
        }
        self.end_bare(&block);
        (State::Idle, true)
    }

    /// A traceback counts where no session runs: those that a test prints are its own.
    pub(super) fn end_bare(&mut self, block: &Block) {
        if !self.evidence.headed || self.evidence.finished {
            self.outside.traceback(block);
        }
    }
}

/// The traceback of a worker's own error: xdist passes it on as the message of an assertion, and fails of it itself behind.
fn of_worker(block: &Block) -> Option<Block> {
    let passed_on = |idx: &usize| {
        let text = block.text(*idx);
        let message = exception::marked(text)?
            .trim_start()
            .strip_prefix("AssertionError: ")?;
        (message.trim_end() == traceback::START).then_some(text.len() - message.len())
    };
    let (first, at) = (0..block.len()).find_map(|idx| Some((idx, passed_on(&idx)?)))?;
    let column = at - "AssertionError: ".len();
    let mut inner = Block::default();
    inner.push_part(&block.line(first), at);
    for idx in first + 1..block.len() {
        let Some(text) = exception::marked(block.text(idx)) else {
            break;
        };
        // What pytest adds to the message.
        if text.trim() == "assert False" {
            break;
        }
        let indent = 1 + text.len() - text.trim_start().len();
        inner.push_part(&block.line(idx), column.min(indent));
    }
    Some(inner)
}

/// What pytest says when it was called wrongly: no test ran.
pub(super) fn usage_error(text: &str) -> Option<&str> {
    if let Some(message) = text.strip_prefix("ERROR: ") {
        let told = message.starts_with("file or directory not found: ")
            || message.starts_with("not found: ");
        return told.then(|| message.trim_end());
    }
    // Every line outside of a session is asked.
    static MARK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(": error: "));
    let at = MARK.find(text.as_bytes())?;
    let (program, message) = (&text[..at], &text[at + MARK.needle().len()..]);
    let is_pytest = program.ends_with("pytest") || program == "__main__.py";
    (is_pytest && message.starts_with("unrecognized arguments: ")).then(|| message.trim_end())
}
