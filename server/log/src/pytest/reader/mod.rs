//! The state that goes from line to line.

mod broken;
mod doubt;
mod headings;
mod idle;
mod inside;
mod prefix;
mod results;
mod running;
mod sessions;
mod summary;
mod told;

use text::{Problem, Span};

use self::doubt::Doubt;
pub(crate) use self::inside::is_inside;
use self::prefix::{Prefix, launcher_prefix};
use self::sessions::Outer;
use self::summary::Entries;
use self::told::{Telling, header_alone};
use super::block::Block;
use super::evidence::Evidence;
use super::keep::Keeper;
use super::outside::Outside;
use super::{Appetite, crash, exception, header, rules, section, stestr};
use crate::line::Line;
use crate::{Failure, Limits, Session};

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
    /// Rules since which what was read may only be what a test printed.
    doubts: Vec<Doubt>,
    /// Sessions in which the open one may run: they have not ended.
    outer: Vec<Outer>,
    /// A quiet session that seemed to have ended: it goes on, if the open one was run by one of its tests.
    before: Option<Evidence>,
    outside: Outside,
    /// A summary that has ended, if its last line was not only part of a test's message.
    ended: Option<Entries>,
    state: State,
    prefix: Prefix,
    /// The log begins inside a failure's section, and its first line has not come.
    inside: bool,
    step: Option<usize>,
    limit: Option<(String, Span, u32)>,
    keeper: Keeper,
    /// The last failure's block, without its lines: a log's first failures are seldom its last.
    spare: Block,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Head(usize),
    /// Under `FAILURES` or `ERRORS`, or in a section whose header stands alone.
    Told(Box<Telling>),
    Summary(Entries),
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
    Conftest {
        block: Block,
        /// Something stands before it, which may be another program's prefix.
        behind: bool,
    },
    /// `  File "x.py", line 2` without a traceback: what cannot be compiled has no frames.
    Syntax(Block),
    Unit {
        block: Block,
        /// It stands below unittest's rule.
        sure: bool,
    },
    /// What stestr tells of a failed test, or of all.
    Stestr(Block),
    /// Totals of which each has a line of its own.
    Results,
}

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
            _ if self.inside => Appetite::Everything,
            // Any word can head a failure there.
            State::Idle if self.outside.is_below_rule() => Appetite::Everything,
            State::Idle | State::Other { .. } => Appetite::Triggers,
            // Where failures are only counted, their headings are enough.
            State::Told(_) | State::Summary(_) if self.is_full() => Appetite::Triggers,
            _ => Appetite::Everything,
        }
    }

    /// A line that names a test, of those that [`Appetite::Triggers`] passes over: the last one before a line that matters.
    pub(crate) fn named(&mut self, line: &Line<'_>, step: Option<usize>) {
        self.change_step(step);
        let skip = self.skipped(line);
        if skip == 0 {
            self.note_start(line);
        } else {
            self.note_start(&Block::of(line, skip).line(0));
        }
    }

    fn change_step(&mut self, step: Option<usize>) {
        if step != self.step {
            self.close_step(None, false);
            self.prefix.forget();
            self.step = step;
        }
    }

    /// The next line, of the step with that index.
    pub(crate) fn line(&mut self, line: &Line<'_>, step: Option<usize>) {
        self.change_step(step);
        if std::mem::take(&mut self.inside) {
            self.state = Self::inside(line);
        }
        let skip = self.skipped(line);
        if skip == 0 {
            self.take(line);
        } else {
            self.take(&Block::of(line, skip).line(0));
        }
    }

    /// How much of a line another program wrote: a launcher's rank or stream, or a prefix that was learned.
    fn skipped(&mut self, line: &Line<'_>) -> usize {
        let launcher = launcher_prefix(line.text);
        if launcher > 0 {
            return launcher;
        }
        let (len, heading) = self.prefix.of(line);
        match heading {
            Some(heading) if self.runs() => {
                self.evidence.width = heading.width;
                self.leave_nothing();
            }
            Some(heading) => self.behind_heading(heading),
            None => {}
        }
        len
    }

    fn take(&mut self, line: &Line<'_>) {
        let mut state = std::mem::take(&mut self.state);
        if !self.doubts.is_empty()
            && let Some(earlier) = self.undone(&state, line)
        {
            state = earlier;
        }
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
            State::Head(count) => self.head(line, count),
            State::Told(telling) => self.tell(telling, line),
            State::Summary(entries) => self.summary(line, entries),
            State::Other {
                width,
                prints,
                nested,
            } => self.other(line, width, prints, nested),
            State::Fatal { block, start } => self.in_fatal(block, start, line),
            State::Timeout(block) => self.in_timeout(block, line),
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
            State::Conftest { block, behind } => self.in_conftest(block, behind, line),
            State::Syntax(block) => self.syntax(block, line),
            State::Unit { block, sure } => self.in_unit(block, sure, line),
            State::Stestr(mut block) => {
                if stestr::ends(&block, text) || block.len() > 50_000 {
                    self.stestr(&block);
                    return (State::Idle, true);
                }
                block.push(line);
                (State::Stestr(block), false)
            }
            State::Results => self.result(line),
        }
    }

    /// A line of the session's header.
    fn head(&mut self, line: &Line<'_>, count: usize) -> (State, bool) {
        let text = line.text;
        // pytest-instafail does not wait for the collection's end.
        if let Some(rest) = text.strip_prefix("collecting ... ")
            && header_alone(rest)
        {
            let block = Block::of(line, text.len() - rest.len());
            return (self.idle(&block.line(0)), false);
        }
        let rootless = self.evidence.session.rootdir.is_none();
        let going = header::take(&mut self.evidence.session, line) && count < HEADER_LINES;
        self.evidence.collected = self.evidence.collected.or(header::collected(text));
        if rootless && self.evidence.session.rootdir.is_some() {
            self.root_is_known();
        }
        let over = !going
            || rules::section(rules::rule(text).map_or("", |it| it.title)).is_some()
            || header_alone(text)
            || rules::totals(text).is_some()
            || text.contains("::")
            || text.contains("INTERNALERROR>");
        if over {
            return (State::Idle, true);
        }
        // Few lines are the header's behind xdist's workers.
        let last = text.starts_with("created: ");
        let count = if last { HEADER_LINES - 3 } else { count + 1 };
        (State::Head(count), false)
    }

    /// A line behind `Fatal Python error`.
    fn in_fatal(&mut self, mut block: Block, start: usize, line: &Line<'_>) -> (State, bool) {
        if crash::belongs(line.text) && block.len() < 5000 {
            block.push(line);
            return (State::Fatal { block, start }, false);
        }
        self.fatal(&block, start);
        (State::Idle, true)
    }

    /// A line of what pytest-timeout prints of the threads.
    fn in_timeout(&mut self, mut block: Block, line: &Line<'_>) -> (State, bool) {
        let is_report =
            rules::rule(line.text).is_some_and(|it| it.left >= 3 && matches!(it.mark, '=' | '_'));
        if is_report {
            return (State::Idle, true);
        }
        block.push(line);
        if line.text.contains("+++ Timeout +++") || block.len() > 5000 {
            self.timeout(&block);
            return (State::Idle, false);
        }
        (State::Timeout(block), false)
    }

    /// A line of why a conftest could not be imported.
    fn in_conftest(&mut self, mut block: Block, behind: bool, line: &Line<'_>) -> (State, bool) {
        let text = line.text;
        let goes_on = text.is_empty()
            || text.starts_with(' ')
            || exception::marked(text).is_some()
            || section::location(text).is_some()
            || text.starts_with("Traceback")
            || text.starts_with("Hint:");
        if goes_on && block.len() < 2000 {
            block.push(line);
            return (State::Conftest { block, behind }, false);
        }
        self.conftest(&block, behind);
        (State::Idle, true)
    }

    /// The step ended, with the exit code that the log tells; `implied` where the log has no steps, so that none is told.
    pub(crate) fn step_end(&mut self, step: Option<usize>, exit_code: Option<i32>, implied: bool) {
        if step == self.step {
            self.close_step(exit_code, implied);
            self.prefix.forget();
        }
    }

    /// All that was found.
    pub(crate) fn finish(mut self) -> (Vec<Session>, Vec<Failure>, Vec<Problem>) {
        self.close_step(None, false);
        self.failures.sort_by_key(|it| it.line);
        (self.sessions, self.failures, self.keeper.problems())
    }
}

fn push_behind(block: &mut Block, line: &Line<'_>, at: usize) {
    let skip = at + usize::from(line.text[at..].starts_with(' '));
    block.push_part(line, skip);
}
