use shell::PytestCommand;
use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// Nothing bounds the test's time.
    ///
    /// ## Why
    /// A test that hangs, as CI's may have, then never ends: no status, no log.
    ///
    /// ## Example
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// pytest tests/test_a_repro.py "$@"
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RUN008: nothing bounds the test's time; run it through `timeout`, or with `--timeout` of pytest-timeout
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// timeout 60 pytest tests/test_a_repro.py "$@"
    /// ```
    NoTimeBound = "RUN008", "no-time-bound", Warning
}

impl Rule for NoTimeBound {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(view) = subject.script() else {
            return;
        };
        let Some((command, pytest)) = view.own_pytest() else {
            return;
        };
        // What pytest runs in may be bounded too: `timeout 60 bash -c "pytest ..."`.
        let around = view.script.evaluation.commands.iter().filter(|it| {
            it.path == command.path
                && it.span.start <= command.span.start
                && command.span.end <= it.span.end
        });
        let bounded = view.pytest().any(|(_, pytest)| {
            let words = pytest.wrapper.iter().chain(&pytest.argv);
            words.clone().any(|word| bounds(word))
        }) || around
            .flat_map(|it| &it.argv)
            .any(|word| word.text().contains("timeout"));
        let in_environment = ["PYTEST_TIMEOUT", "PYTEST_ADDOPTS"].iter().any(|name| {
            view.value(name)
                .is_some_and(|it| *name == "PYTEST_TIMEOUT" || it.text().contains("timeout"))
        });
        let in_test = subject
            .folder
            .tests
            .iter()
            .any(|test| test.text.contains("timeout"));
        if bounded || in_environment || in_test {
            return;
        }
        let plugin = subject
            .evidence
            .and_then(|it| it.session.as_ref())
            .is_some_and(|session| session.plugins.iter().any(|it| it.contains("timeout")));
        if plugin && configured(subject, pytest) {
            return;
        }
        let seconds = u64::from(subject.max_seconds).saturating_mul(6);
        let path = &view.file.path;
        let fix = if plugin {
            let at = view.arguments_start(command);
            at.map(|at| {
                Fix::edit(
                    "Add --timeout",
                    true,
                    path,
                    Span::at(at),
                    format!(" --timeout={seconds}"),
                )
            })
        } else {
            let source = command.span.of(&view.file.text);
            let first = pytest
                .argv
                .first()
                .and_then(|word| source.find(word.as_str()));
            let at = first.filter(|_| pytest.wrapper.is_empty());
            at.map(|at| {
                Fix::edit(
                    "Run through timeout",
                    true,
                    path,
                    Span::at(command.span.start + at),
                    format!("timeout {seconds} "),
                )
            })
        };
        let message = "nothing bounds the test's time; run it through `timeout`, or with `--timeout` of pytest-timeout";
        findings.push(path, view.pytest_span(), message, fix);
    }
}

/// Whether the configuration file that pytest finds above the repro bounds each test.
fn configured(subject: &View<'_>, pytest: &PytestCommand) -> bool {
    let Some((path, text)) = subject.evidence.and_then(|it| it.ini.as_ref()) else {
        return false;
    };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_above = subject.folder.path.starts_with(folder);
    let is_replaced = pytest.argv.iter().any(|it| it == "-c");
    let sets = |option: &str, holds: fn(&String) -> bool| {
        repro::ini::words(path, text, option).is_some_and(|it| it.iter().any(holds))
    };
    is_above
        && !is_replaced
        && (sets("timeout", |it| it != "0") || sets("addopts", |it| it.starts_with("--timeout")))
}

/// A word that bounds the time, or of which nobody knows what it holds.
fn bounds(word: &str) -> bool {
    let unknown = word.trim_matches('"').strip_prefix('$');
    let is_list = |name: &str| !name.starts_with('@') && !name.contains('/');
    word.contains("timeout") || unknown.is_some_and(is_list)
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_fix};
    use expect_test::expect;

    #[test]
    fn after_inline_variables() {
        check_fix(
            "RUN008",
            "//- run_test.sh\n#!/bin/bash\nA=1 pytest a_repro.py \"$@\"\n",
            expect![[r#"
                #!/bin/bash
                A=1 timeout 60 pytest a_repro.py "$@"
            "#]],
        );
    }

    #[test]
    fn bounded_ones_are_fine() {
        for command in [
            "timeout 60 pytest x",
            "pytest --timeout=5 x",
            "pytest -o timeout=9 x",
        ] {
            check(
                "RUN008",
                &format!("//- run_test.sh\n#!/bin/bash\n{command}\n"),
            );
        }
    }
}
