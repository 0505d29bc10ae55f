use text::Value;

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
    OtherValue = "ENV002", "other-value", Error
}

impl Rule for OtherValue {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(view) = subject.script() else {
            return;
        };
        for variable in subject.variables().iter().filter(|it| !is_secret(it)) {
            let (Some(ci), Some(own)) = (variable.value.known(), view.assignment(&variable.name))
            else {
                continue;
            };
            let Value::Known(value) = &own.value else {
                continue;
            };
            if is_machine_path(ci) || own.conditional || !own.path.is_empty() {
                continue;
            }
            let name = &variable.name;
            let message = if value != ci {
                format!("{name} is `{value}`, in CI it was `{ci}`; use CI's value")
            } else if own.overridable {
                format!(
                    "{name} gives way to a value that the caller's shell has, in CI it was `{ci}`; use CI's value"
                )
            } else {
                continue;
            };
            let written = own.value_span.of(&view.file.text);
            let quotes = written.starts_with('"');
            let fix = Fix::edit(
                format!("Use CI's value of {name}"),
                true,
                &view.file.path,
                own.value_span,
                word(name, ci, quotes),
            );
            findings.push(
                &view.file.path,
                own.value_span,
                message,
                Some(fix).filter(|_| !written.is_empty()),
            );
        }
    }
}
