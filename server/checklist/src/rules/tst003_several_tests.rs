use python::review::TestFunction;
use repro::FolderFile;
use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::{View, line_start, next_line};

rule! {
    /// There are several test functions.
    ///
    /// ## Why
    /// One failure, one test: the others take time and hide which one matters.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a(): assert 1 == 2
    /// def test_b(): assert 1 == 2
    ///     ^^^^^^ TST003: `test_b` is one more test; keep the failing one
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a(): helper()
    /// def helper(): assert 1 == 2
    /// ```
    SeveralTests = "TST003", "several-tests", Warning
}

impl Rule for SeveralTests {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let all: Vec<_> = subject
            .tests()
            .flat_map(|(file, review)| review.tests.iter().map(move |it| (*file, it)))
            .collect();
        if all.len() < 2 {
            return;
        }
        let kept = kept(subject, &all);
        for (at, (file, test)) in all.into_iter().enumerate() {
            if at == kept {
                continue;
            }
            let text = &*file.text;
            let start = line_start(text, test.span.start);
            // A method may be all that its class holds.
            let fix = (start == test.span.start).then(|| {
                let end = next_line(text, test.span.end);
                let blank = text[end..].len() - text[end..].trim_start_matches(['\n', '\r']).len();
                let span = Span::new(start, end + blank);
                Fix::edit(
                    format!("Remove `{}`", test.name),
                    false,
                    &file.path,
                    span,
                    "",
                )
            });
            let message = format!("`{}` is one more test; keep the failing one", test.name);
            findings.push(&file.path, test.name_span, message, fix);
        }
    }
}

/// Which one is the repro: the one of the failing test's name, the one that is called so, the one with the mark, the first.
fn kept(subject: &View<'_>, all: &[(&FolderFile, &TestFunction)]) -> usize {
    let failing = subject.evidence.map(|it| {
        let name = it.failure.id.rsplit("::").next().unwrap_or_default();
        name.split('[').next().unwrap_or_default()
    });
    let position = |is: &dyn Fn(&FolderFile, &TestFunction) -> bool| {
        all.iter().position(|(file, test)| is(file, test))
    };
    let by_name = failing.and_then(|failing| {
        position(&|_, test| test.name.strip_suffix("_repro").unwrap_or(&test.name) == failing)
    });
    by_name
        .or_else(|| position(&|_, test| test.name.ends_with("_repro")))
        .or_else(|| {
            position(&|file, test| {
                test.span
                    .of(&file.text)
                    .to_lowercase()
                    .contains("fails here")
            })
        })
        .unwrap_or(0)
}
