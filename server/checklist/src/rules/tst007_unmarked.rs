use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The failing line is not marked.
    ///
    /// ## Why
    /// The reader should not have to search for it.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// =================================== FAILURES ===================================
    /// ____________________________________ test_a ____________________________________
    ///     def test_a():
    /// >       assert 1 == 2
    /// E       assert 1 == 2
    /// tests/test_a.py:2: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a - assert 1 == 2
    /// ============================== 1 failed in 0.01s ===============================
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     ^^^^^^^^^^^^ TST007: the failing line is not marked; add `# <- fails here`
    ///     assert 1 == 2
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     assert 1 == 2  # <- fails here
    /// ```
    Unmarked = "TST007", "unmarked-line", Information
}

impl Rule for Unmarked {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for (file, review) in subject.tests() {
            let Some(first) = review.tests.first() else {
                continue;
            };
            if is_marked(&file.text) {
                continue;
            }
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            let source = subject
                .evidence
                .and_then(|it| it.failure.location.as_ref()?.source.as_deref())
                .map(squeeze);
            let mut at = 0;
            let mut ends = Vec::new();
            for line in file.text.split_inclusive('\n') {
                let content = line.trim_end();
                if source
                    .as_ref()
                    .is_some_and(|it| !it.is_empty() && *it == squeeze(content))
                    && !content.ends_with('\\')
                {
                    ends.push(at + content.len());
                }
                at += line.len();
            }
            // What fails before or after the test has no line in it.
            let elsewhere = subject.evidence.is_some_and(|it| {
                it.failure.phase != log::Phase::Call || it.failure.kind == log::Kind::UnexpectedPass
            });
            if elsewhere && ends.is_empty() {
                continue;
            }
            // Twice the same line: which one fails is not known.
            let fix = match ends[..] {
                [end] => Some(Fix::edit(
                    "Mark the failing line",
                    true,
                    &file.path,
                    Span::at(end),
                    format!("  {}", repro::MARK),
                )),
                _ => None,
            };
            findings.push(
                &file.path,
                first.name_span,
                "the failing line is not marked; add `# <- fails here`",
                fix,
            );
        }
    }
}

/// Whether a comment, at the line or before it, tells of a failure: `# <- fails here`, `# FAILS: the shape is halved`.
fn is_marked(text: &str) -> bool {
    const WORDS: [&str; 4] = ["fails", "failing", "failed", "failure"];
    let mut comments = text
        .lines()
        .filter_map(|line| Some(line.split_once('#')?.1));
    comments.any(|comment| {
        let comment = comment.to_lowercase();
        let mut words = comment.split(|c: char| !c.is_alphanumeric());
        words.any(|it| WORDS.contains(&it))
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn marks_in_other_words() {
        for line in [
            "    assert 1 == 2  # ← FAILS: one is not two",
            "    # This assertion fails, as in CI\n    assert 1 == 2",
            "    # The exact failing operation\n    assert 1 == 2",
        ] {
            check(
                "TST007",
                &format!("//- tests/test_a_repro.py\ndef test_a_repro():\n{line}\n"),
            );
        }
    }
}
