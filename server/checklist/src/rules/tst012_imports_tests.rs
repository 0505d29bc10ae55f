use crate::finding::{Action, Fix, Severity};
use crate::rule::{Findings, Rule};
use crate::view::View;
use crate::view::first_line;

rule! {
    /// The test imports the original tests' own files.
    ///
    /// ## Why
    /// The repro then needs those files where they are, and all that they import.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// from tests.ops.test_gather import run_gather
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ TST012: `tests.ops.test_gather` is a test file; bring what is needed of it into the repro
    /// def test_a_repro(): run_gather()
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// from gather import run_gather
    /// def test_a_repro(): run_gather()
    /// ```
    ImportsTests = "TST012", "imports-tests", Warning
}

impl Rule for ImportsTests {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let original = subject
            .evidence
            .and_then(|it| it.failure.path.as_deref())
            .and_then(|it| it.rsplit('/').next()?.strip_suffix(".py"));
        let folder = subject
            .evidence
            .and_then(|it| it.failure.path.as_deref()?.split_once('/'))
            .map(|(folder, _)| folder)
            .filter(|it| matches!(*it, "test" | "tests"));
        for (file, review) in subject.tests() {
            let mut seen = Vec::new();
            for (module, statement) in &review.imports {
                let last = module.rsplit('.').next().unwrap_or_default();
                let first = module.trim_start_matches('.').split('.').next();
                let of_tests = module.split('.').any(|it| it == "tests" || it == "test");
                let is_test = of_tests && last.starts_with("test_")
                    || original == Some(last)
                    || last == "conftest";
                // A helper of the tests is one of their files too, though no test.
                let is_helper = folder.is_some() && first == folder;
                if !is_test && !is_helper || seen.contains(statement) {
                    continue;
                }
                seen.push(*statement);
                let (severity, what) = if is_test {
                    (Severity::Warning, "a test file")
                } else {
                    (
                        Severity::Information,
                        "one of the original tests' own files",
                    )
                };
                let fix = Fix::action("Generate the test anew", false, Action::Generate);
                findings.push_as(
                    severity,
                    &file.path,
                    first_line(&file.text, *statement),
                    format!("`{module}` is {what}; bring what is needed of it into the repro"),
                    Some(fix),
                );
            }
        }
    }
}
