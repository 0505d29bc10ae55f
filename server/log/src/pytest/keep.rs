//! How much is kept of failures, whatever the log's size.
//!
//! Failures are kept whole while there is room for their text; after that each keeps its name, phase, exception, first line
//! of the message and place; and after that they are only counted. Problems say so, and where it began.

use text::{Problem, Span};

use super::evidence::Told;
use super::section::Parsed;
use crate::{Captured, Exception, Failure, Frame, Limits, Link, Local};

/// Bytes of [`Limits::kept`] that one failure may take on average: as many failures have a place.
const PLACE: usize = 3072;
/// Sessions that are kept.
const MOST_SESSIONS: usize = 4096;
/// Longest message of a failure whose text is not kept.
const SHORT: usize = 200;

/// The room that is left.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    text: usize,
    places: usize,
    thinned: Count,
    counted: Count,
}

/// How many, and where the first one stands.
#[derive(Debug, Default)]
struct Count {
    number: usize,
    first: Option<(u32, Span)>,
}

impl Count {
    fn add(&mut self, number: usize, line: u32, span: Span) {
        if number > 0 {
            self.number += number;
            self.first.get_or_insert((line, span));
        }
    }

    fn problem(&self, what: &str) -> Option<Problem> {
        let (line, span) = self.first?;
        Some(Problem {
            message: format!(
                "{} {what}, from line {line} on: the log has too many to keep",
                self.number
            ),
            path: String::new(),
            span,
        })
    }
}

impl Keeper {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            text: limits.kept / 4,
            places: (limits.kept / PLACE).max(16),
            ..Self::default()
        }
    }

    /// How many failures, or lines that name one, are kept.
    pub(crate) fn places(&self) -> usize {
        self.places
    }

    pub(crate) fn sessions(&self) -> usize {
        MOST_SESSIONS.min(self.places)
    }

    /// Whether no more text is kept.
    pub(crate) fn is_thin(&self) -> bool {
        self.text == 0
    }

    /// Failures that are only counted.
    pub(crate) fn count(&mut self, number: usize, line: u32, span: Span) {
        self.counted.add(number, line, span);
    }

    /// Takes room for a text; whether there was enough.
    pub(crate) fn charge(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.text;
        self.text = self.text.saturating_sub(bytes);
        fits
    }

    /// Charges a section, or takes out of it what is too much.
    pub(crate) fn told(&mut self, told: &mut Told) {
        let bytes = size_of_parsed(&told.parsed) + size_of_captured(&told.captured);
        if self.charge(bytes) {
            return;
        }
        self.thinned.add(1, told.line, told.span);
        told.captured = Vec::new();
        let parsed = &mut told.parsed;
        thin(&mut parsed.exception, &mut parsed.frames);
        parsed.chain = Vec::new();
        parsed.locals = Vec::new();
        parsed.falsifying = None;
        parsed.doctest = None;
        parsed.source = None;
    }

    /// Charges a failure, or takes out of it what is too much.
    pub(crate) fn failure(&mut self, failure: &mut Failure) {
        let bytes = failure.exception.as_ref().map_or(0, size_of_exception)
            + size_of_frames(&failure.frames)
            + size_of_chain(&failure.chain)
            + size_of_locals(&failure.locals)
            + size_of_captured(&failure.captured);
        if self.charge(bytes) {
            return;
        }
        self.thinned.add(1, failure.line, failure.span);
        thin(&mut failure.exception, &mut failure.frames);
        failure.chain = Vec::new();
        failure.locals = Vec::new();
        failure.captured = Vec::new();
        failure.expected = None;
        failure.actual = None;
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        let thinned = self.thinned.problem(
            "failures keep only their name, the first line of their message and their place",
        );
        let counted = self.counted.problem("more failures are only counted");
        thinned.into_iter().chain(counted).collect()
    }
}

/// The first line of a text, at most [`SHORT`] bytes of it.
pub(crate) fn first_line(text: &str) -> &str {
    let line = text.trim_start().lines().next().unwrap_or_default();
    &line[..line.floor_char_boundary(SHORT)]
}

fn thin(exception: &mut Option<Exception>, frames: &mut Vec<Frame>) {
    if let Some(exception) = exception {
        let short = first_line(&exception.message);
        exception.cut |= short.len() < exception.message.len();
        exception.message = short.to_owned();
        exception.type_name.shrink_to_fit();
    }
    *frames = frames.pop().map_or_else(Vec::new, |mut last| {
        last.source = None;
        vec![last]
    });
}

fn size_of_parsed(parsed: &Parsed) -> usize {
    parsed.exception.as_ref().map_or(0, size_of_exception)
        + size_of_frames(&parsed.frames)
        + size_of_chain(&parsed.chain)
        + size_of_locals(&parsed.locals)
}

// An exception's message is kept up to three times: the sides of a comparison repeat parts of it.
fn size_of_exception(exception: &Exception) -> usize {
    exception.type_name.len() + 2 * exception.message.len()
}

fn size_of_frames(frames: &[Frame]) -> usize {
    let of = |frame: &Frame| {
        size_of::<Frame>()
            + frame.path.len()
            + frame.function.len()
            + frame.source.as_ref().map_or(0, String::len)
    };
    frames.iter().map(of).sum()
}

fn size_of_chain(chain: &[Link]) -> usize {
    let of = |link: &Link| {
        size_of::<Link>() + size_of_exception(&link.exception) + size_of_frames(&link.frames)
    };
    chain.iter().map(of).sum()
}

fn size_of_locals(locals: &[Local]) -> usize {
    let of = |local: &Local| size_of::<Local>() + local.name.len() + local.value.len();
    locals.iter().map(of).sum()
}

fn size_of_captured(captured: &[Captured]) -> usize {
    let of = |section: &Captured| size_of::<Captured>() + section.name.len();
    captured.iter().map(of).sum()
}
