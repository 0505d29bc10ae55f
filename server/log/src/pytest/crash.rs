//! Reports of a process that ends: faulthandler's stacks, pytest-timeout's stacks.

use super::block::Block;
use super::traceback::file_line;
use crate::{Exception, Failure, Frame, Kind, Phase};

/// Where a fatal error begins in a line.
pub(crate) fn fatal_start(text: &str) -> Option<usize> {
    text.find("Fatal Python error: ")
        .or_else(|| text.find("Windows fatal exception: "))
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

fn made(
    block: &Block,
    id: &str,
    kind: Kind,
    exception: Option<Exception>,
    frames: Vec<Frame>,
) -> Failure {
    Failure {
        id: id.to_owned(),
        phase: Phase::Call,
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
    text.contains("The action has timed out")
        || text.contains("has exceeded the maximum execution time")
        || text.contains("execution took longer than")
        || (text.starts_with("Command took >") && text.contains("returning 124"))
        || text.contains("Too long with no output (exceeded")
        || text.contains("ran longer than the maximum time")
}
