//! Reports of a process that ends: faulthandler's stacks, pytest-timeout's stacks.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::block::Block;
use super::traceback::file_line;
use crate::{Exception, Failure, Frame, Kind, Phase};

/// What faulthandler's report begins with.
pub(crate) const FATAL: [&str; 2] = ["Fatal Python error: ", "Windows fatal exception: "];

/// What a CI's or a wrapper's words hold when it ends a command that took too long.
pub(crate) const TIME_LIMITS: [&str; 6] = [
    "The action has timed out",
    "has exceeded the maximum execution time",
    "execution took longer than",
    "Command took >",
    "Too long with no output (exceeded",
    "ran longer than the maximum time",
];

/// What shells and make say of a child that a signal ended, with `(core dumped)` behind it or not.
pub(crate) const ENDED: [&str; 8] = [
    "Segmentation fault",
    "Aborted",
    "Killed",
    "Bus error",
    "Illegal instruction",
    "Floating point exception",
    "Trace/breakpoint trap",
    "Terminated",
];

/// A shell's note that a signal ended a command: `bash: line 1:  2034 Killed   NAME=value pytest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note<'a> {
    pub(crate) what: &'static str,
    /// Where the command begins; the line's end where the note does not show it.
    pub(crate) command: usize,
    pub(crate) text: &'a str,
}

impl Note<'_> {
    /// Whether the command that was ended is one of pytest's.
    pub(crate) fn names_pytest(&self) -> bool {
        self.text
            .rsplit(self.what)
            .next()
            .is_some_and(|it| it.contains("pytest") || it.contains("py.test"))
    }
}

/// The note that a line ends in: what a test printed may stand before it.
pub(crate) fn note(text: &str) -> Option<Note<'_>> {
    if !may_be_note(text) {
        return None;
    }
    let end = text.trim_end().len();
    let trimmed = &text[..end];
    // What a shell says that ran one command alone.
    let bare = trimmed.strip_suffix(" (core dumped)").unwrap_or(trimmed);
    if let Some(what) = ENDED.iter().find(|it| **it == bare) {
        return Some(Note {
            what,
            command: end,
            text: trimmed,
        });
    }
    let (what, at) = ENDED
        .iter()
        .find_map(|what| Some((*what, trimmed.find(what)?)))?;
    let before = trimmed[..at].trim_end();
    let place = before.trim_end_matches(|it: char| it.is_ascii_digit());
    let of_make = before.starts_with("make") && before.ends_with(']') && before.contains("*** [");
    let of_shell = place.len() < before.len()
        && place
            .trim_end()
            .strip_suffix(':')
            .map(|it| it.trim_end_matches(|it: char| it.is_ascii_digit()))
            .is_some_and(|it| it.ends_with(": line "));
    if !(of_make || of_shell) {
        return None;
    }
    let rest = trimmed[at + what.len()..].trim_start();
    let rest = rest.strip_prefix("(core dumped)").unwrap_or(rest);
    Some(Note {
        what,
        command: end - rest.trim_start().len(),
        text: trimmed,
    })
}

/// Whether a line has the place that a note must have, or is no more than what a signal is called by. Every line that may
/// matter is asked.
pub(crate) fn may_be_note(text: &str) -> bool {
    static PLACE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(": line "));
    let is_bare = || ENDED.iter().any(|what| text.starts_with(what));
    text.starts_with(|first: char| first.is_ascii_uppercase()) && is_bare()
        || text.starts_with("make")
        || (!text.starts_with("    ") && PLACE.find(text.as_bytes()).is_some())
}

/// Where a fatal error begins in a line. Source that has its words in a string is none.
pub(crate) fn fatal_start(text: &str) -> Option<usize> {
    let at = FATAL.iter().find_map(|words| text.find(words))?;
    (!text[..at].ends_with(['"', '\'', '`', '^'])).then_some(at)
}

/// Whether a line can belong to faulthandler's report.
pub(crate) fn belongs(text: &str) -> bool {
    let trimmed = text.trim();
    trimmed.is_empty()
        || file_line(text).is_some()
        || trimmed.starts_with("Thread 0x")
        || trimmed.starts_with("Current thread ")
        || trimmed.starts_with("Extension modules:")
        || trimmed.starts_with("Garbage-collecting")
        || trimmed.starts_with("Python runtime state:")
        || trimmed.starts_with('<')
        || trimmed.starts_with("...")
        || trimmed.starts_with("Stack (most recent call first)")
        || trimmed.starts_with("Binary file ")
        || trimmed.starts_with("Current thread's C stack trace")
}

