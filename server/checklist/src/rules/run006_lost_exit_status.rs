use repro::FolderFile;
use shell::script::ExitStatus;
use text::Span;

use crate::finding::{Edit, Fix};
use crate::rule::{Findings, Rule};
use crate::view::{ScriptView, View, first_line, indentation, line_start, next_line};

rule! {
    /// `run_test.sh` loses pytest's exit status.
    ///
    /// ## Why
    /// Whoever runs the script (a person's `&&`, a bisect, CI) takes a failure for a success. Under `set -e` the script ends at
    /// pytest's failure, and what is to follow (`TEST_RESULT=$?`) never runs.
    ///
    /// ## Example
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// pytest tests/test_a_repro.py "$@" | tee out.txt
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RUN006: the script ends with 0 when pytest fails; end it with pytest's status
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// set -o pipefail
    /// pytest tests/test_a_repro.py "$@" | tee out.txt
    /// ```
    LostExitStatus = "RUN006", "lost-exit-status", Error
}

impl Rule for LostExitStatus {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(view) = subject.script() else {
            return;
        };
        let (Some(problem), Some((command, _))) =
            (problem(view, &view.file.text), view.own_pytest())
        else {
            return;
        };
        let fix = candidates(&view.file.text, command.span)
            .into_iter()
            .find_map(|edits| {
                let edits: Vec<Edit> = edits
                    .into_iter()
                    .map(|(span, text)| Edit {
                        path: view.file.path.clone(),
                        span,
                        text,
                    })
                    .collect();
                let fix = Fix {
                    title: "End with pytest's status".to_owned(),
                    safe: true,
                    edits,
                    action: None,
                };
                works(subject, view.file, &fix).then_some(fix)
            });
        findings.push(
            &view.file.path,
            first_line(&view.file.text, command.span),
            problem,
            fix,
        );
    }
}

fn problem(view: &ScriptView<'_>, text: &str) -> Option<String> {
    let after = view.after.as_ref()?;
    let (command, _) = view.own_pytest()?;
    let rest = text.get(command.span.end..).unwrap_or_default();
    match after.status {
        ExitStatus::Lost => Some("the script ends with 0 when pytest fails; end it with pytest's status".to_owned()),
        ExitStatus::Replaced(code) => Some(format!(
            "the script ends with {code} whichever way pytest fails; end it with pytest's status"
        )),
        ExitStatus::EndsThere if rest.lines().any(|line| !line.trim_start().starts_with('#') && line.contains("$?")) => Some(
            "`set -e` ends the script when pytest fails, so the `$?` after it is never read; switch it off before pytest".to_owned(),
        ),
        _ => None,
    }
}

/// Ways to keep the status, the smallest first; the first that works is the fix.
fn candidates(text: &str, command: Span) -> Vec<Vec<(Span, String)>> {
    let start = line_start(text, command.start);
    let indent = indentation(text, start);
    let after = next_line(text, command.end);
    let open = if text.ends_with('\n') { "" } else { "\n" };
    let before = |words: &str| (Span::at(start), format!("{indent}{words}\n"));
    let taken = (
        Span::at(after),
        format!(
            "{}{indent}status=$?\n",
            if after == text.len() { open } else { "" }
        ),
    );
    let exit = (
        Span::at(text.len()),
        format!(
            "{}exit \"$status\"\n",
            if after == text.len() { "" } else { open }
        ),
    );
    // An `exit $?` after something else ends with the status of that.
    let late = text[after..].find("exit $?").map(|at| {
        let exit = Span::new(after + at, after + at + "exit $?".len());
        vec![taken.clone(), (exit, "exit \"$status\"".to_owned())]
    });
    let own = vec![
        vec![before("set +e")],
        vec![before("set -o pipefail")],
        vec![before("set +e -o pipefail")],
        vec![taken.clone(), exit.clone()],
        vec![before("set +e"), taken.clone(), exit.clone()],
        vec![before("set +e -o pipefail"), taken, exit],
    ];
    own.into_iter().chain(late).collect()
}

fn works(subject: &View<'_>, file: &FolderFile, fix: &Fix) -> bool {
    let (text, _) = crate::apply(&file.path, &file.text, &[fix]);
    let fixed = ScriptView::of(**subject, file, &text);
    problem(&fixed, &text).is_none()
        && fixed
            .after
            .is_some_and(|after| matches!(after.status, ExitStatus::Kept | ExitStatus::EndsThere))
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_fix};
    use expect_test::expect;

    #[test]
    fn dead_tail_of_the_specs_template() {
        check_fix(
            "RUN006",
            "//- run_test.sh\n#!/bin/bash\nset -e\ntimeout 9 pytest a_repro.py \"$@\"\n\nTEST_RESULT=$?\nexit $TEST_RESULT\n",
            expect![[r#"
                #!/bin/bash
                set -e
                set +e
                timeout 9 pytest a_repro.py "$@"

                TEST_RESULT=$?
                exit $TEST_RESULT
            "#]],
        );
    }

    #[test]
    fn an_echo_after_pytest() {
        check_fix(
            "RUN006",
            "//- run_test.sh\n#!/bin/bash\ntimeout 9 pytest a_repro.py \"$@\"\necho done\n",
            expect![[r#"
                #!/bin/bash
                timeout 9 pytest a_repro.py "$@"
                status=$?
                echo done
                exit "$status"
            "#]],
        );
    }

    #[test]
    fn an_exit_with_the_status_of_an_echo() {
        check_fix(
            "RUN006",
            "//- run_test.sh\n#!/bin/bash\ntimeout 9 pytest a_repro.py \"$@\"\necho \"done with $?\"\nexit $?\n",
            expect![[r#"
                #!/bin/bash
                timeout 9 pytest a_repro.py "$@"
                status=$?
                echo "done with $?"
                exit "$status"
            "#]],
        );
    }

    #[test]
    fn kept_ones_are_fine() {
        for tail in [
            "",
            "\nexit $?",
            " | tee x; exit ${PIPESTATUS[0]}",
            " || status=$?\nexit $status",
        ] {
            check(
                "RUN006",
                &format!("//- run_test.sh\n#!/bin/bash\npytest a_repro.py{tail}\n"),
            );
        }
    }
}
