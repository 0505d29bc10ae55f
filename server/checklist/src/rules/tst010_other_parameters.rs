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
                let Some(value) = param.value.as_deref().filter(|it| is_literal(it)) else {
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

/// Whether an expression is made of literals alone: with a name in it (`[4, WIDE]`) its text does not tell its value.
fn is_literal(expression: &str) -> bool {
    let mut outside_strings = String::new();
    let mut quote = None;
    let mut characters = expression.chars();
    while let Some(c) = characters.next() {
        match quote {
            // What a backslash stands before does not end the string.
            Some(_) if c == '\\' => drop(characters.next()),
            Some(end) if c == end => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None => outside_strings.push(c),
        }
    }
    outside_strings
        .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.')
        .filter(|word| !word.is_empty())
        .all(|word| {
            word.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                || matches!(word, "True" | "False" | "None")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_literal() {
        for literal in [
            "[4, 32]",
            "-1",
            "1e-5",
            "('a b', None)",
            "{\"x\": True}",
            r"'it\'s'",
        ] {
            assert!(is_literal(literal), "{literal}");
        }
        for other in ["[4, WIDE]", "torch.bfloat16", "f(3)"] {
            assert!(!is_literal(other), "{other}");
        }
    }
}
