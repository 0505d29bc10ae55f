use shell::ShellWord;
use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// pytest's flags of CI that matter are missing in `run_test.sh`.
    ///
    /// ## Why
    /// `-W error`, `-p no:...`, `--import-mode` or an option of the project's own decide how a test ends.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// ##[group]Run pytest -W error tests/test_a.py
    /// pytest -W error tests/test_a.py
    /// shell: /usr/bin/bash -e {0}
    /// ##[endgroup]
    /// =================================== FAILURES ===================================
    /// ____________________________________ test_a ____________________________________
    ///     def test_a():
    /// >       assert 1 == 2
    /// E       assert 1 == 2
    /// tests/test_a.py:2: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a - assert 1 == 2
    /// ============================== 1 failed in 0.01s ===============================
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// pytest tests/test_a_repro.py "$@"
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RUN007: CI ran pytest with `-W error`, the script does not; add it
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// pytest -Werror tests/test_a_repro.py "$@"
    /// ```
    MissingFlags = "RUN007", "missing-flags", Warning
}

/// Flags that mean how many tests run at a time, how long, or which: one test alone needs none of them.
const NOT_OF_THE_TEST: [&str; 12] = [
    "-n",
    "--numprocesses",
    "--dist",
    "--maxprocesses",
    "--timeout",
    "--timeout-method",
    "-m",
    "--reruns",
    "--reruns-delay",
    "--durations",
    "--forked",
    "--tx",
];

impl Rule for MissingFlags {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let (Some(view), Some(ci)) = (subject.script(), subject.command()) else {
            return;
        };
        let Some((command, own)) = view.own_pytest() else {
            return;
        };
        let addopts = view
            .value("PYTEST_ADDOPTS")
            .map_or("", |value| value.text());
        // A repro test may need another import mode than the original's place did.
        let is_import_mode = |flag: &[String]| joined(flag).starts_with("--import-mode");
        let has = |flag: &[String]| {
            own.outcome_flags.iter().any(|other| {
                joined(other) == joined(flag) || is_import_mode(other) && is_import_mode(flag)
            })
        };
        let missing: Vec<&Vec<String>> = ci
            .outcome_flags
            .iter()
            .filter(|flag| {
                let name = flag
                    .first()
                    .map_or("", |it| it.split('=').next().unwrap_or_default());
                let name = if name.starts_with("-n") && !name.starts_with("--") {
                    "-n"
                } else {
                    name
                };
                !NOT_OF_THE_TEST.contains(&name)
            })
            .filter(|flag| !flag.iter().any(|word| word.contains(['$', '*'])))
            .filter(|flag| !has(flag) && !addopts.contains(&flag.join(" ")))
            .collect();
        if missing.is_empty()
            || own
                .argv
                .iter()
                .any(|word| word.contains('$') && !word.contains("$@"))
        {
            return;
        }
        let shown: Vec<String> = missing.iter().map(|flag| flag.join(" ")).collect();
        let message = format!(
            "CI ran pytest with `{}`, the script does not; add it",
            shown.join(" ")
        );
        let fix = view.arguments_start(command).map(|at| {
            let words = missing.iter().flat_map(|flag| flag.iter());
            let text: String = words
                .map(|word| format!(" {}", ShellWord::new(word)))
                .collect();
            Fix::edit("Add CI's flags", true, &view.file.path, Span::at(at), text)
        });
        findings.push(&view.file.path, view.pytest_span(), message, fix);
    }
}

/// `-W error`, `-Werror` and `--x=y`, `--x y` are the same.
fn joined(flag: &[String]) -> String {
    flag.concat().replace('=', "")
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_fix};
    use expect_test::expect;

    const LOG: &str = "//- logs/ci.log\n##[group]Run pytest -W error -n 4 -q tests/test_a.py\npytest -W error -n 4 -q tests/test_a.py\nshell: /usr/bin/bash -e {0}\n##[endgroup]\n=================================== FAILURES ===================================\n____________________________________ test_a ____________________________________\n    def test_a():\n>       assert 1 == 2\nE       assert 1 == 2\ntests/test_a.py:2: AssertionError\n=========================== short test summary info ============================\nFAILED tests/test_a.py::test_a - assert 1 == 2\n";

    #[test]
    fn added_after_pytest() {
        check_fix(
            "RUN007",
            &format!(
                "{LOG}//- run_test.sh\n#!/bin/bash\ntimeout 9 python -m pytest a_repro.py \"$@\"\n"
            ),
            expect![[r#"
                #!/bin/bash
                timeout 9 python -m pytest -W error a_repro.py "$@"
            "#]],
        );
    }

    #[test]
    fn joined_form_is_the_same() {
        check(
            "RUN007",
            &format!("{LOG}//- run_test.sh\n#!/bin/bash\npytest -Werror a_repro.py\n"),
        );
    }
}
