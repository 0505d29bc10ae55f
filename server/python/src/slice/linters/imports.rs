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
    let mut read: BTreeSet<&str> = BTreeSet::new();
    walk(scope, |node| {
        if matches!(node.kind(), "identifier" | "string_content") && !is_label(node) {
            // `__all__`, and names that texts tell.
            read.insert(code.source(node));
        }
        !node.kind().starts_with("import_")
    });
    let unread = |node: &Node<'t>| {
        let bound = match node.kind() {
            "aliased_import" => code.field(*node, "alias"),
            "dotted_name" => code.source(*node),
            _ => return false,
        };
        let bound = bound.split('.').next().unwrap_or_default();
        Some(*node) != from && !read.contains(bound)
    };
    let names = named_children(statement);
    names.iter().any(unread).then_some(statement)
}
