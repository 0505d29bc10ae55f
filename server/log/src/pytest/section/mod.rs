//! One failure's section: its header, then tracebacks in any `--tb` style, then what was captured.

mod captured;
mod checks;
mod doctest;
mod hypothesis;
mod locals;
mod place;
mod unmarked;

pub(crate) use self::captured::Sections;
pub(crate) use self::hypothesis::falsifying;
use self::locals::{arguments, local};
pub(crate) use self::place::location;
use self::place::{Location, data_location, frame};
use self::unmarked::{lookup_error, of_raw};
use super::block::Block;
use super::{exception, progress, rules, traceback};
use crate::{Exception, Fact, Frame, Link, Local, Phase};

/// What a line of source begins with, in every style of traceback.
pub(crate) const SOURCE: &str = "    ";

/// What a section's header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The test's name, or the path of what was collected.
    pub(crate) name: String,
    pub(crate) phase: Phase,
}

/// A header's title in its parts.
pub(crate) fn header(title: &str) -> Header {
    let of = |phase, name: &str| Header {
        name: name.trim().to_owned(),
        phase,
    };
    if let Some(name) = title.strip_prefix("ERROR at setup of ") {
        of(Phase::Setup, name)
    } else if let Some(name) = title.strip_prefix("ERROR at teardown of ") {
        of(Phase::Teardown, name)
    } else if let Some(name) = title.strip_prefix("ERROR collecting ") {
        of(Phase::Collect, name)
    } else {
        of(Phase::Call, title)
    }
}

/// A section, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parsed {
    pub(crate) exception: Option<Exception>,
    pub(crate) frames: Vec<Frame>,
    /// Where it was raised, if that is no frame: the file of a syntax error.
    pub(crate) location: Option<Frame>,
    pub(crate) chain: Vec<Link>,
    pub(crate) locals: Vec<Local>,
    pub(crate) worker: Option<String>,
    pub(crate) falsifying: Option<Fact>,
    pub(crate) doctest: Option<(String, String)>,
    /// `assert ...` as the source has it, for the two sides of a comparison.
    pub(crate) source: Option<String>,
}

/// What a traceback's lines have told so far of the exception that they lead to.
#[derive(Debug, Default)]
struct Element {
    frames: Vec<Frame>,
    marked: Vec<usize>,
    hint: Option<String>,
}

/// What is known of the frame whose location comes after its source (`--tb=long`).
#[derive(Debug, Default)]
struct Ahead {
    function: Option<(usize, String)>,
    failing: Option<String>,
    locals: Vec<Local>,
}

/// Reads a section's lines, without its header and what was captured.
pub(crate) fn parse(block: &Block) -> Parsed {
    let mut parsed = Parsed::default();
    let mut start = 0;
    while start < block.len() && block.text(start).trim().is_empty() {
        start += 1;
    }
    if let Some((worker, rest)) = progress::worker(block.text(start))
        && rest.contains(" -- Python")
    {
        parsed.worker = Some(worker.to_owned());
        start += 1;
    }
    if let Some(native) = native_start(block, start) {
        match back_to_pytest(block, native) {
            Some(at) => {
                let found = traceback::parse(block, native, at);
                let shown = found.exception.map(|exception| Link {
                    exception,
                    frames: found.frames,
                    is_cause: traceback::chain_line(block.text(at)) == Some(true),
                });
                parsed.chain = found.chain;
                of_pytest(block, at + 1, &mut parsed);
                // pytest 9 shows the last exception in both styles.
                let last = parsed.exception.as_ref();
                parsed.chain.extend(shown.filter(|link| {
                    last.is_none_or(|it| {
                        it.type_name != link.exception.type_name
                            || it.message != link.exception.message
                    })
                }));
            }
            None => of_native(block, native, &mut parsed),
        }
    } else {
        of_pytest(block, start, &mut parsed);
    }
    doctest::show_example(block, &mut parsed);
    parsed.falsifying = falsifying(block);
    parsed
}

/// Where a native traceback or an exception group begins, if that is the style of the section.
fn native_start(block: &Block, start: usize) -> Option<usize> {
    for idx in start..block.len() {
        let text = block.text(idx);
        if starts_native(text) {
            return Some(idx);
        }
        let is_pytest = exception::marked(text).is_some_and(|it| !it.is_empty())
            || text.starts_with('>')
            || location(text).is_some();
        if is_pytest {
            return None;
        }
    }
    None
}

