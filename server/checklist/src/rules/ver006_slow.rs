use text::Span;

use crate::finding::{Action, Fix};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The reproduction takes long.
    ///
    /// ## Why
    /// A bug is found by running its repro again and again; each run should take seconds.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/reproduction.log
    /// ============================= test session starts ==============================
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ VER006: the last run took 75 s, more than 10 s; make the test smaller
    /// collected 1 item
    /// tests/test_a_repro.py .                                                  [100%]
    /// ======================== 1 passed in 75.20s (0:01:15) =========================
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- logs/reproduction.log
    /// ============================= test session starts ==============================
    /// collected 1 item
    /// tests/test_a_repro.py F                                                  [100%]
    /// =================================== FAILURES ===================================
    /// _________________________________ test_a_repro _________________________________
    ///     def test_a_repro():
    /// >       assert 1 == 2
    /// E       assert 1 == 2
    /// tests/test_a_repro.py:9: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a_repro.py::test_a_repro - assert 1 == 2
    /// ============================== 1 failed in 9.90s ===============================
    /// ```
    Slow = "VER006", "slow", Information
}

impl Rule for Slow {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(run) = &subject.folder.reproduction else {
            return;
        };
        let summaries = run.log.sessions.iter().filter_map(|it| it.summary.as_ref());
        let seconds = summaries.filter_map(|it| {
            let words = it.text.rsplit_once(" in ")?.1;
            words.split('s').next()?.trim().parse::<f64>().ok()
        });
        let longest = seconds.fold(0.0, f64::max);
        if longest > f64::from(subject.max_seconds) {
            let fix = Fix::action("Shrink the test", false, Action::Minimize);
            let message = format!(
                "the last run took {longest:.0} s, more than {} s; make the test smaller",
                subject.max_seconds
            );
            findings.push(&run.path, Span::at(0), message, Some(fix));
        }
    }
}
