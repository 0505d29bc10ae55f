//! The module without its parts that went, laid out as a person would.

use std::collections::{BTreeMap, BTreeSet};

use text::Span;
use tree_sitter::Node;

use super::emptied::without_emptied;
use super::whole::Whole;
use super::{Part, PartKind};
use crate::model::Level;
use crate::slice::arrange::{arranged, failing_import, one_name_a_line};
use crate::slice::idle::{without_idle_bases, without_unmentioned};
use crate::slice::unused_locals::{NOQA, unused_locals};
use crate::slice::{inside_strings, layout};
use crate::source::{Module, named_children, walk};

/// A list that went on one row is no longer than this.
const WIDTH: usize = 88;

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
    let module = Module::parse("", text.into());
    let of_kind = |kind: PartKind| {
        gone.iter()
            .filter_map(|index| parts.get(*index))
            .filter(move |part| part.kind == kind)
    };
    let texts = inside_strings(&module);
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
        if !texts.contains(&first) {
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
        if let Some(header) = headers.get(&row) {
            out.push_str(header);
            out.push('\n');
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
    let text = unused_locals(&unmarked(&without_headers(out)), Level::Smallest);
    let text = without_unmentioned(&without_idle_bases(&without_emptied(&text)));
    let text = arranged(&layout::unused_imports(&one_name_a_line(&spaced(&text))));
    let text = failing_import(&text);
    let row = text.lines().position(|line| line.ends_with(MARK));
    let mut text = text.replace(MARK, "");
    text.truncate(text.trim_end().len());
    text.push('\n');
    (text, row.and_then(|row| u32::try_from(row).ok()))
}

/// Without the marks of names that nothing reads: they are found anew, where what they stood behind may be on another row now.
fn unmarked(text: &str) -> String {
    let texts = inside_strings(&Module::parse("", text.into()));
    let mut lines: Vec<String> = Vec::new();
    for (row, line) in text.split('\n').enumerate() {
        let mark = if line.ends_with(MARK) { MARK } else { "" };
        let shown = line.strip_suffix(mark).unwrap_or(line);
        let plain = shown.strip_suffix(NOQA);
        lines.push(match plain.filter(|_| !texts.contains(&(row + 1))) {
            Some(plain) => format!("{plain}{mark}"),
            None => line.to_owned(),
        });
    }
    lines.join("\n")
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

/// Blocks whose header went, one level further out.
fn without_headers(mut text: String) -> String {
    loop {
        let module = Module::parse("", text.as_str().into());
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
        let texts = inside_strings(&module);
        let last = block.end_position().row;
        let mut lines: Vec<&str> = Vec::new();
        for (row, line) in text.split('\n').enumerate() {
            let moves = header < row && row <= last && !texts.contains(&row);
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

/// The lists of which elements went, with what is around them where that fits on a row now: start, end and new text.
fn lists(module: &Module, gone: &BTreeSet<usize>) -> BTreeMap<usize, (usize, String)> {
    let mut lists = BTreeMap::new();
    if gone.is_empty() {
        return lists;
    }
    walk(module.root(), |node| {
        let is_whole = !terms_without(node, gone).is_empty();
        if !(is_whole || is_list(node)) || gone.range(node.byte_range()).next().is_none() {
            return true;
        }
        let column = indentation_of(module, node.start_position().row);
        let written = written(module, node, gone, column);
        let changed = is_whole
            || named_children(node)
                .iter()
                .any(|child| gone.contains(&child.start_byte()))
            || !written.contains('\n');
        if changed {
            lists.insert(node.start_byte(), (node.end_byte(), written));
        }
        !changed
    });
    lists
}

fn is_list(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "list" | "tuple" | "set" | "dictionary" | "argument_list" | "parameters"
    )
}

/// The terms of a sum or of alternatives, or of those in brackets, and whether each stays; empty where all do.
fn terms_without<'t>(node: Node<'t>, gone: &BTreeSet<usize>) -> Vec<(Node<'t>, bool)> {
    let whole = match node.kind() {
        "binary_operator" => Some(node),
        "parenthesized_expression" => named_children(node).first().copied(),
        _ => None,
    };
    let Some(whole) = whole.map(Whole::of) else {
        return Vec::new();
    };
    let stays = |index: usize| {
        let span = whole.span(index);
        span.is_none_or(|span| !gone.contains(&span.start))
    };
    let terms = whole.terms.iter().enumerate();
    let terms: Vec<_> = terms.map(|(index, term)| (*term, stays(index))).collect();
    let all_stay = terms.iter().all(|(_, stays)| *stays);
    if all_stay { Vec::new() } else { terms }
}

fn indentation_of(module: &Module, row: usize) -> usize {
    line_at(module, row).map_or(0, |line| line.len() - line.trim_start().len())
}

/// A node's text without the elements that went.
fn written(module: &Module, node: Node<'_>, gone: &BTreeSet<usize>, column: usize) -> String {
    let terms = terms_without(node, gone);
    if !terms.is_empty() {
        let mut out = String::new();
        let mut kept = 0;
        // The sign behind a term, with the spaces and rows around it.
        let mut sign = "";
        for (index, (term, stays)) in terms.iter().enumerate() {
            if *stays {
                out.push_str(sign);
                out.push_str(&written(module, *term, gone, column));
                kept += 1;
                if let Some((next, _)) = terms.get(index + 1) {
                    sign = &module.text[term.end_byte()..next.start_byte()];
                }
            }
        }
        // One term that is all of a value needs no brackets.
        let is_value = node
            .parent()
            .is_some_and(|parent| parent.kind() == "assignment");
        let stays_one = kept == 1 && is_value && !out.contains('\n');
        let in_brackets = node.kind() == "parenthesized_expression" && !stays_one;
        return if in_brackets { format!("({out})") } else { out };
    }
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

/// Blank lines: two around a definition of the outermost level and at most one elsewhere, inside of blocks one before a definition,
/// none behind a header.
fn spaced(text: &str) -> String {
    let texts = inside_strings(&Module::parse("", text.into()));
    let mut out: Vec<&str> = Vec::new();
    let mut blank = 0;
    // Whether the last line of the outermost level began a definition.
    let mut defined = false;
    for (row, line) in text.split('\n').enumerate() {
        if texts.contains(&row) {
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
        let behind_decorator = out.last().is_some_and(|line| line.starts_with(['@', '#']));
        let (least, most) = match inside {
            _ if out.is_empty() => (0, 0),
            true if behind(&[':', '(', '[', '{']) => (0, 0),
            true => (0, usize::from(definition)),
            false if behind_decorator => (0, 2),
            false if definition || defined => (2, 2),
            false if line.starts_with('#') => (0, 2),
            false => (0, 1),
        };
        out.extend(std::iter::repeat_n("", blank.clamp(least, most)));
        blank = 0;
        if !inside {
            defined = definition && !line.starts_with('@');
        }
        out.push(line);
    }
    let mut text = out.join("\n");
    text.push('\n');
    text
}

fn is_definition(line: &str) -> bool {
    ["def ", "class ", "@", "async def "]
        .iter()
        .any(|start| line.starts_with(start))
}