/// Where pytest's own style follows an exception group that was the cause.
fn back_to_pytest(block: &Block, native: usize) -> Option<usize> {
    (native..block.len()).rev().find(|&idx| {
        traceback::chain_line(block.text(idx)).is_some()
            && (idx + 1..block.len())
                .find(|&next| !block.text(next).trim().is_empty())
                .is_some_and(|next| !starts_native(block.text(next)))
    })
}

fn starts_native(text: &str) -> bool {
    text.starts_with(traceback::START)
        || is_told(text)
        || text
            .trim_ascii_start()
            .starts_with("+ Exception Group Traceback")
}

/// `testtools.testresult.real._StringException: Traceback (most recent call last):`, where a framework tells pytest but the text.
fn is_told(text: &str) -> bool {
    let of = text.trim_end().strip_suffix(traceback::START);
    of.and_then(|it| it.strip_suffix(": ")).is_some_and(|it| {
        it.contains('.') && it.chars().all(|c| c.is_alphanumeric() || "._".contains(c))
    })
}

fn of_native(block: &Block, start: usize, parsed: &mut Parsed) {
    let doctest = (0..start).any(|idx| block.text(idx).starts_with("UNEXPECTED EXCEPTION:"));
    let mut end = block.len();
    if doctest
        && let Some(last) = (start..block.len())
            .rev()
            .find(|&idx| location(block.text(idx)).is_some())
    {
        end = last;
    }
    let found = traceback::parse(block, start, end);
    parsed.exception = found.exception;
    parsed.frames = found.frames;
    parsed.chain = found.chain;
    parsed.location = parsed.frames.iter().rev().find(is_shown).cloned();
    if end < block.len()
        && let Some(at) = location(block.text(end))
    {
        parsed.location = Some(frame(block, end, &at));
    }
}

/// pytest, its plugin system, Hypothesis and unittest hide their own frames, but not from Python.
pub(crate) fn is_shown(frame: &&Frame) -> bool {
    let parts = frame.path.split(['/', '\\']).collect::<Vec<_>>();
    let hides = |part: &&str| matches!(*part, "_pytest" | "pluggy" | "hypothesis");
    !parts.iter().any(hides) && !parts.ends_with(&["unittest", "case.py"])
}

fn of_pytest(block: &Block, start: usize, parsed: &mut Parsed) {
    let mut element = Element::default();
    let mut ahead = Ahead::default();
    let mut raw = Vec::new();
    let mut idx = start;
    while idx < block.len() {
        let text = block.text(idx);
        if element.frames.is_empty()
            && element.marked.is_empty()
            && !parsed.chain.is_empty()
            && starts_native(text)
        {
            // An exception group with a cause: pytest shows the group, and all before it once more, as Python does.
            let chain = std::mem::take(&mut parsed.chain);
            of_native(block, idx, parsed);
            let shown = std::mem::replace(&mut parsed.chain, chain);
            let new = |link: &Link| {
                !parsed.chain.iter().any(|it| {
                    it.exception.type_name == link.exception.type_name
                        && it.exception.message == link.exception.message
                })
            };
            let new = shown.into_iter().filter(new).collect::<Vec<_>>();
            parsed.chain.extend(new);
            return;
        }
        if let Some(is_cause) = traceback::chain_line(text) {
            let done = std::mem::take(&mut element);
            if let Some((exception, _)) = finish_element(block, &done) {
                let frames = done.frames;
                parsed.chain.push(Link {
                    exception,
                    frames,
                    is_cause,
                });
            } else {
                // Text without frames or markers: what counts is the text behind.
                raw.clear();
            }
            ahead = Ahead::default();
        } else if text.starts_with(SOURCE) {
            note_function(text, &mut ahead);
            if element.frames.is_empty() || !ahead.locals.is_empty() || ahead.failing.is_some() {
                // Source, or the lines of a value; nothing of a short frame.
            } else if let Some(local) = local(text.trim_start()) {
                parsed.locals.push(Local {
                    frame: Some(element.frames.len() - 1),
                    ..local
                });
            }
        } else if rules::is_frame_separator(text) {
            ahead = Ahead::default();
        } else if exception::marked(text).is_some() {
            element.marked.push(idx);
        } else if let Some(source) = text.strip_prefix('>')
            && source.starts_with([' ', '\t'])
        {
            if ahead.failing.is_none() && !is_fixture_hint(source) {
                ahead.failing = Some(source.trim().to_owned());
            }
        } else if let Some(at) = location(text) {
            idx = take_location(block, idx, &at, &mut element, &mut ahead, parsed);
            continue;
        } else if let Some(local) = local(text) {
            ahead
                .locals
                .extend(arguments(local, ahead.failing.is_none()));
        } else if element.frames.is_empty()
            && element.marked.is_empty()
            && ahead.failing.is_none()
            && !text.trim().is_empty()
        {
            raw.push(idx);
        }
        idx += 1;
    }
    if let Some((exception, syntax)) = finish_element(block, &element) {
        parsed.exception = Some(exception);
        parsed.location = syntax;
    }
    parsed.source = ahead
        .failing
        .or_else(|| element.frames.last().and_then(|it| it.source.clone()));
    parsed.frames = element.frames;
    // `--full-trace` shows the function that `pytest.fail` raises in.
    let raises = |it: &Frame| it.path.ends_with("_pytest/outcomes.py");
    if parsed.location.is_none() && parsed.frames.last().is_some_and(raises) {
        let called = parsed.frames.iter().rev().find(|it| !raises(it));
        parsed.location = called.cloned();
    }
    if parsed.exception.is_none() {
        of_raw(block, &raw, start, parsed, element.hint);
    } else if parsed.frames.is_empty() {
        lookup_error(block, &raw, parsed);
    } else if let Some(&idx) = raw.first()
        && let Some(at) = data_location(block.text(idx))
    {
        parsed.frames.insert(0, frame(block, idx, &at));
        for local in &mut parsed.locals {
            local.frame = local.frame.map(|it| it + 1);
        }
    }
}

