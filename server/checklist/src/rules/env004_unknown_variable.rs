use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{View, line_start, next_line};

rule! {
    /// `run_test.sh` sets a variable that neither the log nor CI's configuration names.
    ///
    /// ## Why
    /// What CI did not set may be what makes the test fail, or pass.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// ##[group]Run pytest tests/test_a.py
    /// pytest tests/test_a.py
    /// shell: /usr/bin/bash -e {0}
    /// env:
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
    /// export MODE=slow
    /// export DEBUG_LEVEL=3
    ///        ^^^^^^^^^^^^^ ENV004: nothing says that CI set DEBUG_LEVEL; remove it, or say why with `# reprolens: ignore[ENV004] ...`
    /// pytest tests/test_a_repro.py "$@"
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// export MODE=slow
    /// export DEBUG_LEVEL=3  # reprolens: ignore[ENV004] the failing branch needs it
    /// pytest tests/test_a_repro.py "$@"
    /// ```
    UnknownVariable = "ENV004", "unknown-variable", Information
}

/// Names that a script sets for itself or for Python's and pytest's own sake.
const USUAL: [&str; 14] = [
    "PATH",
    "HOME",
    "PWD",
    "SHELL",
    "LANG",
    "LC_ALL",
    "TERM",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "LD_LIBRARY_PATH",
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
    "PS4",
    "TMPDIR",
];

impl Rule for UnknownVariable {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let (Some(view), Some(evidence)) = (subject.script(), subject.evidence) else {
            return;
        };
        // A log that shows no environment at all tells nothing of what was set.
        let Some(configuration) = evidence
            .configurations
            .first()
            .filter(|it| !it.variables.is_empty())
        else {
            return;
        };
        let named = |name: &str| {
            let variables = configuration.variables.iter().chain(&configuration.noise);
            let script = evidence
                .step
                .as_ref()
                .and_then(|it| it.script.as_deref())
                .unwrap_or_default();
            variables.clone().any(|it| it.name == name)
                || evidence
                    .step
                    .iter()
                    .flat_map(|it| &it.env)
                    .chain(&evidence.job.container_env)
                    .any(|it| it.name == name)
                || script.contains(name)
                || subject.named_in_python(name)
                || subject.command().is_some_and(|it| it.source.contains(name))
        };
        for export in view.script.exports() {
            let name = export.name.as_str();
            let read = view.script.reads.iter().any(|it| {
                it.name == name
                    && !(export.span.start <= it.span.start && it.span.end <= export.span.end)
            });
            if USUAL.contains(&name)
                || name.starts_with("PYTEST_")
                || !export.path.is_empty()
                || read
                || named(name)
            {
                continue;
            }
            let text = &*view.file.text;
            let line = Span::new(
                line_start(text, export.span.start),
                next_line(text, export.span.end),
            );
            let alone = line
                .of(text)
                .trim()
                .strip_prefix("export ")
                .is_some_and(|rest| rest.trim() == export.span.of(text));
            let fix = alone
                .then(|| Fix::edit(format!("Remove {name}"), false, &view.file.path, line, ""));
            let message = format!(
                "nothing says that CI set {name}; remove it, or say why with `# reprolens: ignore[ENV004] ...`"
            );
            findings.push(&view.file.path, export.span, message, fix);
        }
    }
}
