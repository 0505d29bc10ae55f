//! pytest's output as a structure: sessions and failures out of cleaned lines.
//!
//! It knows no CI format: prefixes, groups and escape sequences are gone before a line comes here.

mod assertion;
mod block;
mod classify;
mod crash;
mod evidence;
mod exception;
mod header;
mod ids;
mod keep;
mod merge;
mod outside;
mod progress;
mod reader;
mod rules;
mod section;
mod stestr;
mod traceback;
mod unit;

#[cfg(test)]
mod tests;

pub(crate) use crash::{may_be_note, note as ended_by_signal};
pub(crate) use ids::same_file;
pub(crate) use reader::{Reader, is_inside};

/// Literals of which a line must hold one to matter while the reader wants [`Appetite::Triggers`].
pub(crate) const TRIGGERS: &[&str] = &[
    "=====",
    "_____",
    "―――――",
    "!!!!!",
    "FAILED",
    "ERROR",
    "FAIL: ",
    "UNEXPECTED SUCCESS: ",
    "SUBFAIL",
    " failed",
    " passed in ",
    " error in ",
    " errors in ",
    "Test session starts",
    "Results (",
    "Traceback (most recent call last)",
    "another exception occurred:",
    "direct cause of the following exception:",
    "  File \"",
    "Fatal Python error: ",
    "Windows fatal exception: ",
    "+++ Timeout +++",
    "INTERNALERROR>",
    "crashed while running",
    "ImportError while loading conftest",
    ": error: unrecognized arguments",
    "The action has timed out",
    "exceeded the maximum execution time",
    "execution took longer than",
    "returning 124",
    "(core dumped)",
    "Segmentation fault",
    "Aborted",
    "Killed",
    "⨯",
    ": KeyboardInterrupt",
    "PRINTING LOG FILE",
];

/// Which lines the reader wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appetite {
    Everything,
    /// Only lines that hold one of [`TRIGGERS`], and the line before each.
    Triggers,
}
