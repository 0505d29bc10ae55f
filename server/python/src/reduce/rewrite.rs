//! The module without its parts that went, laid out as a person would.

use std::collections::{BTreeMap, BTreeSet};

use text::Span;
use tree_sitter::Node;

use super::emptied::without_emptied;
use super::lists::lists;
use super::{Part, PartKind};
use crate::edits::applied;
use crate::model::Level;
use crate::slice::arrange::{arranged, failing_import, one_name_a_line};
use crate::slice::idle::{without_idle_bases, without_unmentioned};
use crate::slice::layout;
use crate::slice::linters::{excused, modern, without_noqa};
use crate::slice::unused_locals::unused_locals;
use crate::source::{Module, named_children, walk};

/// Stands at the failing line while it is looked for again.
const MARK: &str = "  #\u{1}";

/// Stands behind the header that takes the place of one that went, until its block stands without it.
const WITHOUT: &str = "if True:  #\u{2}";

/// The text without the parts of these indexes, and the row of the failing line in it.
pub fn without(
    text: &str,
    parts: &[Part],
    gone: &[usize],
    failing: Option<u32>,
) -> (String, Option<u32>) {
    let module = Module::generated(text);
    let of_kind = |kind: PartKind| {
        gone.iter()
            .filter_map(|index| parts.get(*index))
            .filter(move |part| part.kind == kind)
    };
    let rows_of = |span: Span| {
        let end = span.end.saturating_sub(1).max(span.start);
        let lines = &module.lines;
        (
            lines.line_of(span.start) as usize,
            lines.line_of(end) as usize,
        )
    };
    let mut rows: BTreeSet<usize> = BTreeSet::new();
    for part in of_kind(PartKind::Statement).chain(of_kind(PartKind::Rows)) {
        let (first, last) = rows_of(part.span());
        rows.extend(first..=last);
        if !module.begins_in_string(first) {
            rows.extend(comments_above(&module, first));
        }
    }
    let mut headers: BTreeMap<usize, String> = BTreeMap::new();
    for part in of_kind(PartKind::Header) {
        for (at, (span, _)) in part.edits.iter().enumerate() {
            let (first, last) = rows_of(*span);
            if at > 0 {
                // It begins at the end of the block's last row.
                rows.extend(first + 1..=last);
            } else if !rows.contains(&first) {
                let column = indentation_of(&module, first);
                headers.insert(first, format!("{}{WITHOUT}", " ".repeat(column)));
                rows.extend(first + 1..=last);
            }
        }
    }
    let passes = empty_blocks(&module, &rows);
    let elements: BTreeSet<usize> = of_kind(PartKind::Element)
        .map(|part| part.span().start)
        .collect();
    let mut edits = lists(&module, &elements);
    if let Some(line) = failing.and_then(|row| module.lines.line(text, row)) {
        // A list of more rows may be on one with it then.
        let at = edits.iter().fold(line.end, |at, (span, _)| {
            let is_in_it = span.start <= at && at < span.end;
            if is_in_it {
                end_of_row(text, span.end)
            } else {
                at
            }
        });
        edits.push((Span::at(at), MARK.to_owned()));
    }
    for row in passes.keys().chain(&rows).chain(headers.keys()) {
        let instead = match (passes.get(row), headers.get(row)) {
            (Some(column), _) => format!("{}pass\n", " ".repeat(*column)),
            (None, Some(header)) if !rows.contains(row) => format!("{header}\n"),
            _ => String::new(),
        };
        let line = u32::try_from(*row)
            .ok()
            .and_then(|row| module.lines.line(text, row));
        edits.extend(line.map(|line| (module.rows(line), instead)));
    }
    let out = applied(text, edits);
    let text = unused_locals(&without_noqa(&without_headers(out)), Level::Smallest);
    let text = without_unmentioned(&without_idle_bases(&without_emptied(&text)));
    let text = layout::unused_imports(&one_name_a_line(&spaced(&text)));
    let text = excused(&failing_import(&arranged(&modern(&text))));
    let row = text.lines().position(|line| line.ends_with(MARK));
    let mut text = text.replace(MARK, "");
    text.truncate(text.trim_end().len());
    text.push('\n');
    (text, row.and_then(|row| u32::try_from(row).ok()))
}

/// What the module imports, and a test that does nothing: what a first look at the module may load.
pub fn imports_only(text: &str) -> String {
    let module = Module::generated(text);
    let mut out = String::new();
    for statement in module.statements() {
        if statement.kind().contains("import") {
            out.push_str(module.source(statement));
            out.push('\n');
        }
    }
    out.push_str("\n\ndef test_nothing():\n    pass\n");
    out
}

