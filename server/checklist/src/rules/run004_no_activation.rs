use shell::ShellWord;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{View, indentation, inserted, line_start};

rule! {
    /// `run_test.sh` activates no virtual environment though CI did.
    ///
    /// ## Why
    /// Another interpreter has other packages: the test then fails at an import, or passes with another version.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// ##[group]Run source /opt/venv/bin/activate
    /// source /opt/venv/bin/activate
    /// pytest tests/test_a.py
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
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RUN004: no virtual environment is activated, but CI activated `/opt/venv/bin/activate`; activate one before pytest
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// source "${VENV:-/opt/venv}/bin/activate"
    /// pytest tests/test_a_repro.py "$@"
    /// ```
    NoActivation = "RUN004", "no-activation", Warning
}

impl Rule for NoActivation {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let activated = subject
            .evidence
            .and_then(|it| it.configurations.first())
            .and_then(|it| it.activates.first());
        let (Some(view), Some((environment, origin))) = (subject.script(), activated) else {
            return;
        };
        let Some((command, pytest)) = view.own_pytest() else {
            return;
        };
        let program = pytest.argv.first().map_or("", String::as_str);
        let on_path = view
            .value("PATH")
            .is_some_and(|path| path.text().contains("env"));
        if view.script.activations().next().is_some()
            || program.contains('/')
            || program.contains('$')
            || !pytest
                .wrapper
                .iter()
                .all(|word| !matches!(word.as_str(), "uv" | "poetry" | "pdm" | "hatch" | "pipenv"))
            || on_path
        {
            return;
        }
        let text = &*view.file.text;
        let start = line_start(text, command.span.start);
        let indent = indentation(text, start);
        let plain = !environment.contains(['$', '`', '\n']);
        let fix = plain.then(|| {
            let file = if environment.ends_with("activate") { environment.clone() } else { format!("{}/bin/activate", environment.trim_end_matches('/')) };
            // A folder of the workspace is not where the script stands.
            let file = match ShellWord::new(&file) {
                word if file.starts_with(['/', '~']) => word.as_str().to_owned(),
                word => format!("\"$(git rev-parse --show-toplevel)\"/{}", word.as_str()),
            };
            let kind = origin.kind.name();
            let lines = format!(
                "{indent}# The virtual environment that CI activated ({kind}, line {}).\n{indent}if [ -z \"${{VIRTUAL_ENV:-}}\" ] && [ -f {file} ]; then\n{indent}    source {file}\n{indent}fi",
                origin.line
            );
            Fix::edit("Activate CI's virtual environment", true, &view.file.path, text::Span::at(start), inserted(text, start, &lines))
        });
        let message = format!(
            "no virtual environment is activated, but CI activated `{environment}`; activate one before pytest"
        );
        findings.push(&view.file.path, view.pytest_span(), message, fix);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn without_evidence_nothing_is_known() {
        check(
            "RUN004",
            "//- run_test.sh\n#!/bin/bash\npytest tests/test_a_repro.py\n",
        );
    }
}
