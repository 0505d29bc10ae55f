//! What makes the chosen slice shorter: the parts that its run found out not to matter, and values in the place of names.

use std::path::Path;
use std::time::Duration;

use python::Slice;
use repro::{Files, Signature};

use super::{Chosen, MOST_RUNS, Plan};
use crate::generate::GenerateError;
use crate::reduce::{self, Reduced, Reduction};

/// A test of at most so many lines is read at a glance: it is not reduced further.
const SHORT: usize = 20;

/// How long parts of a test are tried: beside its runs, generating a repro takes less than two seconds.
const REDUCING: Duration = Duration::from_millis(1500);

impl Plan<'_> {
    /// Takes the place of a slice that fails like CI did by what its run left of it. That is run by the script like any other slice.
    pub(super) fn reduce(
        &mut self,
        chosen: &mut Chosen,
        reduced: Reduced,
        known_good: Option<&Signature>,
    ) -> Result<(), GenerateError> {
        self.each_part_tried = reduced.complete;
        let slice = &chosen.slice;
        let (plain, above) = unexplained(slice);
        let code = reduced.text.strip_prefix(plain).unwrap_or(&reduced.text);
        let room = self.room(&chosen.files, slice);
        let smaller = self.inlined(
            Slice {
                code: code.to_owned(),
                failing_line: reduced.failing.and_then(|row| row.checked_sub(above)),
                ..slice.clone()
            },
            room,
        );
        if smaller.code.lines().count() >= slice.code.lines().count() {
            return Ok(());
        }
        (self.job.progress)("running what is left of the repro");
        let attempt = self.attempt(&smaller, known_good, false)?;
        if attempt.good {
            *chosen = self.chosen(smaller, attempt);
        }
        Ok(())
    }

    /// Lines that a slice may have, by how many its file has besides.
    pub(super) fn room(&self, files: &Files, slice: &Slice) -> usize {
        let besides = files.test.lines().count();
        let besides = besides.saturating_sub(slice.code.lines().count());
        (self.request.config.max_lines as usize).saturating_sub(besides)
    }

    /// With values in the place of names, where it has more lines than it may have.
    pub(super) fn inlined(&self, slice: Slice, room: usize) -> Slice {
        let test = &self.function;
        let (code, failing_line) =
            python::reduce::inlined(&slice.code, slice.failing_line, test, room);
        Slice {
            code,
            failing_line,
            ..slice
        }
    }

    /// What a run of a slice needs to find out what of it can go; `None` where it is short, where trying parts could take long, and
    /// where no run is left for what comes out.
    pub(super) fn reduction(
        &self,
        folder: &Path,
        slice: &Slice,
        files: &Files,
    ) -> Result<Option<Reduction>, GenerateError> {
        let is_short = files.test.lines().count() <= SHORT;
        if is_short
            || self.reducing >= REDUCING
            || self.expected.hung
            || self.expected.crashed
            || self.runs + 2 > MOST_RUNS
        {
            return Ok(None);
        }
        let (plain, above) = unexplained(slice);
        Ok(Reduction::prepare(&reduce::Request {
            folder,
            test_name: &files.test_name,
            text: &format!("{plain}{}", slice.code),
            failing: slice.failing_line.map(|row| row + above),
            function: &self.function,
            expected: &self.expected,
            most: REDUCING.saturating_sub(self.reducing),
        })?)
    }
}

/// What stands before a slice for pytest not to explain its assertions, and how many rows that are; nothing else of the docstring
/// matters to how it fails.
fn unexplained(slice: &Slice) -> (&'static str, u32) {
    match slice.no_rewrite {
        true => ("\"\"\"PYTEST_DONT_REWRITE\"\"\"\n", 1),
        false => ("", 0),
    }
}
