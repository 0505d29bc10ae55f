use python::Param;
use python::review::Review;
use repro::{Evidence, FolderFile};
use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{View, is_literal};

rule! {
    /// A parameter has another value than in the failing set.
    ///
    /// ## Why
    /// Other shapes and types take other ways through the code.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a[4-8] - assert 4 == 8
    /// //- ../tests/test_a.py
    /// import pytest
    ///
    /// @pytest.mark.parametrize("x, y", [(1, 1), (4, 8)])
    /// def test_a(x, y):
    ///     assert x == y
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     x = 1
    ///         ^ TST010: x is `1`, in the failing set it was `4`
    ///     y = 8
    ///     assert x == y
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     x = 4
    ///     assert x == 8
    /// ```
    OtherParameters = "TST010", "other-parameters", Error
}

impl Rule for OtherParameters {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(evidence) = subject.evidence else {
            return;
        };
        let Ok(original) = &evidence.test else {
            return;
        };
        for (file, review) in subject.tests() {
            for param in original.params.iter().filter(|it| !it.indirect) {
                let Some(value) = value_of(param, evidence) else {
                    continue;
                };
                literals(file, review, &param.name, value, findings);
                marks(file, review, &param.name, value, findings);
            }
        }
    }
}

/// The parameter's value as an expression without names: as the decorator has it, else as the log shows it.
fn value_of<'a>(param: &'a Param, evidence: &'a Evidence) -> Option<&'a str> {
    let written = param.value.as_deref().filter(|it| is_literal(it));
    let shown = || {
        let locals = &evidence.failure.locals;
        let shown = locals.iter().find(|it| it.name == param.name)?;
        Some(shown.value.as_str()).filter(|it| is_literal(it) && !it.contains("..."))
    };
    written.or_else(shown)
}

/// `name = value` in the test; where one of several is right, that one counts.
fn literals(
    file: &FolderFile,
    review: &Review,
    name: &str,
    value: &str,
    findings: &mut Findings<'_>,
) {
    let assigned = review.literals.iter().filter(|(other, _)| other == name);
    let places: Vec<Span> = assigned.map(|(_, span)| *span).collect();
    if places
        .iter()
        .any(|span| bare(span.of(&file.text)) == bare(value))
    {
        return;
    }
    for span in places {
        let ours = span.of(&file.text);
        let message = format!("{name} is `{ours}`, in the failing set it was `{value}`");
        let title = format!("Use the failing set's {name}");
        let fix = Fix::edit(title, true, &file.path, span, value);
        findings.push(&file.path, span, message, Some(fix));
    }
}

/// A mark that gives the parameter other values only.
fn marks(file: &FolderFile, review: &Review, name: &str, value: &str, findings: &mut Findings<'_>) {
    let marks = review.tests.iter().flat_map(|it| &it.parametrize);
    for mark in marks {
        let Some(position) = mark.names.iter().position(|other| other == name) else {
            continue;
        };
        let ours: Option<Vec<&str>> = mark
            .sets
            .iter()
            .map(|set| Some(set.get(position)?.of(&file.text)))
            .collect();
        // A name in them stands for a value that is not seen here.
        let seen = ours.filter(|ours| !ours.is_empty() && ours.iter().all(|it| is_literal(it)));
        if seen.is_some_and(|ours| ours.iter().all(|it| bare(it) != bare(value))) {
            let message = format!("{name} is never `{value}` here, in the failing set it was");
            findings.push(&file.path, mark.span, message, None);
        }
    }
}

fn squeezed(text: &str) -> String {
    text.replace('\'', "\"")
        .split_whitespace()
        .collect::<String>()
}

fn bare(text: &str) -> String {
    squeezed(text)
        .trim_matches(['[', ']', '(', ')', ','])
        .to_owned()
}
