use text::{Span, Value};

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{ScriptView, View, first_line, is_machine_path, is_secret};

rule! {
    /// A value names a path of one machine.
    ///
    /// ## Why
    /// On any other machine it does not exist. `${NAME:-value}` keeps it as the default and lets everyone name their own.
    ///
    /// ## Example
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// export TT_METAL_HOME=/home/alice/tt-metal
    ///                      ^^^^^^^^^^^^^^^^^^^^ ENV005: TT_METAL_HOME is `/home/alice/tt-metal`, a path of one machine; make it overridable
    /// pytest tests/test_a_repro.py "$@"
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// export TT_METAL_HOME=${TT_METAL_HOME:-/home/alice/tt-metal}
    /// pytest tests/test_a_repro.py "$@"
    /// ```
    MachinePath = "ENV005", "machine-path", Warning
}

impl Rule for MachinePath {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        in_tests(subject, findings);
        let Some(view) = subject.script() else {
            return;
        };
        in_commands(view, findings);
        let here = view.pytest().filter(|(it, _)| !it.is_in_container());
        let inline = here.flat_map(|(command, _)| &command.env);
        for export in view.script.exports().into_iter().chain(inline) {
            let (Value::Known(value), true) = (&export.value, export.path.is_empty()) else {
                continue;
            };
            let written = export.value_span.of(&view.file.text);
            // What is put together from other variables is theirs to override; what a list hands in stands elsewhere.
            if export.overridable
                || written.is_empty()
                || written.contains('$')
                || !is_machine_path(value)
                || export.name == "PATH"
            {
                continue;
            }
            let secret = subject
                .variables()
                .iter()
                .any(|it| it.name == export.name && is_secret(it));
            if secret {
                continue;
            }
            let name = &export.name;
            let plain = shell::ShellWord::new(value).as_str() == value;
            let fix = plain.then(|| {
                let text = format!("\"${{{name}:-{value}}}\"");
                Fix::edit(
                    format!("Let {name} be overridden"),
                    true,
                    &view.file.path,
                    export.value_span,
                    text,
                )
            });
            let message =
                format!("{name} is `{value}`, a path of one machine; make it overridable");
            findings.push(&view.file.path, export.value_span, message, fix);
        }
    }
}

/// Folders and files that `cd`, `source` and pytest are given, wherever the script runs.
fn in_commands(view: &ScriptView<'_>, findings: &mut Findings<'_>) {
    let text = &*view.file.text;
    let commands = view.script.evaluation.commands.iter();
    for command in commands.filter(|it| it.path.is_empty() && !it.conditional) {
        let rest = text.get(command.span.end..).unwrap_or_default();
        let is_provided_for = rest.lines().next().is_some_and(|it| it.contains("||"));
        if is_provided_for || command.is_in_container() {
            continue;
        }
        let program = command.argv.first().map_or("", shell::Word::text);
        let paths: Vec<&str> = if matches!(program, "cd" | "pushd" | "source" | ".") {
            command
                .argv
                .iter()
                .skip(1)
                .take(1)
                .map(shell::Word::text)
                .collect()
        } else {
            let own = view.pytest().find(|(it, _)| it.span == command.span);
            own.map_or_else(Vec::new, |(_, pytest)| {
                pytest.paths.iter().map(String::as_str).collect()
            })
        };
        for path in paths.into_iter().filter(|it| is_machine_path(it)) {
            // Only what is written so: a value of a variable has its own finding.
            let Some(at) = command.span.of(text).find(path) else {
                continue;
            };
            let start = command.span.start + at;
            findings.push(
                &view.file.path,
                Span::new(start, start + path.len()),
                format!("`{path}` is a path of one machine; begin at the script's own folder, or at a variable"),
                None,
            );
        }
    }
}

/// Files in somebody's home folder that a test reads.
fn in_tests(subject: &View<'_>, findings: &mut Findings<'_>) {
    for (file, review) in subject.python() {
        for string in &review.strings {
            let path = string
                .of(&file.text)
                .trim_start_matches(char::is_alphabetic);
            let path = path.trim_matches(['"', '\'']);
            let homes = ["/home/", "/Users/", "C:\\Users\\", "C:/Users/"];
            if homes.iter().any(|home| path.starts_with(home)) {
                let message =
                    format!("`{path}` is a path of one machine; keep the file with the test");
                findings.push(&file.path, first_line(&file.text, *string), message, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_fix};
    use expect_test::expect;

    #[test]
    fn default_value() {
        check_fix(
            "ENV005",
            "//- run_test.sh\n#!/bin/bash\nexport A=\"/repo/x\"\ntimeout 9 pytest a_repro.py \"$@\"\n",
            expect![[r#"
                #!/bin/bash
                export A="${A:-/repo/x}"
                timeout 9 pytest a_repro.py "$@"
            "#]],
        );
    }

    #[test]
    fn system_folders_and_own_folder() {
        check(
            "ENV005",
            "//- run_test.sh\n#!/bin/bash\nD=\"$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\"\nexport A=/usr/lib B=\"$D/x\" C=/tmp/y E=${E:-/repo} F=a/b\npytest x\n",
        );
    }

    #[test]
    fn a_container_has_paths_of_its_own() {
        check(
            "ENV005",
            "//- run_test.sh\n#!/bin/bash\ndocker run -e TOP=/repo image pytest /repo/tests/a_repro.py\n",
        );
    }

    #[test]
    fn what_may_fail_is_fine() {
        check(
            "ENV005",
            "//- run_test.sh\n#!/bin/bash\nsource /opt/venv/bin/activate 2>/dev/null || true\npytest a_repro.py\n",
        );
    }
}
