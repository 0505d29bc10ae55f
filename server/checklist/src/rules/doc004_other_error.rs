use text::Span;

use crate::finding::Fix;
use crate::readme::{find, sections, squeezed};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The error that the README or the test's docstring quotes is not the log's.
    ///
    /// ## Why
    /// Whoever compares the run with it then takes another failure for this one.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// ##[group]Run pytest tests/test_a.py
    /// pytest tests/test_a.py
    /// ##[endgroup]
    /// =================================== FAILURES ===================================
    /// ____________________________________ test_a ____________________________________
    ///     def test_a():
    /// >       assert first == 2222
    /// E       assert 1111 == 2222
    /// tests/test_a.py:2: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a - assert 1111 == 2222
    /// ============================== 1 failed in 0.01s ===============================
    /// //- README.md
    /// - **Error**: ValueError: no such thing
    ///              ^^^^^^^^^^^^^^^^^^^^^^^^^ DOC004: the log's error is `assert 1111 == 2222`; quote that
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- README.md
    /// - **Error**: `AssertionError: assert 1111 == 2222`
    /// ```
    OtherError = "DOC004", "other-error", Warning
}

impl Rule for OtherError {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let evidence = subject.evidence;
        let Some(exception) = evidence.and_then(|it| it.failure.exception.as_ref()) else {
            return;
        };
        let first = exception.message.lines().next().unwrap_or_default().trim();
        let shown: String = squeezed(first).chars().take(60).collect();
        // What is too short, or cut by the log, can stand there by chance or in another form.
        if shown.len() < 6 {
            return;
        }
        let cut: String = first.chars().take(100).collect();
        let message = format!("the log's error is `{cut}`; quote that");
        let error = exception.after_type(first);
        let tells = |text: &str| squeezed(text).contains(&shown);
        if let Some(readme) = &subject.folder.readme
            && !tells(&readme.text)
            && let Some(place) = quoted(&readme.text)
        {
            // In a fence or in backquotes it stands as it is.
            let fenced = readme.text[..place.start].matches("```").count() % 2 == 1;
            let quoted = if fenced {
                error.clone()
            } else {
                repro::quote::MdText::code(&error).as_str().to_owned()
            };
            let fix = Fix::edit("Quote the log's error", true, &readme.path, place, quoted);
            findings.push(&readme.path, place, &*message, Some(fix));
        }
        for (file, review) in subject.tests() {
            let mut docstrings = review.docstrings.iter();
            if docstrings.clone().any(|it| tells(it.of(&file.text))) {
                continue;
            }
            let place =
                docstrings.find_map(|it| Some(labelled(it.of(&file.text))?.shifted(it.start)));
            let Some(place) = place.filter(|it| !it.of(&file.text).starts_with('<')) else {
                continue;
            };
            let plain = !error.contains(['"', '\\']);
            let fix = plain.then(|| {
                Fix::edit(
                    "Quote the log's error",
                    true,
                    &file.path,
                    place,
                    error.as_str(),
                )
            });
            findings.push(&file.path, place, &*message, fix);
        }
    }
}

/// Where the README quotes an error: what follows `**Error**:`, or the first line of the expected output.
fn quoted(text: &str) -> Option<Span> {
    if let Some(place) = labelled(text) {
        return Some(place);
    }
    let all = sections(text);
    let section = find(&all, "Expected Output")?;
    let body = section.body.of(text);
    let fence = body.find("```")?;
    let start = fence + body[fence..].find('\n')? + 1;
    let line = body[start..].lines().next()?;
    (!line.trim().is_empty()).then(|| {
        Span::new(
            section.body.start + start,
            section.body.start + start + line.len(),
        )
    })
}

/// What follows `Error:` at a line's start.
fn labelled(text: &str) -> Option<Span> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let label = ["**Error**:", "**Error:**", "Error:"]
            .into_iter()
            .find_map(|label| {
                let start = line.find(label)?;
                line[..start]
                    .trim()
                    .trim_matches(['-', '*', ' ', '"', '\''])
                    .is_empty()
                    .then_some(start + label.len())
            });
        let value = label.map(|start| line[start..].trim().trim_end_matches("\"\"\""));
        if let (Some(start), Some(value)) = (label, value.filter(|it| !it.is_empty())) {
            let start = at + start + line[start..].find(value).unwrap_or_default();
            return Some(Span::new(start, start + value.len()));
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::testing::check_fix;
    use expect_test::expect;

    #[test]
    fn in_the_docstring() {
        let log = "//- logs/ci.log\n=================================== FAILURES ===================================\n____________________________________ test_a ____________________________________\n    def test_a():\n>       assert 1 == 2\nE       AssertionError: sizes differ: 1 and 2\ntests/test_a.py:2: AssertionError\n=========================== short test summary info ============================\nFAILED tests/test_a.py::test_a - assert 1 == 2\n";
        check_fix(
            "DOC004",
            &format!(
                "{log}//- tests/test_a_repro.py\n\"\"\"A repro.\n\nError: AssertionError: something\n\"\"\"\ndef test_a_repro(): ...\n"
            ),
            expect![[r#"
                """A repro.

                Error: AssertionError: sizes differ: 1 and 2
                """
                def test_a_repro(): ...
            "#]],
        );
    }
}
