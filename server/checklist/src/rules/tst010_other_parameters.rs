use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// A parameter has another value than in the failing set.
    ///
    /// ## Why
    /// Other shapes and types take other ways through the code.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     x = 1
    /// ```
    OtherParameters = "TST010", "other-parameters", Error
}

impl Rule for OtherParameters {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(Ok(original)) = subject.evidence.map(|it| it.test.as_ref()) else {
            return;
        };
        let squeeze = |text: &str| {
            text.replace('\'', "\"")
                .split_whitespace()
                .collect::<String>()
        };
        for (file, review) in subject.tests() {
            for param in &original.params {
                let Some(value) = param.value.as_deref().filter(|it| {
                    it.starts_with(['[', '(', '"', '\'', '-'])
                        || it.starts_with(|c: char| c.is_ascii_digit())
                        || matches!(*it, "True" | "False" | "None")
                }) else {
                    continue;
                };
                let assigned: Vec<_> = review
                    .literals
                    .iter()
                    .filter(|(name, _)| *name == param.name)
                    .collect();
                let [(name, span)] = assigned[..] else {
                    continue;
                };
                let ours = span.of(&file.text);
                let bare = |text: &str| {
                    squeeze(text)
                        .trim_matches(['[', ']', '(', ')', ','])
                        .to_owned()
                };
                if bare(ours) != bare(value) {
                    let fix = Fix::edit(
                        format!("Use the failing set's {name}"),
                        true,
                        &file.path,
                        *span,
                        value,
                    );
                    findings.push(
                        &file.path,
                        *span,
                        format!("{name} is `{ours}`, in the failing set it was `{value}`"),
                        Some(fix),
                    );
                }
            }
        }
    }
}
