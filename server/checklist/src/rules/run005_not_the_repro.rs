use text::Span;

use crate::rule::{Findings, Rule};
use crate::view::{View, first_line};

rule! {
    /// `run_test.sh` does not run the repro test.
    ///
    /// ## Why
    /// Running the original test, or nothing, shows nothing of the repro.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro(): ...
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// pytest tests/ops/test_a.py "$@"
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RUN005: pytest runs `tests/ops/test_a.py`, not the test of this folder; run `tests/test_a_repro.py`
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// cd tests && pytest "$@"
    /// ```
    NotTheRepro = "RUN005", "not-the-repro", Error
}

impl Rule for NotTheRepro {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(view) = subject.script() else {
            return;
        };
        let tests = &subject.folder.tests;
        let Some(first) = tests
            .iter()
            .find(|it| it.path.ends_with("_repro.py"))
            .or(tests.first())
        else {
            return;
        };
        let commands: Vec<_> = view.pytest().collect();
        if commands.is_empty() {
            let unknown = view.script.evaluation.commands.iter().any(|command| {
                command.argv.first().is_some_and(|word| {
                    matches!(word, shell::Word::Unresolved(_)) || word.text().contains('/')
                })
            });
            if !unknown && !view.file.text.contains("pytest") {
                let message = format!("the script runs no pytest; run `{}`", first.path);
                findings.push(&view.file.path, Span::at(0), message, None);
            }
            return;
        }
        let runs = |path: &str| {
            let file = path.split("::").next().unwrap_or_default();
            let name = file
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default();
            file.contains(['$', '*', '?'])
                || matches!(name, "tests" | "." | "")
                || tests
                    .iter()
                    .any(|test| test.path.ends_with(&format!("/{name}")))
                || subject.folder.path.ends_with(name)
        };
        let any = commands.iter().any(|(_, pytest)| {
            pytest.paths.is_empty() || pytest.paths.iter().any(|path| runs(path))
        });
        if let (false, Some((command, pytest))) = (any, commands.first()) {
            if !command.path.is_empty() {
                return;
            }
            let message = format!(
                "pytest runs `{}`, not the test of this folder; run `{}`",
                pytest.paths.join(" "),
                first.path
            );
            findings.push(
                &view.file.path,
                first_line(&view.file.text, command.span),
                message,
                None,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_folder_or_a_variable_may_hold_it() {
        check(
            "RUN005",
            "//- tests/test_a_repro.py\ndef test_a(): ...\n//- run_test.sh\n#!/bin/bash\npytest \"$TEST_FILE\"\n",
        );
        check(
            "RUN005",
            "//- tests/test_a_repro.py\ndef test_a(): ...\n//- run_test.sh\n#!/bin/bash\ncd tests && pytest -x\n",
        );
    }
}
