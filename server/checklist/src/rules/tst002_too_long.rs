use crate::finding::{Action, Fix, Severity};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The test has more lines than it may.
    ///
    /// ## Why
    /// Each line that the failure does not need is one more to read and to rule out.
    ///
    /// ## Example
    /// ```repro
    /// //- reprolens.toml
    /// max-lines = 2
    /// //- tests/test_a_repro.py
    /// def test_a_repro():
    ///     ^^^^^^^^^^^^ TST002: 3 lines of code, more than 2; keep what the failing line needs
    ///     x = 1
    ///     assert x == 2
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// """What is said here does not count,"""
    /// # and neither does this.
    ///
    /// def test_a_repro():
    ///     assert 1 == 2
    /// ```
    TooLong = "TST002", "too-long", Warning
}

impl Rule for TooLong {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        for (file, review) in subject.tests() {
            let (lines, most) = (review.code_lines, subject.max_lines);
            let place = review
                .tests
                .first()
                .map_or(text::Span::at(0), |it| it.name_span);
            let fix = || Some(Fix::action("Shrink the test", false, Action::Minimize));
            if lines > most {
                findings.push(
                    &file.path,
                    place,
                    format!(
                        "{lines} lines of code, more than {most}; keep what the failing line needs"
                    ),
                    fix(),
                );
            } else if lines > 30.min(most) {
                findings.push_as(
                    Severity::Information,
                    &file.path,
                    place,
                    format!("{lines} lines of code; 30 are usually enough"),
                    fix(),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Case;

    #[test]
    fn lines_of_code_count() {
        for (lines, found) in [(29, 0), (31, 1), (60, 1)] {
            let case = Case::parse(&format!(
                "//- tests/test_a_repro.py\ndef test_a():\n{}",
                "    # no\n    f()\n".repeat(lines)
            ));
            let all = case.findings(&crate::Config::all());
            assert_eq!(
                all.iter().filter(|it| it.rule.id == "TST002").count(),
                found,
                "{lines}"
            );
        }
    }
}