/// `>  available fixtures: ...` is no source line.
fn is_fixture_hint(source: &str) -> bool {
    let source = source.trim_start();
    source.starts_with("available fixtures:")
        || source.starts_with("use 'pytest --fixtures")
        || source.starts_with("use 'py.test --fixtures")
}

/// Takes a location line and, in the short style, the source below it; gives the index of the next line.
fn take_location(
    block: &Block,
    idx: usize,
    at: &Location<'_>,
    element: &mut Element,
    ahead: &mut Ahead,
    parsed: &mut Parsed,
) -> usize {
    let mut made = frame(block, idx, at);
    let number = element.frames.len();
    if let Some(function) = at.function {
        made.function = function.to_owned();
        let next = block.text(idx + 1);
        if next.starts_with("    ") && exception::marked(next).is_none() {
            made.source = Some(next.trim().to_owned()).filter(|it| !it.is_empty());
            element.frames.push(made);
            return idx + 2;
        }
    } else {
        let ahead = std::mem::take(ahead);
        made.function = ahead.function.map(|(_, name)| name).unwrap_or_default();
        made.source = ahead.failing;
        parsed
            .locals
            .extend(ahead.locals.into_iter().map(|it| Local {
                frame: Some(number),
                ..it
            }));
        if let Some(hint) = at.hint {
            element.hint = Some(hint.to_owned());
        }
    }
    element.frames.push(made);
    idx + 1
}

fn finish_element(block: &Block, element: &Element) -> Option<(Exception, Option<Frame>)> {
    let printed = exception::of_marked(block, &element.marked, element.hint.as_deref())?;
    Some((printed.exception, printed.syntax))
}

/// The innermost function whose `def` stands above the failing line.
fn note_function(text: &str, ahead: &mut Ahead) {
    if ahead.failing.is_some() {
        return;
    }
    let mut trimmed = text;
    // Source is indented deeply.
    while let Some(rest) = trimmed.strip_prefix(SOURCE) {
        trimmed = rest;
    }
    let trimmed = trimmed.trim_ascii_start();
    let indent = text.len() - trimmed.len();
    let rest = trimmed.strip_prefix("async ").unwrap_or(trimmed);
    if let Some(rest) = rest.strip_prefix("def ") {
        let name = rest.split('(').next().unwrap_or_default().trim();
        if ahead
            .function
            .as_ref()
            .is_none_or(|(outer, _)| indent <= *outer)
        {
            ahead.function = Some((indent, name.to_owned()));
        }
    }
}
