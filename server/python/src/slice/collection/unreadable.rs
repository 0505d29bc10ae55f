//! Statements that Python cannot read.

use crate::model::Level;
use crate::slice::bring::Bring;
use crate::source::Module;

/// What Python cannot read at a row: the statement, where the grammar knows it (Python 2's), or else, for the smallest slice, the line.
pub(super) fn unreadable<'s>(
    module: &'s Module,
    row: usize,
    bring: &Bring<'s, '_>,
) -> Option<Vec<String>> {
    let text = module.line_text(u32::try_from(row + 1).ok()?)?;
    let start = module
        .lines
        .line(&module.text, u32::try_from(row).ok()?)?
        .start
        + (text.len() - text.trim_start().len());
    let mut node = module
        .root()
        .descendant_for_byte_range(start, start + 1)
        .filter(|node| node.start_byte() == start)?;
    while let Some(parent) = node.parent().filter(|parent| {
        parent.start_byte() == start && !matches!(parent.kind(), "block" | "module")
    }) {
        node = parent;
    }
    let mut lines = Vec::new();
    let writer = bring.writer(module);
    match node.kind() {
        "print_statement" | "exec_statement" => {
            writer.span(start, node.end_byte(), start, 0, &mut lines);
        }
        "except_clause" => {
            lines.extend(["try:".to_owned(), "    pass".to_owned()]);
            writer.span(start, start + text.trim().len(), start, 0, &mut lines);
            lines.push("    pass".to_owned());
        }
        _ if bring.level == Level::Smallest => {
            writer.span(start, start + text.trim().len(), start, 0, &mut lines);
        }
        _ => return None,
    }
    Some(lines)
}
