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
    ImportsTests = "TST012", "imports-tests", Warning
}

impl Rule for ImportsTests {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let original = subject
            .evidence
            .and_then(|it| it.failure.path.as_deref())
            .and_then(|it| it.rsplit('/').next()?.strip_suffix(".py"));
        for (file, review) in subject.tests() {
            let mut seen = Vec::new();
            for (module, statement) in &review.imports {
                let last = module.rsplit('.').next().unwrap_or_default();
                let of_tests = module.split('.').any(|it| it == "tests" || it == "test")
                    && last.starts_with("test_");
                if (of_tests || original == Some(last) || last == "conftest")
                    && !seen.contains(statement)
                {
                    seen.push(*statement);
                    let message = format!(
                        "`{module}` is a test file; bring what is needed of it into the repro"
                    );
                    findings.push(
                        &file.path,
                        first_line(&file.text, *statement),
                        message,
                        None,
                    );
                }
            }
        }
    }
}
