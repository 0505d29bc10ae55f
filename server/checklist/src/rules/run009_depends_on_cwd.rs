use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{ELSEWHERE, View, indentation, inserted, line_start};

rule! {
    /// `run_test.sh` depends on the directory that it is started from.
    ///
    /// ## Why
    /// From anywhere else pytest does not find the test, or finds another `conftest.py`.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro(): ...
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// pytest tests/test_a_repro.py "$@"
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RUN009: pytest runs wherever the script was started from; change to the script's own folder first
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// cd "$(dirname "$0")" || exit 2
    /// pytest tests/test_a_repro.py "$@"
    /// ```
    DependsOnCwd = "RUN009", "depends-on-cwd", Warning
}

impl Rule for DependsOnCwd {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(view) = subject.script() else {
            return;
        };
        let Some((command, pytest)) = view.own_pytest() else {
            return;
        };
        let Some(below) = command
            .cwd
            .as_deref()
            .and_then(|cwd| cwd.strip_prefix(ELSEWHERE))
        else {
            return;
        };
        // What starts with a variable leads where that says.
        let relative = |path: &&String| !path.trim_start_matches('"').starts_with(['/', '$']);
        let Some(path) = pytest
            .paths
            .iter()
            .find(relative)
            .map(String::as_str)
            .or(pytest.paths.is_empty().then_some(""))
        else {
            return;
        };
        let path = path.split("::").next().unwrap_or_default();
        let file = format!("{below}/{path}")
            .replace("//", "/")
            .trim_start_matches("./")
            .trim_matches('/')
            .to_owned();
        let has = |path: &str| {
            subject
                .folder
                .tests
                .iter()
                .any(|test| test.path == path || test.path.starts_with(&format!("{path}/")))
        };
        let folder = if has(&file) || path.is_empty() {
            Some("")
        } else {
            has(&format!("tests/{file}")).then_some("/tests")
        };
        let text = &*view.file.text;
        let commands = view.script.evaluation.commands.iter();
        let moves = commands
            .filter(|it| {
                it.path.is_empty() && it.span.start < command.span.start && !it.conditional
            })
            .find(|it| {
                it.argv.first().is_some_and(|word| word.text() == "cd")
                    && it.span.of(text).starts_with("cd")
            });
        let start = line_start(text, moves.map_or(command.span.start, |it| it.span.start));
        let fix = folder.map(|folder| {
            let indent = indentation(text, start);
            let known = text[..start].contains("SCRIPT_DIR=\"$(cd");
            let define = if known {
                String::new()
            } else {
                format!(
                    "{indent}SCRIPT_DIR=\"$(cd \"$(dirname \"${{BASH_SOURCE[0]}}\")\" && pwd)\"\n"
                )
            };
            let lines = format!("{define}{indent}cd \"$SCRIPT_DIR{folder}\" || exit 2");
            Fix::edit(
                "Change to the script's folder",
                true,
                &view.file.path,
                Span::at(start),
                inserted(text, start, &lines),
            )
        });
        let message = "pytest runs wherever the script was started from; change to the script's own folder first";
        findings.push(&view.file.path, view.pytest_span(), message, fix);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_fix};
    use expect_test::expect;

    const TEST: &str = "//- tests/test_a_repro.py\ndef test_a(): ...\n";

    #[test]
    fn a_relative_cd_starts_from_the_scripts_folder() {
        check_fix(
            "RUN009",
            &format!(
                "{TEST}//- run_test.sh\n#!/bin/bash\ncd tests\ntimeout 9 pytest test_a_repro.py \"$@\"\n"
            ),
            expect![[r#"
                #!/bin/bash
                SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
                cd "$SCRIPT_DIR" || exit 2
                cd tests
                timeout 9 pytest test_a_repro.py "$@"
            "#]],
        );
    }

    #[test]
    fn own_folder_by_any_name() {
        for cd in [
            "cd \"$(dirname \"$0\")\"",
            "HERE=$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\ncd \"$HERE\"",
            "cd \"$(git rev-parse --show-toplevel)\"",
        ] {
            check(
                "RUN009",
                &format!(
                    "{TEST}//- run_test.sh\n#!/bin/bash\n{cd}\npytest tests/test_a_repro.py\n"
                ),
            );
        }
    }
}
