use shell::ReadKind;
use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{ScriptView, View, inserted, is_secret};

rule! {
    /// A value is secret in CI and must come from the person.
    ///
    /// ## Why
    /// CI shows `***`. Without a guard the run goes on without the value and fails somewhere else.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// ##[group]Run pytest tests/test_a.py
    /// pytest tests/test_a.py
    /// shell: /usr/bin/bash -e {0}
    /// env:
    ///   HF_TOKEN: ***
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
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ENV003: HF_TOKEN is secret in CI, and nothing asks the person for it; add `export HF_TOKEN="${HF_TOKEN:?}"`
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// : "${HF_TOKEN:?ask for one}"
    /// pytest tests/test_a_repro.py "$@"
    /// ```
    MaskedValue = "ENV003", "masked-value", Warning
}

impl Rule for MaskedValue {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(view) = subject.script() else {
            return;
        };
        for variable in subject.variables().iter().filter(|it| is_secret(it)) {
            let name = &variable.name;
            let asked = view
                .script
                .reads
                .iter()
                .any(|it| &it.name == name && it.kind != ReadKind::Plain);
            if asked
                || names(view, name)
                || view.value(name).is_some()
                || subject.named_in_python(name)
            {
                continue;
            }
            let (at, indent, _) = view.export_place(name);
            let line = format!(
                "{indent}export {name}=\"${{{name}:?is secret in CI, set it yourself}}\"  # {}",
                variable.origin.kind.name()
            );
            let fix = Fix::edit(
                format!("Ask for {name}"),
                false,
                &view.file.path,
                Span::at(at),
                inserted(&view.file.text, at, &line),
            );
            let message = format!(
                "{name} is secret in CI, and nothing asks the person for it; add `export {name}=\"${{{name}:?}}\"`"
            );
            findings.push(&view.file.path, view.pytest_span(), message, Some(fix));
        }
    }
}

/// Whether a line of the script names the variable, in code or in a comment that says why it is left out: the person was told.
fn names(view: &ScriptView<'_>, name: &str) -> bool {
    let text = &*view.file.text;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}
