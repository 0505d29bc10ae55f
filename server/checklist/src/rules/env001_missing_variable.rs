use shell::ShellWord;
use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{ScriptView, View, inserted, is_machine_path, is_secret};

rule! {
    /// A variable of the CI job is missing in `run_test.sh`.
    ///
    /// ## Why
    /// The test can read it, and so can all that the test imports: without it the run is another one.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// ##[group]Run pytest tests/test_a.py
    /// pytest tests/test_a.py
    /// shell: /usr/bin/bash -e {0}
    /// env:
    ///   ARCH_NAME: wormhole_b0
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
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ENV001: ARCH_NAME is not set, in CI it was `wormhole_b0`; export it
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// ARCH_NAME=wormhole_b0 pytest tests/test_a_repro.py "$@"
    /// ```
    MissingVariable = "ENV001", "missing-variable", Error
}

impl Rule for MissingVariable {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(view) = subject.script() else {
            return;
        };
        if view.may_set_more() {
            return;
        }
        for variable in subject.variables() {
            let name = &variable.name;
            let Some(value) = variable.value.known().filter(|_| !is_secret(variable)) else {
                continue;
            };
            if view.value(name).is_some() || subject.handled_in_python(name) {
                continue;
            }
            // What a generated script leaves out, it leaves out for a reason.
            let Some((line, origin)) = subject.wanted(name) else {
                continue;
            };
            let (at, indent, quotes) = view.export_place(name);
            let line = in_style(&view.file.text, name, value, line, quotes);
            let fix = Fix::edit(
                format!("Export {name}"),
                true,
                &view.file.path,
                Span::at(at),
                inserted(&view.file.text, at, &format!("{indent}{line}  # {origin}")),
            );
            // Where pytest gets an environment of its own (`env -i`, `docker run`), an export does not reach it.
            let (text, _) = crate::apply(&view.file.path, &view.file.text, &[&fix]);
            let fixed = ScriptView::of(**subject, view.file, &text);
            let fix = Some(fix).filter(|_| fixed.value(name).is_some());
            let advice = match fix {
                Some(_) => "export it",
                None => "pass it to pytest, which gets an environment of its own",
            };
            let message = format!("{name} is not set, in CI it was `{value}`; {advice}");
            findings.push(&view.file.path, view.pytest_span(), message, fix);
        }
    }
}

/// The generated line as the script at hand would have it: it may quote plain values, and need not know the generated
/// script's own variables.
fn in_style(script: &str, name: &str, value: &str, line: &str, quotes: bool) -> String {
    if line.contains("$WORKSPACE_DIR") && !script.contains("WORKSPACE_DIR=") {
        return format!("export {name}={}", word(name, value, quotes));
    }
    match line.strip_prefix(&format!("export {name}=")) {
        Some(plain) if quotes && plain == value => format!("export {name}=\"{value}\""),
        _ => line.to_owned(),
    }
}

/// A value for a script: a path of CI's machine gives way to the caller's.
pub(crate) fn word(name: &str, value: &str, quotes: bool) -> String {
    let quoted = ShellWord::new(value);
    if quoted.as_str() != value {
        return quoted.as_str().to_owned();
    }
    if is_machine_path(value) {
        return format!("\"${{{name}:-{value}}}\"");
    }
    if quotes {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_fix};
    use expect_test::expect;

    fn log(env: &str) -> String {
        format!(
            "//- logs/ci.log\n##[group]Run pytest tests/test_a.py\npytest tests/test_a.py\nshell: /usr/bin/bash -e {{0}}\nenv:\n{env}\n##[endgroup]\n=================================== FAILURES ===================================\n____________________________________ test_a ____________________________________\n    def test_a():\n>       assert 1 == 2\nE       assert 1 == 2\ntests/test_a.py:2: AssertionError\n=========================== short test summary info ============================\nFAILED tests/test_a.py::test_a - assert 1 == 2\n"
        )
    }

    #[test]
    fn place_and_style_of_the_script() {
        check_fix(
            "ENV001",
            &format!(
                "{}//- run_test.sh\n#!/bin/bash\nexport MODE=\"fast\"\necho go\ntimeout 9 pytest a_repro.py \"$@\"\n",
                log("  MODE: fast\n  ODD: a $(id) 'b'\n  ARCH: wh\n  TOP: /repo/x")
            ),
            expect![[r##"
                #!/bin/bash
                export MODE="fast"
                export ARCH="wh"  # logs/ci.log:7 (log-env-block)
                export ODD="a \$(id) 'b'"  # logs/ci.log:6 (log-env-block)
                export TOP="${TOP:-/repo/x}"  # logs/ci.log:8 (log-env-block)
                echo go
                timeout 9 pytest a_repro.py "$@"
            "##]],
        );
    }

    #[test]
    fn set_in_a_sourced_file_in_python_or_before_the_command() {
        let log = log("  ARCH: wh");
        for rest in [
            "//- env.sh\nexport ARCH=wh\n//- run_test.sh\n#!/bin/bash\nsource ./env.sh\npytest a_repro.py\n",
            "//- tests/test_a_repro.py\nimport os\nos.environ[\"ARCH\"] = \"wh\"\n//- run_test.sh\n#!/bin/bash\npytest tests\n",
            "//- run_test.sh\n#!/bin/bash\nARCH=wh pytest a_repro.py\n",
        ] {
            check("ENV001", &format!("{log}{rest}"));
        }
    }

    #[test]
    fn what_is_exported_is_not_known() {
        let log = log("  ARCH: wh");
        for script in [
            "export $(grep -v '^#' .env | xargs)\npytest a_repro.py",
            "env $(cat .env | xargs) pytest a_repro.py",
            "while IFS== read -r k v; do export \"$k=$v\"; done < .env\npytest a_repro.py",
            "declare -A E=([ARCH]=wh)\nfor k in \"${!E[@]}\"; do export \"$k=${E[$k]}\"; done\npytest a_repro.py",
            "source \"$TOP/scripts/env.sh\"\npytest a_repro.py",
            "docker exec box pytest a_repro.py",
        ] {
            check(
                "ENV001",
                &format!("{log}//- run_test.sh\n#!/bin/bash\n{script}\n"),
            );
        }
    }

    #[test]
    fn an_environment_that_is_switched_on_sets_none_of_them() {
        let log = log("  ARCH: wh");
        let script = "//- run_test.sh\n#!/bin/bash\nsource /opt/venv/bin/activate\neval \"$(conda shell.bash hook)\"\nunset -f ARCH\npytest a_repro.py\n^^^^^^^^^^^^^^^^^ ENV001: ARCH is not set, in CI it was `wh`; export it\n";
        check("ENV001", &format!("{log}{script}"));
    }

    #[test]
    fn a_container_gets_what_it_is_given() {
        let log = log("  ARCH: wh\n  MODE: slow");
        for given in [
            "-e ARCH=wh --env MODE=slow",
            "--env=ARCH=wh -e \"MODE=slow\"",
            "--env-file ci.env",
        ] {
            let script = format!(
                "//- ci.env\nARCH=wh\nMODE=slow\n//- run_test.sh\n#!/bin/bash\ndocker run --rm {given} image pytest a_repro.py\n"
            );
            check("ENV001", &format!("{log}{script}"));
        }
        let script = "//- run_test.sh\n#!/bin/bash\nexport ARCH=wh MODE=slow\ndocker run -e ARCH image pytest a_repro.py\n^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ENV001: MODE is not set, in CI it was `slow`; pass it to pytest, which gets an environment of its own\n";
        check("ENV001", &format!("{log}{script}"));
    }
}
