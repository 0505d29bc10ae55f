use python::review::Environ;
use repro::FolderFile;
use shell::Assignment;
use text::{Value, Variable};

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::rules::env001_missing_variable::word;
use crate::view::{View, is_machine_path, is_secret};

rule! {
    /// `run_test.sh` sets another value than CI did.
    ///
    /// ## Why
    /// The run is then not CI's. So it is where `${NAME:-value}` lets whatever the caller's shell holds win; that is right for a
    /// path of CI's machine only.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// ##[group]Run pytest tests/test_a.py
    /// pytest tests/test_a.py
    /// shell: /usr/bin/bash -e {0}
    /// env:
    ///   ARCH_NAME: wormhole_b0
    ///   MODE: slow
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
    /// export ARCH_NAME=grayskull
    ///                  ^^^^^^^^^ ENV002: ARCH_NAME is `grayskull`, in CI it was `wormhole_b0`; use CI's value
    /// export MODE=${MODE:-slow}
    ///             ^^^^^^^^^^^^^ ENV002: MODE gives way to a value that the caller's shell has, in CI it was `slow`; use CI's value
    /// pytest tests/test_a_repro.py "$@"
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// export ARCH_NAME=wormhole_b0
    /// export MODE="slow"
    /// pytest tests/test_a_repro.py "$@"
    /// ```
    OtherValue = "ENV002", "other-value", Error
}

impl Rule for OtherValue {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for variable in subject.variables().iter().filter(|it| !is_secret(it)) {
            let Some(ci) = variable.value.known() else {
                continue;
            };
            // A path of CI's machine is another one here.
            if repro::is_machine_path(ci) || is_machine_path(ci) {
                continue;
            }
            let in_python = subject.set_in_python(&variable.name);
            if let Some((file, set)) = in_python.filter(|(_, set)| !set.overridable) {
                in_test(variable, ci, file, set, findings);
                continue;
            }
            let own = subject
                .script()
                .and_then(|it| it.assignment(&variable.name));
            match (own, in_python) {
                (Some(own), _) => in_script(subject, variable, ci, own, findings),
                (None, Some((file, set))) => in_test(variable, ci, file, set, findings),
                (None, None) => {}
            }
        }
    }
}

fn in_script(
    subject: &View<'_>,
    variable: &Variable,
    ci: &str,
    own: &Assignment,
    findings: &mut Findings<'_>,
) {
    let (Value::Known(value), false) = (&own.value, own.conditional) else {
        return;
    };
    // The script, or a file of the folder that it sources.
    let folder = subject.folder;
    let mut files = folder.script.iter().chain(&folder.others);
    let found = match own.path.as_str() {
        "" => files.next(),
        path => files.find(|file| file.path == path),
    };
    let (Some(file), Some(message)) = (
        found,
        difference(&variable.name, value, ci, own.overridable),
    ) else {
        return;
    };
    let written = own.value_span.of(&file.text);
    let fix = Fix::edit(
        format!("Use CI's value of {}", variable.name),
        true,
        &file.path,
        own.value_span,
        word(&variable.name, ci, written.starts_with('"')),
    );
    let fix = Some(fix).filter(|_| !written.is_empty());
    findings.push(&file.path, own.value_span, message, fix);
}

fn in_test(
    variable: &Variable,
    ci: &str,
    file: &FolderFile,
    set: &Environ,
    findings: &mut Findings<'_>,
) {
    let Some((value, span)) = &set.value else {
        return;
    };
    let Some(message) = difference(&variable.name, value, ci, set.overridable) else {
        return;
    };
    // What gives way is set by another call: that is for the person to write.
    let plain = !set.overridable && !ci.contains(['"', '\\']) && !ci.contains(char::is_control);
    let title = format!("Use CI's value of {}", variable.name);
    let fix = plain.then(|| Fix::edit(title, true, &file.path, *span, format!("\"{ci}\"")));
    findings.push(&file.path, *span, message, fix);
}

fn difference(name: &str, value: &str, ci: &str, overridable: bool) -> Option<String> {
    if value != ci {
        return Some(format!(
            "{name} is `{value}`, in CI it was `{ci}`; use CI's value"
        ));
    }
    overridable.then(|| {
        format!(
            "{name} gives way to a value that the caller's shell has, in CI it was `{ci}`; use CI's value"
        )
    })
}
