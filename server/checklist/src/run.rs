//! The folder's last run, compared with CI's failure.

use repro::{Comparison, FolderLog, Verdict, compare_signatures, signature};

use crate::view::View;

/// The reproduction's log and its failure that is closest to CI's; `None` where there is no run, no failure in it, or nothing to compare with.
pub(crate) fn compared<'a>(
    subject: &View<'a>,
) -> Option<(&'a FolderLog, &'a log::Failure, Comparison)> {
    let run = subject.folder.reproduction.as_ref()?;
    let expected = signature(&subject.evidence?.failure);
    let failures = run.log.failures.iter();
    let compared = failures.map(|failure| {
        (
            run,
            failure,
            compare_signatures(&expected, &signature(failure)),
        )
    });
    compared.min_by_key(|(_, _, comparison)| {
        (
            comparison.verdict != Verdict::Same,
            comparison.verdict == Verdict::Different,
            comparison.reasons.len(),
        )
    })
}
