use text::Span;

use crate::finding::Fix;
use crate::rule::{Findings, Rule};
use crate::view::View;
use crate::view::{first_line, next_line};

rule! {
    /// An import is not used.
    ///
    /// ## Why
    /// It says that the failure needs something that it does not need.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// import os
    /// ^^^^^^^^^ TST011: `os` is imported and not used; remove it
    /// def test_a_repro(): assert 1 == 2
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// import os
    /// def test_a_repro(): assert os.sep == 2
    /// ```
    Unused = "TST011", "unused-import", Information
}

impl Rule for Unused {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for (file, review) in subject.tests().filter(|(_, review)| !review.has_error) {
            for import in &review.unused_imports {
                let line = Span::new(
                    import.statement.start,
                    next_line(&file.text, import.statement.end),
                );
                let alone =
                    import.alone && line.of(&file.text).trim() == import.statement.of(&file.text);
                let fix = alone.then(|| {
                    Fix::edit(
                        format!("Remove the import of {}", import.name),
                        true,
                        &file.path,
                        line,
                        "",
                    )
                });
                findings.push(
                    &file.path,
                    first_line(&file.text, import.statement),
                    format!("`{}` is imported and not used; remove it", import.name),
                    fix,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_fix;
    use expect_test::expect;

    #[test]
    fn whole_statement_goes() {
        check_fix(
            "TST011",
            "//- tests/test_a_repro.py\nimport os\nimport sys\ndef test_a_repro(): assert sys\n",
            expect![[r#"
                import sys
                def test_a_repro(): assert sys
            "#]],
        );
    }
}
