//! `# reprolens: ignore[ENV004] reason`: a finding that a person has decided to keep.
//!
//! The comment counts for its own line and, where it stands alone, for the next line; for a finding of a whole file, anywhere
//! in the file's first lines. In Markdown it is `<!-- reprolens: ignore[DOC005] reason -->`.

use std::collections::{HashMap, HashSet};

use repro::{Folder, FolderFile};
use text::{LineIndex, Span};

use crate::finding::Finding;

const MARK: &str = "reprolens: ignore[";

/// First lines of a file in which a comment counts for all of it.
const FIRST_LINES: u32 = 5;

/// The comments of a folder's files.
pub(crate) struct Suppressions<'a> {
    files: HashMap<&'a str, Marked<'a>>,
}

/// The comments of one file.
struct Marked<'a> {
    index: LineIndex,
    /// The lines, from 0, that comments count for, with the ids.
    ids: HashSet<(u32, &'a str)>,
}

/// A comment that names no rule: it suppresses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// Relative to the folder.
    pub path: String,
    pub span: Span,
    pub id: String,
}

impl<'a> Suppressions<'a> {
    pub(crate) fn of(folder: &'a Folder) -> Self {
        let marked = files(folder).filter(|file| file.text.contains(MARK));
        Self {
            files: marked
                .map(|file| {
                    let marked = Marked {
                        index: LineIndex::new(&file.text),
                        ids: lines(&file.text),
                    };
                    (file.path.as_str(), marked)
                })
                .collect(),
        }
    }

    pub(crate) fn hold(&self, finding: &Finding) -> bool {
        let Some(Marked { index, ids }) = self.files.get(finding.path.as_str()) else {
            return false;
        };
        let line = index.line_of(finding.span.start);
        let of_file = finding.span.is_empty()
            && (0..FIRST_LINES).any(|line| ids.contains(&(line, finding.rule.id)));
        of_file || ids.contains(&(line, finding.rule.id))
    }
}

/// Comments that name rules which do not exist.
pub(crate) fn unknown(folder: &Folder) -> Vec<UnknownRule> {
    let mut unknown = Vec::new();
    for file in files(folder) {
        for (at, _) in file.text.match_indices(MARK) {
            for (id, span) in ids(&file.text, at) {
                if !crate::rules().any(|info| info.id == id) {
                    unknown.push(UnknownRule {
                        path: file.path.clone(),
                        span,
                        id: id.to_owned(),
                    });
                }
            }
        }
    }
    unknown
}

/// The lines, from 0, that comments count for, with the ids.
fn lines(text: &str) -> HashSet<(u32, &str)> {
    let mut lines = HashSet::new();
    for (number, line) in (0..).zip(text.lines()) {
        let Some(at) = line.find(MARK) else {
            continue;
        };
        // A comment that stands alone is about what follows it.
        let alone = line.trim_start().starts_with(['#', '<']);
        for (id, _) in ids(line, at) {
            lines.insert((number, id));
            if alone {
                lines.insert((number + 1, id));
            }
        }
    }
    lines
}

/// The ids of the comment at `at`, with their places.
fn ids(text: &str, at: usize) -> Vec<(&str, Span)> {
    let mut start = at + MARK.len();
    let line = text[start..].lines().next().unwrap_or_default();
    let Some((list, _)) = line.split_once(']') else {
        return Vec::new();
    };
    let mut ids = Vec::new();
    for part in list.split(',') {
        let id = part.trim();
        let from = start + (part.len() - part.trim_start().len());
        ids.push((id, Span::new(from, from + id.len())));
        start += part.len() + 1;
    }
    ids
}

fn files(folder: &Folder) -> impl Iterator<Item = &FolderFile> {
    let own = folder.script.iter().chain(&folder.tests);
    own.chain(&folder.readme).chain(&folder.others)
}

#[cfg(test)]
mod tests {
    use crate::Config;
    use crate::testing::Case;

    /// How often the rule is found.
    #[track_caller]
    fn check(id: &str, fixture: &str, expected: usize) {
        let found = Case::parse(fixture).findings(&Config::all());
        let found = found.iter().filter(|it| it.rule.id == id).count();
        assert_eq!(found, expected, "{fixture}");
    }

    #[test]
    fn on_the_line_above_it_or_for_the_file() {
        let script = |line: &str| format!("//- run_test.sh\n#!/bin/bash\n{line}\n");
        check(
            "RUN008",
            &script("pytest a  # reprolens: ignore[RUN008] it cannot hang"),
            0,
        );
        check(
            "RUN008",
            &script("# reprolens: ignore[RUN008]\npytest a"),
            0,
        );
        check(
            "RUN008",
            &script("# reprolens: ignore[RUN010, RUN008] as in CI\npytest a"),
            0,
        );
        check(
            "RUN010",
            &script("# reprolens: ignore[RUN010,RUN008]\npytest a"),
            0,
        );
        check(
            "RUN008",
            &script("# reprolens: ignore[RUN008]\n\npytest a"),
            1,
        );
        check(
            "RUN008",
            &script("# reprolens: ignore[RUN009]\npytest a"),
            1,
        );
        check("RUN008", &script("# reprolens: ignore[RUN008\npytest a"), 1);
        check(
            "RUN008",
            &script("echo 1  # reprolens: ignore[RUN008]\npytest a"),
            1,
        );
    }

    #[test]
    fn in_python_and_in_markdown() {
        let test = "//- tests/test_a_repro.py\nimport os  # reprolens: ignore[TST011] its import fails\ndef test_a(): assert 1\n";
        check("TST011", test, 0);
        let readme = "//- README.md\n<!-- reprolens: ignore[DOC003] quoted -->\n- `<some name>`\n- `<some name>`\n";
        check("DOC003", readme, 1);
        let title = "//- README.md\n# A  <!-- reprolens: ignore[DOC002] see the issue -->\n";
        check("DOC002", title, 0);
    }

    #[test]
    fn a_name_that_is_no_rule_is_told() {
        let case = Case::parse("//- run_test.sh\n# reprolens: ignore[RUN008, RUN80,env001] why\n");
        let unknown = super::unknown(&case.folder);
        let told: Vec<(&str, &str)> = unknown
            .iter()
            .map(|it| {
                (
                    it.id.as_str(),
                    it.span.of(&case.folder.script.as_ref().unwrap().text),
                )
            })
            .collect();
        assert_eq!(told, [("RUN80", "RUN80"), ("env001", "env001")]);
    }
}
