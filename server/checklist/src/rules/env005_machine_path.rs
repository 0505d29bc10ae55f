use text::Value;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{View, is_machine_path, is_secret};

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
    MachinePath = "ENV005", "machine-path", Warning
}

impl Rule for MachinePath {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(view) = subject.script() else {
            return;
        };
        for export in view.script.exports() {
            let (Value::Known(value), true) = (&export.value, export.path.is_empty()) else {
                continue;
            };
            let written = export.value_span.of(&view.file.text);
            // What is put together from other variables is theirs to override.
            if export.overridable
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
            "//- run_test.sh\n#!/bin/bash\nD=\"$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\"\nexport A=/usr/lib B=\"$D/x\" C=/tmp/y E=${E:-/work} F=a/b\npytest x\n",
        );
    }
}
