//! Failures outside a session: bare tracebacks, unittest's output, wrappers that run pytest for a file.
//!
//! A traceback that a program prints is only a failure where nothing else explains why its step failed; so they are kept
//! until the step ends, and given then.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::block::Block;
use super::{classify, exception, traceback, unit};
use crate::line::Line;
use crate::{Exception, Failure, Frame, Kind, Link, Phase};

/// Every line that may matter is looked through for it.
static FAILED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" failed!"));

/// Tracebacks of a step that are kept.
const KEPT: usize = 50;
/// Failures that wrappers tell of, in one step.
const MOST_WRAPPED: usize = 2000;

/// What a step's output told outside pytest's sessions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outside {
    tracebacks: Vec<Failure>,
    units: Vec<Failure>,
    /// Those of them that do not stand below unittest's rule.
    unsure: Vec<usize>,
    wrapped: Vec<Failure>,
    /// The name in the wrapper's `PRINTING LOG FILE of name`, while it prints.
    printing: Option<String>,
    limit: bool,
    /// The last line that ended in unittest's rule above a heading.
    ruled: u32,
    /// It was the last line of all.
    is_ruled: bool,
    /// The last line that says of the next one's traceback that it ends nothing.
    harmless: u32,
    /// The line that joins the last traceback to the next one, and whether the last one is its cause.
    chained: Option<(u32, bool)>,
}

impl Outside {
    /// A line that may be a wrapper's: `test_ops 3/4 failed!`, `PRINTING LOG FILE of test_ops 3/4`.
    pub(crate) fn line(&mut self, line: &Line<'_>) {
        let text = line.text.trim();
        self.is_ruled = unit::ends_in_thick_rule(text);
        if self.is_ruled {
            self.ruled = line.number;
        }
        if text.starts_with("Exception ignored ") || text == "--- Logging error ---" {
            self.harmless = line.number;
        }
        if let Some(is_cause) = traceback::chain_line(text) {
            self.chained = Some((line.number, is_cause));
        }
        if let Some(rest) = text.strip_prefix("PRINTING LOG FILE of ") {
            self.printing = Some(rest.split(" (").next().unwrap_or(rest).to_owned());
        } else if text.starts_with("FINISHED PRINTING LOG FILE") {
            self.printing = None;
        } else if text.starts_with("Command took >") && text.contains("returning 124") {
            self.limit = true;
            if let Some(name) = self
                .printing
                .clone()
                .filter(|_| self.wrapped.len() < MOST_WRAPPED)
            {
                self.wrapped
                    .push(plain(name, Kind::Timeout, "", text, line));
            }
        } else if let Some(at) = FAILED
            .find(text.as_bytes())
            .filter(|_| !text.contains("Error: "))
        {
            self.failed(text, at, line);
        }
    }

    fn failed(&mut self, text: &str, at: usize, line: &Line<'_>) {
        let name = &text[..at];
        let shard = name.rsplit_once(' ').is_some_and(|(_, part)| {
            part.split_once('/')
                .is_some_and(|(one, all)| is_number(one) && is_number(all))
        });
        if !shard
            || self.wrapped.len() >= MOST_WRAPPED
            || self.wrapped.iter().any(|it| it.id == name)
        {
            return;
        }
        let made = match text[at..].split_once("Received signal: ") {
            Some((_, signal)) => plain(name.to_owned(), Kind::Crash, signal, text, line),
            None => plain(name.to_owned(), Kind::Unknown, "", text, line),
        };
        self.wrapped.push(made);
    }

