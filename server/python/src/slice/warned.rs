//! Warnings that the project's settings make errors in its own modules only: the repro's module has another name.

use super::Builder;
use crate::project::{ancestors, join, split};

/// A mark names a warning by so much of its text.
const MESSAGE: usize = 40;

/// What ends the part of a regular expression that stands for itself.
const SPECIAL: &[char] = &[
    '\\', '[', ']', '(', ')', '{', '}', '*', '+', '?', '|', '^', '$',
];

impl Builder<'_, '_, '_> {
    /// The mark that does what a filter of the project does for the original test's module, where a warning is what failed.
    pub(super) fn filter_of_module(&self) -> Option<String> {
        let exception = self.criterion.exception.as_deref()?;
        let kind = exception.rsplit('.').next().unwrap_or_default();
        if !kind.ends_with("Warning") {
            return None;
        }
        let module = self.bring.absolute(self.module);
        let mut filters = Vec::new();
        for folder in ancestors(split(&self.test.path).0) {
            for name in ["pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"] {
                let Some(text) = self.project.sources.text(&join(folder, name)) else {
                    continue;
                };
                filters.extend(text.lines().filter_map(|line| category(line, &module)));
            }
        }
        let of_kind = |category: &&String| category.rsplit('.').next() == Some(kind);
        let category = filters.iter().find(of_kind).or(filters.first())?;
        let category = match category.as_str() {
            "" => exception,
            named => named,
        };
        let message = self.criterion.message.as_deref().unwrap_or_default();
        let plain = message.trim_start_matches(exception);
        let plain = plain.trim_start_matches([':', ' ']);
        Some(format!(
            "@pytest.mark.filterwarnings(\"error:{}:{category}\")",
            beginning(plain)
        ))
    }
}

/// The category of `error:message:category:module`, empty for all of them, where the module's pattern is for `module` and needs its
/// name.
fn category(line: &str, module: &str) -> Option<String> {
    let filter = line.trim().trim_matches(['"', '\'', ',']);
    let filter = filter.split_once('=').map_or(filter, |(key, value)| {
        if key.trim() == "filterwarnings" {
            value.trim()
        } else {
            filter
        }
    });
    let parts: Vec<&str> = filter.split(':').map(str::trim).collect();
    let ["error", _, category, pattern, ..] = parts[..] else {
        return None;
    };
    let pattern = pattern.replace("\\.", ".");
    let end = pattern.find(SPECIAL).unwrap_or(pattern.len());
    let name = pattern[..end].trim_end_matches('.');
    let plain = category
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    (!name.is_empty() && module.starts_with(name) && plain).then(|| category.to_owned())
}

/// The beginning of a message that a filter can hold as it is, up to the end of a word.
fn beginning(message: &str) -> &str {
    let special = |c: char| SPECIAL.contains(&c) || matches!(c, ':' | '"' | '\n' | '\r');
    let end = message.find(special).unwrap_or(message.len());
    let plain = &message[..end];
    let short = match plain.char_indices().nth(MESSAGE) {
        Some((at, _)) => &plain[..plain[..at].rfind(' ').unwrap_or(at)],
        None => plain,
    };
    short.trim_end()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use text::fixture::Fixture;

    use super::super::tests::check_with;
    use crate::model::{Criterion, CriterionPhase, Level};

    #[track_caller]
    fn check_filters(filters: &str, expected: Expect) {
        let fixture = format!(
            "
//- pytest.ini
[pytest]
filterwarnings =
{filters}
//- shop/__init__.py
//- shop/util.py
//- shop/tests/__init__.py
//- shop/tests/test_util.py
from shop.util import guess

def test_guess():
    <|>guess(1)
"
        );
        let criterion = Criterion {
            exception: Some("DeprecationWarning".to_owned()),
            message: Some(
                "`product` is deprecated as of NumPy 1.25.0, and will be removed (soon)".to_owned(),
            ),
            ..Criterion::default()
        };
        check_with(
            "shop/tests/test_util.py::test_guess",
            CriterionPhase::Call,
            Level::Conservative,
            &Fixture::parse(&fixture),
            criterion,
            None,
            expected,
        );
    }

    #[test]
    fn a_filter_for_the_projects_modules_is_one_of_the_test() {
        check_filters(
            "    ignore::UserWarning:shop.*\n    error::DeprecationWarning:shop.*",
            expect![[r#"
                import pytest
                from shop.util import guess


                @pytest.mark.filterwarnings("error:`product` is deprecated as of NumPy:DeprecationWarning")
                def test_one():
                    guess(1) #!
            "#]],
        );
    }

    #[test]
    fn a_filter_for_warnings_of_every_kind_is_one_of_this_kind() {
        check_filters(
            "    error:::shop.*",
            expect![[r#"
                import pytest
                from shop.util import guess


                @pytest.mark.filterwarnings("error:`product` is deprecated as of NumPy:DeprecationWarning")
                def test_one():
                    guess(1) #!
            "#]],
        );
    }
}
