//! The module without its parts that went, laid out as a person would.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::{Part, PartKind};
use crate::model::Level;
use crate::slice::layout;
use crate::source::{Module, named_children, walk};

/// A list that went on one row is no longer than this.
const WIDTH: usize = 88;

/// Stands at the failing line while it is looked for again.
const MARK: &str = "  #\u{1}";

/// The text without the parts of these indexes, and the row of the failing line in it.
pub fn without(
    text: &str,
    parts: &[Part],
    gone: &[usize],
    failing: Option<u32>,
) -> (String, Option<u32>) {
    let module = Module::parse("", text.into());
    let of_kind = |kind: PartKind| {
        gone.iter()
            .filter_map(|index| parts.get(*index))
            .filter(move |part| part.kind == kind)
    };
    let mut rows: BTreeSet<usize> = BTreeSet::new();
    for part in of_kind(PartKind::Statement).chain(of_kind(PartKind::Decorator)) {
        let lines = &module.lines;
        let first = lines.line_of(part.span.start) as usize;
        let last = lines.line_of(part.span.end.saturating_sub(1).max(part.span.start)) as usize;
        rows.extend(first..=last);
        rows.extend(comments_above(&module, first));
    }
    let passes = empty_blocks(&module, &rows);
    let elements: BTreeSet<usize> = of_kind(PartKind::Element)
        .map(|part| part.span.start)
        .collect();
    let lists = lists(&module, &elements);
    let mut out = String::new();
    let mut skip_to = 0;
    for (row, line) in text.split('\n').enumerate() {
        if row < skip_to {
            continue;
        }
        if let Some(column) = passes.get(&row) {
            out.push_str(&" ".repeat(*column));
            out.push_str("pass\n");
            continue;
        }
        if rows.contains(&row) {
            continue;
        }
        let mut line = line.to_owned();
        let mut last = row;
        // Lists that begin on this row; those behind them on the row where they end, too.
        let mut start = module
            .lines
            .line(text, row as u32)
            .map_or(0, |line| line.start);
        let mut written = String::new();
        let mut end = start + line.len();
        while let Some((from, (to, list))) = lists.range(start..end).next() {
            written.push_str(&text[start..*from]);
            written.push_str(list);
            start = *to;
            last = module.lines.line_of(*to) as usize;
            end = module
                .lines
                .line(text, last as u32)
                .map_or(text.len(), |line| line.end);
        }
        if last > row || !written.is_empty() {
            written.push_str(text.get(start..end).unwrap_or_default());
            line = written;
        }
        out.push_str(&line);
        if failing.is_some_and(|failing| (row..=last).contains(&(failing as usize))) {
            out.push_str(MARK);
        }
        out.push('\n');
        skip_to = last + 1;
    }
    let text = layout::unused_imports(&one_name_a_line(&spaced(&out)), Level::Smallest);
    let row = text.lines().position(|line| line.ends_with(MARK));
    let mut text = text.replace(MARK, "");
    text.truncate(text.trim_end().len());
    text.push('\n');
    (text, row.and_then(|row| u32::try_from(row).ok()))
}

