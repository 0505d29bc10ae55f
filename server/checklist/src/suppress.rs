//! `# reprolens: ignore[ENV004] reason`: a finding that a person has decided to keep.
//!
//! The comment counts for its own line and, where it stands alone, for the next line; for a finding of a whole file, anywhere
//! in the file's first lines. In Markdown it is `<!-- reprolens: ignore[DOC005] reason -->`.

use repro::{Folder, FolderFile};
use text::LineIndex;

use crate::finding::Finding;

const MARK: &str = "reprolens: ignore[";

pub(crate) fn is_suppressed(folder: &Folder, finding: &Finding) -> bool {
    let Some(file) = file(folder, &finding.path) else {
        return false;
    };
    if !file.text.contains(MARK) {
        return false;
    }
    let line = LineIndex::new(&file.text).line_of(finding.span.start) as usize;
    let lines: Vec<&str> = file.text.lines().collect();
    let own = lines.get(line).copied().unwrap_or_default();
    let before = line
        .checked_sub(1)
        .and_then(|before| lines.get(before))
        .copied()
        .unwrap_or_default();
    let stands_alone = before.trim_start().starts_with(['#', '<']);
    let of_file = finding.span.is_empty()
        && lines
            .iter()
            .take(5)
            .any(|line| names(line, finding.rule.id));
    names(own, finding.rule.id) || stands_alone && names(before, finding.rule.id) || of_file
}

/// Whether a line's comment names the rule.
fn names(line: &str, id: &str) -> bool {
    let Some(at) = line.find(MARK) else {
        return false;
    };
    let rest = &line[at + MARK.len()..];
    let list = rest.split(']').next().unwrap_or_default();
    list.split(',').any(|name| name.trim() == id)
}

fn file<'a>(folder: &'a Folder, path: &str) -> Option<&'a FolderFile> {
    let own = folder
        .script
        .iter()
        .chain(&folder.tests)
        .chain(&folder.readme)
        .chain(&folder.others);
    own.into_iter().find(|file| file.path == path)
}
