use text::Span;

use crate::finding::Fix;
use crate::readme::{find, sections, squeezed};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The error that the README quotes is not the log's.
    ///
    /// ## Why
    /// Whoever compares the run with the README then takes another failure for this one.
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
        let (Some(readme), Some(evidence)) = (&subject.folder.readme, subject.evidence) else {
            return;
        };
        let Some(exception) = &evidence.failure.exception else {
            return;
        };
        let first = exception.message.lines().next().unwrap_or_default().trim();
        let shown: String = squeezed(first).chars().take(60).collect();
        let text = &*readme.text;
        // What is too short, or cut by the log, can stand in the README by chance or in another form.
        if shown.len() < 6 || squeezed(text).contains(&shown) {
            return;
        }
        let Some(place) = quoted(text) else {
            return;
        };
        let cut: String = first.chars().take(100).collect();
        // In a fence or in backquotes it stands as it is.
        let fenced = text[..place.start].matches("```").count() % 2 == 1;
        let error = exception.after_type(first);
        let quoted = if fenced {
            error
        } else {
            repro::quote::MdText::code(&error).as_str().to_owned()
        };
        let fix = Fix::edit("Quote the log's error", true, &readme.path, place, quoted);
        findings.push(
            &readme.path,
            place,
            format!("the log's error is `{cut}`; quote that"),
            Some(fix),
        );
    }
}

/// Where the README quotes an error: what follows `**Error**:`, or the first line of the expected output.
fn quoted(text: &str) -> Option<Span> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let label = ["**Error**:", "**Error:**", "Error:"]
            .into_iter()
            .find_map(|label| {
                let start = line.find(label)?;
                line[..start]
                    .trim()
                    .trim_matches(['-', '*', ' '])
                    .is_empty()
                    .then_some(start + label.len())
            });
        if let Some(start) = label {
            let value = line[start..].trim();
            let start = at + start + line[start..].find(value).unwrap_or_default();
            return (!value.is_empty()).then(|| Span::new(start, start + value.len()));
        }
        at += line.len();
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
