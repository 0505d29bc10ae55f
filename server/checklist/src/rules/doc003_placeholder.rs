use std::sync::LazyLock;

use regex::Regex;

use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// A placeholder of a template is left.
    ///
    /// ## Why
    /// It stands where a fact should be.
    ///
    /// ## Example
    /// ```repro
    /// //- README.md
    /// - **Job**: <CI job name>
    ///            ^^^^^^^^^^^^^ DOC003: the placeholder `<CI job name>` is left; replace it by what it asks for
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- README.md
    /// - **Job**: unit, `<class 'int'>` <br> <details open>
    /// ```
    Placeholder = "DOC003", "placeholder", Warning
}

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"<[A-Za-z][A-Za-z]*(?:[ _-][A-Za-z'’.,/()]+)+>|<(?:name|test|error|job|date|failure|description|value|path|file)>|\b(?:TODO|FIXME|TBD|XXX)\b";
    Regex::new(pattern).expect("the pattern is a constant")
});

/// Beginnings of Python's and HTML's own words in angle brackets.
const PYTHON: [&str; 13] = [
    "<details",
    "<img",
    "<a ",
    "<br",
    "<class",
    "<function",
    "<module",
    "<built",
    "<bound",
    "<frozen",
    "<unprintable",
    "<object",
    "<not",
];

impl Rule for Placeholder {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let message = subject
            .evidence
            .and_then(|it| it.failure.exception.as_ref())
            .map_or("", |it| it.message.as_str());
        let files = subject
            .folder
            .readme
            .iter()
            .chain(&subject.folder.tests)
            .chain(&subject.folder.script);
        for file in files {
            for found in PLACEHOLDER.find_iter(&file.text) {
                let word = found.as_str();
                let is_readme = file.path == "README.md";
                // In code only a template's own brackets: `a <b and c> d` has spaces around them.
                if message.contains(word)
                    || PYTHON.iter().any(|start| word.starts_with(start))
                    || !is_readme && !word.starts_with('<')
                {
                    continue;
                }
                let text =
                    format!("the placeholder `{word}` is left; replace it by what it asks for");
                findings.push(&file.path, found.range().into(), text, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn reprs_and_html_are_none() {
        check(
            "DOC003",
            "//- README.md\n<details><summary>x</summary> `<class 'int'>` <br> <lambda> <built-in function len>\n",
        );
    }
}
