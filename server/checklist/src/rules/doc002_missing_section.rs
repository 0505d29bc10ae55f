use text::Span;

use crate::finding::Fix;
use crate::readme::{find, sections};
use crate::rule::{Findings, Rule};
use crate::view::{View, inserted};

rule! {
    /// A section of the README is missing or empty.
    ///
    /// ## Why
    /// Others should understand the failure, run it and know when it is fixed without asking.
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
    /// //- README.md
    /// # Shape of a gather
    /// ^^^^^^^^^^^^^^^^^^^ DOC002: the section `Expected Output` is missing; add it
    /// ## Original Failure
    /// x
    /// ## Root Cause
    /// ^^^^^^^^^^^^^ DOC002: the section `Root Cause` is empty; fill it
    /// ## Minimal Reproduction
    /// x
    /// ### Run Test
    /// x
    /// ## Fix Strategy
    /// x
    /// ## Verification
    /// x
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- README.md
    /// # Shape of a gather
    /// ## The original failure
    /// x
    /// ## Root cause
    /// x
    /// ## Minimal reproduction
    /// ### How to run test
    /// x
    /// ### Expected output
    /// x
    /// ## Fix strategy
    /// x
    /// ## Verification
    /// x
    /// ```
    MissingSection = "DOC002", "missing-section", Information
}

/// The sections in their order, and what fills one where there is no evidence.
const SECTIONS: [(&str, Option<&str>); 7] = [
    ("Original Failure", None),
    ("Root Cause", None),
    ("Minimal Reproduction", None),
    ("Run Test", Some("```bash\n./run_test.sh\n```")),
    ("Expected Output", None),
    ("Fix Strategy", None),
    (
        "Verification",
        Some("After the fix the same test passes:\n\n```bash\n./run_test.sh\n```"),
    ),
];

impl Rule for MissingSection {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(readme) = &subject.folder.readme else {
            return;
        };
        let text = &*readme.text;
        let sections = sections(text);
        let first = sections.first().map_or(Span::at(0), |it| it.heading);
        for (idx, (title, filling)) in SECTIONS.into_iter().enumerate() {
            let filling = || {
                let generated = subject.generated().and_then(|it| it.section(title));
                generated.or(filling)
            };
            match find(&sections, title) {
                None => {
                    let fix = filling().map(|filling| {
                        let later = SECTIONS[idx + 1..].iter();
                        let next = later.filter_map(|(title, _)| find(&sections, title)).next();
                        let (at, before) = match next {
                            Some(next) => (next.heading.start, ""),
                            None => (text.len(), "\n"),
                        };
                        let after = if next.is_some() { "\n" } else { "" };
                        let lines = format!("{before}## {title}\n\n{filling}{after}");
                        Fix::edit(
                            format!("Add the section {title}"),
                            true,
                            &readme.path,
                            Span::at(at),
                            inserted(text, at, &lines),
                        )
                    });
                    let message = format!("the section `{title}` is missing; add it");
                    findings.push(&readme.path, first, message, fix);
                }
                Some(section) if section.body.of(text).trim().is_empty() => {
                    let fix = filling().map(|filling| {
                        let at = section.heading.end;
                        let lines = format!("\n\n{filling}\n");
                        let title = format!("Fill the section {title}");
                        // What is blank there now gives way.
                        let blank = Span::new(at, section.body.end.max(at));
                        let rest = if section.body.end == text.len() {
                            ""
                        } else {
                            "\n"
                        };
                        Fix::edit(title, true, &readme.path, blank, lines + rest)
                    });
                    let message = format!("the section `{title}` is empty; fill it");
                    findings.push(&readme.path, section.heading, message, fix);
                }
                Some(_) => {}
            }
        }
    }
}
