//! pytest's output as a structure: sessions and failures out of cleaned lines.
//!
//! It knows no CI format: prefixes, groups and escape sequences are gone before a line comes here.

use crate::line::Line;
use crate::{Failure, Session};

/// Literals of which a line must hold one to matter while the reader wants [`Appetite::Triggers`].
pub(crate) const TRIGGERS: &[&str] = &[];

/// Which lines the reader wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appetite {
    Everything,
    /// Only lines that hold one of [`TRIGGERS`], and the line before each.
    Triggers,
}

/// Takes lines, gives sessions and failures.
#[derive(Debug, Default)]
pub(crate) struct Reader {}

impl Reader {
    pub(crate) fn appetite(&self) -> Appetite {
        Appetite::Everything
    }

    /// The next line, of the step with that index.
    pub(crate) fn line(&mut self, _line: &Line<'_>, _step: Option<usize>) {}

    /// The step ended, with the exit code that the log tells.
    pub(crate) fn step_end(&mut self, _step: Option<usize>, _exit_code: Option<i32>) {}

    /// All that was found.
    pub(crate) fn finish(self) -> (Vec<Session>, Vec<Failure>) {
        (Vec::new(), Vec::new())
    }
}
