use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{View, next_line};

rule! {
    /// `run_test.sh` does not forward its arguments to pytest.
    ///
    /// ## Why
    /// `./run_test.sh --pdb` is how the repro is debugged.
    ///
    /// ## Example
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// pytest tests/test_a_repro.py
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RUN010: the script's arguments do not reach pytest; add `"$@"`
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env bash
    /// arguments=(-x "$@")
    /// pytest tests/test_a_repro.py "${arguments[@]}"
    /// ```
    ArgumentsDropped = "RUN010", "arguments-dropped", Information
}

impl Rule for ArgumentsDropped {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(view) = subject.script() else {
            return;
        };
        let Some((command, _)) = view.own_pytest() else {
            return;
        };
        if view
            .script
            .reads
            .iter()
            .any(|it| matches!(it.name.as_str(), "@" | "*"))
        {
            return;
        }
        let line = Span::new(
            command.span.start,
            next_line(&view.file.text, command.span.end),
        );
        let source = line.of(&view.file.text);
        let at = if source.contains(['>', '<', '|', '&', '#']) {
            view.arguments_start(command)
        } else {
            Some(command.span.end)
        };
        let fix = at.map(|at| {
            Fix::edit(
                "Forward the arguments",
                true,
                &view.file.path,
                Span::at(at),
                " \"$@\"",
            )
        });
        let message = "the script's arguments do not reach pytest; add `\"$@\"`";
        findings.push(&view.file.path, view.pytest_span(), message, fix);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_fix};
    use expect_test::expect;

    #[test]
    fn before_a_redirection() {
        check_fix(
            "RUN010",
            "//- run_test.sh\n#!/bin/bash\ntimeout 9 pytest a_repro.py > out.txt 2>&1\n",
            expect![[r##"
                #!/bin/bash
                timeout 9 pytest "$@" a_repro.py > out.txt 2>&1
            "##]],
        );
    }

    #[test]
    fn an_array_of_them_is_forwarded() {
        check(
            "RUN010",
            "//- run_test.sh\n#!/bin/bash\nargs=(\"$@\")\npytest a_repro.py \"${args[@]}\"\n",
        );
    }
}
