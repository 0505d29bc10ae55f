use text::Span;

use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// Runs of the reproduction differ.
    ///
    /// ## Why
    /// A failure that comes and goes needs another kind of repro: what varies has to be found first.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/reproduction.log (missing)
    /// ```
    NotDeterministic = "VER007", "not-deterministic", Warning
}

impl Rule for NotDeterministic {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(run) = &subject.folder.reproduction else {
            return;
        };
        // Several runs in one log (`for i in 1 2 3; do ./run_test.sh; done | tee ...`): some failed, some did not.
        let has = |word: &str| {
            run.log
                .sessions
                .iter()
                .filter(|it| {
                    it.totals
                        .iter()
                        .any(|(other, count)| other == word && *count > 0)
                })
                .count()
        };
        let (failed, all) = (
            has("failed"),
            run.log
                .sessions
                .iter()
                .filter(|it| it.summary.is_some())
                .count(),
        );
        if failed > 0 && failed < all {
            let message =
                format!("{failed} of {all} runs failed: the failure is not deterministic");
            findings.push(&run.path, Span::at(0), message, None);
        }
    }
}
