//! Imports whose names nothing reads, and that stay all the same: what they load may matter.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::Code;
use crate::source::{is_label, named_children, walk};

/// An import of a name that its function does not read, or, outside of functions, its module.
pub(super) fn unread<'t>(code: &Code<'t>, statement: Node<'t>) -> Option<Node<'t>> {
    let around = std::iter::successors(statement.parent(), Node::parent);
    let is_scope = |it: &Node<'_>| matches!(it.kind(), "function_definition" | "module");
    let scope = around.into_iter().find(is_scope)?;
    let from = statement.child_by_field_name("module_name");
    let names = named_children(statement).into_iter();
    let names = names.filter(|it| Some(*it) != from);
    let bound = names.filter_map(|node| match node.kind() {
        "aliased_import" => Some(code.field(node, "alias")),
        "dotted_name" => code.source(node).split('.').next(),
        _ => None,
    });
    let mut unread: BTreeSet<&str> = bound.collect();
    walk(scope, |node| {
        let kind = node.kind();
        // `__all__`, and names that texts tell.
        if matches!(kind, "identifier" | "string_content")
            && unread.contains(code.source(node))
            && !is_label(node)
        {
            unread.remove(code.source(node));
        }
        !unread.is_empty() && !kind.starts_with("import_")
    });
    (!unread.is_empty()).then_some(statement)
}
