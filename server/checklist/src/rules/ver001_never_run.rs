use text::Span;

use crate::finding::{Action, Fix};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The repro was never run: there is no `logs/reproduction.log`.
    ///
    /// ## Why
    /// A repro that nobody has seen fail like CI is a guess.
    ///
    /// ## Example
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// pytest tests/test_a_repro.py "$@"
    /// //- logs/reproduction.log (missing)
    /// VER001: the repro was never run; run `./run_test.sh 2>&1 | tee logs/reproduction.log`
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
    /// ============================== 1 failed in 0.01s ===============================
    /// ```
    NeverRun = "VER001", "never-run", Warning
}

impl Rule for NeverRun {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        if subject.folder.reproduction.is_none() && subject.folder.script.is_some() {
            let fix = Fix::action("Run and compare", false, Action::Verify);
            let message =
                "the repro was never run; run `./run_test.sh 2>&1 | tee logs/reproduction.log`";
            findings.push("logs/reproduction.log", Span::at(0), message, Some(fix));
        }
    }
}
