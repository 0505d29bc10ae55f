//! A section of which the log has only the end: no header names its test.

use super::pair::shows;
use crate::Frame;
use crate::pytest::crash;
use crate::pytest::evidence::{Mention, Told};

/// Finds the entry of such a section. Sections and entries come in the same order: its own is the one before that of the
/// section that follows, or the last of all.
pub(super) fn pair(
    told: &[Told],
    mentions: &[Mention],
    free: &mut [bool],
    found: &mut [Option<usize>],
) {
    let Some(section) = told.first().filter(|it| it.is_cut) else {
        return;
    };
    let Some(exception) = &section.parsed.exception else {
        return;
    };
    let same = |at: &usize| mentions[*at].is_error == section.is_error;
    let next = (1..told.len())
        .find(|&idx| told[idx].is_error == section.is_error)
        .map(|idx| found[idx]);
    let end = match next {
        Some(Some(at)) => at,
        // The entries of those that follow are not known, so neither is the one before.
        Some(None) => return,
        None => mentions.len(),
    };
    let before = (0..end).rev().find(same);
    if let Some(at) =
        before.filter(|&at| free[at] && shows(exception, &mentions[at]) != Some(false))
    {
        free[at] = false;
        found[0] = Some(at);
    }
}

/// The name of the test's function, where it is among the frames that the log has.
pub(super) fn function(frames: &[Frame]) -> String {
    crash::test_frame(frames).map_or_else(String::new, |frame| frame.function.clone())
}