    /// A traceback that stands outside every session.
    pub(crate) fn traceback(&mut self, block: &Block) {
        let found = traceback::parse(block, 0, block.len());
        let Some(exception) = found.exception else {
            return;
        };
        let raised = cpp_place(&exception, block);
        let syntax = traceback::is_syntax(&exception);
        let location = raised.or_else(|| found.frames.last().cloned());
        let first = block.line(0).number;
        if self.harmless > 0 && self.harmless + 1 == first {
            return;
        }
        let known = |it: &Failure| {
            it.exception.as_ref().is_some_and(|old| {
                old.message == exception.message && old.type_name == exception.type_name
            })
        };
        let earlier = self
            .chained
            .take()
            .filter(|(line, _)| line + 3 > first)
            .and_then(|(_, is_cause)| Some((self.unchain()?, is_cause)));
        if earlier.is_none() && (self.tracebacks.iter().any(known) || self.tracebacks.len() >= KEPT)
        {
            return;
        }
        let mut chain = Vec::new();
        let (mut span, mut line) = (block.span().unwrap_or_default(), first);
        if let Some((earlier, is_cause)) = earlier {
            chain = earlier.chain;
            span = earlier.span.cover(span);
            line = earlier.line;
            chain.extend(earlier.exception.map(|exception| Link {
                exception,
                frames: earlier.frames,
                is_cause,
            }));
        }
        chain.extend(found.chain);
        let (id, phase) = match &self.printing {
            Some(name) => (name.clone(), Phase::Collect),
            None => (String::new(), Phase::Call),
        };
        let any = classify::kind(Phase::Collect, Some(&exception));
        let kind = match any {
            Kind::Timeout | Kind::Crash => any,
            _ if phase == Phase::Collect || syntax => Kind::CollectionError,
            _ => Kind::Traceback,
        };
        let failure = Failure {
            id,
            phase,
            kind,
            exception: Some(exception),
            location,
            frames: found.frames,
            chain,
            span,
            line,
            ..Failure::default()
        };
        if self.printing.is_some() {
            if self.wrapped.len() < MOST_WRAPPED {
                self.wrapped.push(failure);
            }
        } else {
            self.tracebacks.push(failure);
        }
    }

    /// The last traceback, of which more was printed than could be told to be its own.
    fn unchain(&mut self) -> Option<Failure> {
        if self.printing.is_some() {
            let last = self.wrapped.last()?;
            return (!last.frames.is_empty())
                .then(|| self.wrapped.pop())
                .flatten();
        }
        self.tracebacks.pop()
    }

    /// How many failures of unittest are kept.
    pub(crate) fn units(&self) -> usize {
        self.units.len()
    }

    /// The tests of those.
    pub(crate) fn ids_of_units(&self) -> impl Iterator<Item = &str> {
        self.units.iter().map(|it| it.id.as_str())
    }

    /// Whether the next line stands below unittest's rule.
    pub(crate) fn is_below_rule(&self) -> bool {
        self.is_ruled
    }

    /// Whether the line stands below unittest's rule.
    pub(crate) fn below_rule(&self, line: &Line<'_>) -> bool {
        self.ruled > 0 && self.ruled + 1 == line.number
    }

    pub(crate) fn unit(&mut self, failure: Failure, sure: bool) -> Option<&mut Failure> {
        if !sure {
            self.unsure.push(self.units.len());
        }
        self.units.push(failure);
        self.units.last_mut()
    }

    /// The failures of the step: those of unittest; of wrappers, where no session of the same file explains them; bare
    /// tracebacks, where nothing else is there.
    pub(crate) fn take(
        &mut self,
        explained: &[Failure],
        exit_code: Option<i32>,
        in_step: bool,
    ) -> Vec<Failure> {
        let own = std::mem::take(self);
        let mut found = own.units;
        // Where unittest's rules are, a heading without them was printed by a test.
        if own.unsure.len() < found.len() {
            for at in own.unsure.into_iter().rev() {
                found.remove(at);
            }
        }
        for failure in own.wrapped {
            let file = failure.id.split(' ').next().unwrap_or_default();
            let by_session = explained.iter().any(|it| {
                let path = it.path.as_deref().unwrap_or(&it.id);
                path.trim_end_matches(".py").ends_with(file)
            });
            let same = found.iter().any(|it| it.id == failure.id);
            if !by_session && !same {
                found.push(failure);
            }
        }
        // A CI's step that does not say how it ended went well.
        let ended_well = exit_code == Some(0) || (in_step && exit_code.is_none());
        if found.is_empty() && explained.is_empty() && !ended_well {
            found = own.tracebacks;
            found.retain(|it| !it.frames.is_empty());
        }
        found
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_ascii_digit())
}

fn plain(id: String, kind: Kind, type_name: &str, message: &str, line: &Line<'_>) -> Failure {
    Failure {
        id,
        kind,
        exception: Some(exception::exception(
            type_name.trim().to_owned(),
            message,
            &[],
            line.raw,
        )),
        span: line.raw,
        line: line.number,
        ..Failure::default()
    }
}

/// `TT_FATAL @ file.cpp:182: condition`: a C++ place at the front of a message.
fn cpp_place(exception: &Exception, block: &Block) -> Option<Frame> {
    let first = exception.message.lines().next()?;
    let (_, rest) = first.split_once(" @ ")?;
    let (place, _) = rest.split_once(": ")?;
    let (path, line) = place.rsplit_once(':')?;
    Some(Frame {
        path: path.to_owned(),
        line: line.parse().ok()?,
        function: String::new(),
        source: None,
        span: block.span().unwrap_or_default(),
    })
}