/// What the module imports, and a test that does nothing: what a first look at the module may load.
pub fn imports_only(text: &str) -> String {
    let module = Module::parse("", text.into());
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

/// Rows of comments that stand right above a row.
fn comments_above(module: &Module, first: usize) -> Vec<usize> {
    (0..first)
        .rev()
        .take_while(|row| {
            let line = u32::try_from(row + 1).ok();
            line.and_then(|line| module.line_text(line))
                .is_some_and(|line| line.trim_start().starts_with('#'))
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

/// The outermost lists of which elements went: start, end and new text.
fn lists(module: &Module, gone: &BTreeSet<usize>) -> BTreeMap<usize, (usize, String)> {
    let mut lists = BTreeMap::new();
    if gone.is_empty() {
        return lists;
    }
    walk(module.root(), |node| {
        let changed = is_list(node)
            && named_children(node)
                .iter()
                .any(|child| gone.contains(&child.start_byte()));
        if changed {
            let column = indentation(module, node);
            let written = written(module, node, gone, column);
            lists.insert(node.start_byte(), (node.end_byte(), written));
        }
        !changed
    });
    lists
}

fn is_list(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "list" | "tuple" | "set" | "dictionary" | "argument_list"
    )
}

fn indentation(module: &Module, node: Node<'_>) -> usize {
    let line = module.line_text(module.line_of(node.start_byte()));
    line.map_or(0, |line| line.len() - line.trim_start().len())
}

/// A node's text without the elements that went.
fn written(module: &Module, node: Node<'_>, gone: &BTreeSet<usize>, column: usize) -> String {
    if !is_list(node) {
        let mut out = String::new();
        let mut at = node.start_byte();
        for child in named_children(node) {
            out.push_str(&module.text[at..child.start_byte()]);
            out.push_str(&written(module, child, gone, column));
            at = child.end_byte();
        }
        out.push_str(&module.text[at..node.end_byte()]);
        return out;
    }
    let inside = node.start_byte()..node.end_byte();
    if gone.range(inside).next().is_none() {
        return module.source(node).to_owned();
    }
    let source = module.source(node);
    let (open, close) = (&source[..1], &source[source.len() - 1..]);
    let kept: Vec<String> = named_children(node)
        .into_iter()
        .filter(|child| !gone.contains(&child.start_byte()))
        .map(|child| written(module, child, gone, column + 4))
        .collect();
    match (node.kind(), kept.as_slice()) {
        ("set", []) => return "set()".to_owned(),
        ("argument_list", [])
            if node
                .parent()
                .is_some_and(|parent| parent.kind() == "class_definition") =>
        {
            return String::new();
        }
        ("tuple", [only]) => return format!("({only},)"),
        _ => {}
    }
    let single = format!("{open}{}{close}", kept.join(", "));
    let before = module
        .line_text(module.line_of(node.start_byte()))
        .map_or(0, |line| line.len().min(node.start_position().column));
    if !single.contains('\n') && before + single.len() <= WIDTH {
        return single;
    }
    let inner = " ".repeat(column + 4);
    let mut out = format!("{open}\n");
    for element in kept {
        out.push_str(&format!("{inner}{element},\n"));
    }
    out.push_str(&" ".repeat(column));
    out.push_str(close);
    out
}

/// `from x import a, b` as two lines, so that each goes by itself; they are put together again.
fn one_name_a_line(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        match line
            .strip_prefix("from ")
            .and_then(|rest| rest.split_once(" import "))
        {
            Some((from, names)) if !names.contains(['#', '(', '*', '\\']) => {
                for name in names.trim_end().split(", ") {
                    out.push_str(&format!("from {from} import {name}\n"));
                }
            }
            _ => out.push_str(line),
        }
    }
    out
}

/// Blank lines: at most two, one inside of blocks, none behind a header.
fn spaced(text: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut blank = 0;
    for line in text.split('\n') {
        if line.trim().is_empty() {
            blank += 1;
            continue;
        }
        let inside = line.starts_with([' ', '\t', ')', ']', '}']);
        let behind_header = out
            .last()
            .is_some_and(|line| line.trim_end().ends_with([':', '(', '[', '{']));
        let most = match (inside, behind_header) {
            _ if out.is_empty() => 0,
            (true, true) => 0,
            (true, false) => 1,
            _ => 2,
        };
        let definition = ["def ", "class ", "@", "async def "]
            .iter()
            .any(|start| line.starts_with(start));
        let behind_block = out.last().is_some_and(|line| line.starts_with([' ', '\t']));
        let least = if !inside && behind_block && definition && blank > 0 {
            2
        } else {
            0
        };
        let gap = blank.min(most).max(least.min(most));
        out.extend(std::iter::repeat_n("", gap));
        blank = 0;
        out.push(line);
    }
    let mut text = out.join("\n");
    text.push('\n');
    text
}
