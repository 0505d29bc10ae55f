use text::Span;

use crate::finding::{Action, Fix};
use crate::rule::{Findings, Rule};
use crate::view::View;
use crate::view::first_line;

rule! {
    /// The folder has no `tests/test_*_repro.py`.
    ///
    /// ## Why
    /// The script, the README and everybody else look for the test under that name.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a.py
    /// def test_a():
    /// ^^^^^^^^^^^^^ TST001: no tests/test_*_repro.py; name the test so, or generate it
    ///     assert 1 == 2
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a():
    ///     assert 1 == 2
    /// //- tests/test_a.py
    /// def helper(): ...
    /// ```
    ///
    /// That pytest refuses a second file of one module's name no test can show:
    /// ```repro
    /// //- logs/ci.log
    /// ==================================== ERRORS ====================================
    /// ______________________ ERROR collecting tests/test_a.py ______________________
    /// import file mismatch:
    /// imported module 'test_a' has this __file__ attribute:
    ///   /repo/old/test_a.py
    /// which is not the same as the test file we want to collect:
    ///   /repo/tests/test_a.py
    /// HINT: remove __pycache__ / .pyc files and/or use a unique basename for your test file modules
    /// =========================== short test summary info ============================
    /// ERROR tests/test_a.py
    /// =============================== 1 error in 0.12s ===============================
    /// ```
    NoReproTest = "TST001", "no-repro-test", Error
}

impl Rule for NoReproTest {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let tests = &subject.folder.tests;
        let is_repro = |path: &str| path.starts_with("tests/test_") && path.ends_with("_repro.py");
        if tests.iter().any(|it| is_repro(&it.path)) || subject.is_of_files() {
            return;
        }
        let fix = Fix::action("Generate the test", false, Action::Generate);
        let message = "no tests/test_*_repro.py; name the test so, or generate it";
        match subject.tests().next() {
            Some((file, _)) => findings.push(
                &file.path,
                first_line(&file.text, Span::new(0, file.text.len())),
                message,
                Some(fix),
            ),
            None => findings.push("tests/test_repro.py", Span::at(0), message, Some(fix)),
        }
    }
}