/// Blocks whose header went, one level further out.
fn without_headers(mut text: String) -> String {
    loop {
        let module = Module::generated(&text);
        let mut found = None;
        walk(module.root(), |node| {
            let row = node.start_position().row;
            if found.is_none()
                && node.kind() == "if_statement"
                && line_at(&module, row).is_some_and(|line| line.contains(WITHOUT))
            {
                let block = node.child_by_field_name("consequence");
                found = block.map(|block| (row, node.start_position().column, block));
            }
            found.is_none()
        });
        let Some((header, column, block)) = found else {
            return text;
        };
        let deeper = block.start_position().column.saturating_sub(column);
        let last = block.end_position().row;
        let mut lines: Vec<&str> = Vec::new();
        for (row, line) in text.split('\n').enumerate() {
            let moves = header < row && row <= last && !module.begins_in_string(row);
            let spaces = line.len() - line.trim_start_matches(' ').len();
            match row {
                _ if row == header => {}
                _ if moves => lines.push(&line[deeper.min(spaces)..]),
                _ => lines.push(line),
            }
        }
        text = lines.join("\n");
    }
}

fn line_at(module: &Module, row: usize) -> Option<&str> {
    module.line_text(u32::try_from(row + 1).ok()?)
}

pub(super) fn indentation_of(module: &Module, row: usize) -> usize {
    line_at(module, row).map_or(0, |line| line.len() - line.trim_start().len())
}

/// Rows of comments that stand right above a row.
fn comments_above(module: &Module, first: usize) -> Vec<usize> {
    (0..first)
        .rev()
        .take_while(|row| {
            line_at(module, *row).is_some_and(|line| line.trim_start().starts_with('#'))
        })
        .collect()
}

/// Blocks of which nothing stays: the row and column of their first statement.
fn empty_blocks(module: &Module, gone: &BTreeSet<usize>) -> BTreeMap<usize, usize> {
    let mut passes = BTreeMap::new();
    walk(module.root(), |node| {
        if node.kind() == "block" {
            let statements = named_children(node);
            let is_gone = |node: &Node<'_>| gone.contains(&node.start_position().row);
            let header_stays = node.parent().is_some_and(|parent| !is_gone(&parent));
            if let (Some(first), true, true) = (
                statements.first(),
                statements.iter().all(is_gone),
                header_stays,
            ) {
                let start = first.start_position();
                passes.insert(start.row, start.column);
            }
        }
        true
    });
    passes
}

/// Blank lines: two around a definition of the outermost level and at most one elsewhere, inside of blocks one before a definition,
/// none behind a header and behind a decorator.
fn spaced(text: &str) -> String {
    let module = Module::generated(text);
    let mut out: Vec<&str> = Vec::new();
    let mut blank = 0;
    // Whether the last line of the outermost level began a definition.
    let mut defined = false;
    // Whether it began a decorator, which may have more lines.
    let mut decorated = false;
    for (row, line) in text.split('\n').enumerate() {
        if module.begins_in_string(row) {
            out.push(line);
            continue;
        }
        if line.trim().is_empty() {
            blank += 1;
            continue;
        }
        let inside = line.starts_with([' ', '\t', ')', ']', '}']);
        let behind = |ends: &[char]| {
            let last = out.last().map_or("", |line| line.trim_end());
            last.ends_with(ends)
        };
        let definition = is_definition(line.trim_start());
        let behind_comment = out.last().is_some_and(|line| line.starts_with('#'));
        let (least, most) = match inside {
            _ if out.is_empty() => (0, 0),
            true if behind(&[':', '(', '[', '{']) => (0, 0),
            true => (0, usize::from(definition)),
            false if decorated => (0, 0),
            false if behind_comment => (0, 2),
            false if definition || defined => (2, 2),
            false if line.starts_with('#') => (0, 2),
            false => (0, 1),
        };
        out.extend(std::iter::repeat_n("", blank.clamp(least, most)));
        blank = 0;
        if !inside {
            defined = definition && !line.starts_with('@');
            decorated = line.starts_with('@') || decorated && line.starts_with('#');
        }
        out.push(line);
    }
    let mut text = out.join("\n");
    text.push('\n');
    text
}

fn end_of_row(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end)
}

fn is_definition(line: &str) -> bool {
    ["def ", "class ", "@", "async def "]
        .iter()
        .any(|start| line.starts_with(start))
}