/// The failure that faulthandler's report tells of; `start` is where its first line begins with it.
pub(crate) fn fatal(block: &Block, start: usize, id: &str) -> Failure {
    let first = block.line(0);
    let text = first.text.get(start..).unwrap_or_default().trim_end();
    let what = text.split_once(": ").map_or(text, |(_, what)| what);
    let mut frames = frames_after(block, |text| {
        text.contains("Current thread") && !text.contains("C stack")
    });
    frames.reverse();
    made(
        block,
        id,
        Kind::Crash,
        Some(Exception {
            type_name: what.split(" (").next().unwrap_or(what).to_owned(),
            message: text.to_owned(),
            cut: false,
            span: first.span(start..first.text.trim_end().len().max(start)),
        }),
        frames,
    )
}

/// The frame of a test function, where the log does not name the test that ran.
pub(crate) fn test_frame(frames: &[Frame]) -> Option<&Frame> {
    frames
        .iter()
        .find(|it| it.function.starts_with("test") && is_test_file(&it.path))
}

/// Whether a file is one that pytest collects tests from.
pub(crate) fn is_test_file(path: &str) -> bool {
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.strip_suffix(".py").unwrap_or_default();
    stem.starts_with("test_") || stem.ends_with("_test")
}

/// The failure that the stacks of pytest-timeout's thread method tell of.
pub(crate) fn timeout(block: &Block, id: &str) -> Failure {
    let frames = frames_after(block, |text| text.contains("Stack of MainThread"));
    made(block, id, Kind::Timeout, None, frames)
}

fn frames_after(block: &Block, begins: impl Fn(&str) -> bool) -> Vec<Frame> {
    let Some(from) = (0..block.len()).find(|&idx| begins(block.text(idx))) else {
        return Vec::new();
    };
    let mut frames = Vec::new();
    for idx in from + 1..block.len() {
        let text = block.text(idx);
        match file_line(text) {
            Some((path, line, function)) => {
                let next = block.text(idx + 1);
                let source = (next.starts_with("    ") && file_line(next).is_none())
                    .then(|| next.trim().to_owned());
                let start = text.len() - text.trim_start().len();
                frames.push(Frame {
                    path: path.to_owned(),
                    line,
                    function: function.to_owned(),
                    source,
                    span: block.line(idx).span(start..text.trim_end().len()),
                });
            }
            None if text.starts_with("    ") => {}
            None if text.trim().is_empty() && frames.is_empty() => {}
            None if text.trim_start().starts_with("Garbage-collecting") => {}
            None => break,
        }
    }
    frames
}

/// The phase whose hook of pytest's runner is in a stack.
pub(crate) fn phase(frames: &[Frame]) -> Phase {
    let hook = |it: &Frame| match it.function.as_str() {
        "pytest_runtest_setup" => Some(Phase::Setup),
        "pytest_runtest_teardown" => Some(Phase::Teardown),
        _ => None,
    };
    let of_runner = frames
        .iter()
        .filter(|it| it.path.replace('\\', "/").ends_with("_pytest/runner.py"));
    of_runner.filter_map(hook).next().unwrap_or(Phase::Call)
}

fn made(
    block: &Block,
    id: &str,
    kind: Kind,
    exception: Option<Exception>,
    frames: Vec<Frame>,
) -> Failure {
    Failure {
        id: id.to_owned(),
        phase: phase(&frames),
        kind,
        exception,
        location: frames.last().cloned(),
        frames,
        span: block.span().unwrap_or_default(),
        line: block.line(0).number,
        ..Failure::default()
    }
}

/// What a CI or a wrapper says when it ends a command that took too long.
pub(crate) fn is_time_limit(text: &str) -> bool {
    TIME_LIMITS.iter().any(|words| match text.find(words) {
        Some(at) if *words == "Command took >" => at == 0 && text.contains("returning 124"),
        found => found.is_some(),
    })
}
