//! What has another spelling with the same meaning: literals of containers, and ranges that begin at zero.

use text::Span;
use tree_sitter::Node;

use super::Code;
use crate::edits::{Edit, applied};
use crate::reduce::FAILS_HERE;
use crate::slice::write::is_in_marked;
use crate::source::{Arguments, Module, is_statement, named_children, span, walk};

/// The text with those written as a person would today. The failing statement stays: its line is compared.
pub(crate) fn modern(text: &str) -> String {
    let calls = ["dict(", "list(", "range(", "set(", "tuple("];
    if !calls.iter().any(|it| text.contains(it)) {
        return text.to_owned();
    }
    let module = Module::generated(text);
    if module.root().has_error() {
        return text.to_owned();
    }
    let code = Code::of(&module);
    let mut edits: Vec<Edit> = Vec::new();
    walk(module.root(), |node| {
        if node.kind() == "call" && !is_in_marked(&module, node) && !is_shown(&module, node) {
            edits.extend(literal(&code, node));
        }
        true
    });
    applied(text, edits)
}

/// Whether a comment shows that a node's statement fails.
fn is_shown(module: &Module, node: Node<'_>) -> bool {
    let mut around = std::iter::successors(Some(node), Node::parent);
    let statement = around.find(|it| is_statement(*it)).unwrap_or(node);
    module
        .rows(span(statement))
        .of(&module.text)
        .contains(FAILS_HERE)
}

/// `set([1, 2])`
pub(super) fn set_of_literal<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let arguments = Arguments::of(code.module, call);
    let [argument] = arguments.positional[..] else {
        return None;
    };
    let is_literal = matches!(argument.kind(), "list" | "tuple");
    let is_plain = arguments.keywords.is_empty() && !arguments.unpacked;
    (code.calls(call, &["set"]) && is_literal && is_plain).then_some(call)
}

/// `dict()`, `dict(a=1)`, `list()`, `tuple()`
pub(super) fn empty_or_keywords<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let arguments = Arguments::of(code.module, call);
    let is_plain = arguments.positional.is_empty() && !arguments.unpacked;
    let is_it = match arguments.keywords[..] {
        [] => code.calls(call, &["dict", "list", "tuple"]),
        _ => code.calls(call, &["dict"]),
    };
    (is_it && is_plain).then_some(call)
}

/// `range(0, n)`
pub(super) fn range_from_zero<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let arguments = Arguments::of(code.module, call);
    let [first, _] = arguments.positional[..] else {
        return None;
    };
    let is_plain = arguments.keywords.is_empty() && !arguments.unpacked;
    (code.calls(call, &["range"]) && code.source(first) == "0" && is_plain).then_some(first)
}

/// The changes that write such a call anew.
fn literal<'t>(code: &Code<'t>, call: Node<'t>) -> Vec<Edit> {
    let (Some(function), Some(list)) = (
        call.child_by_field_name("function"),
        call.child_by_field_name("arguments"),
    ) else {
        return Vec::new();
    };
    let (start, end) = (call.start_byte(), call.end_byte());
    let around = |from: usize, open: &str, to: usize, close: &str| {
        vec![
            (Span::new(start, from), open.to_owned()),
            (Span::new(to, end), close.to_owned()),
        ]
    };
    if range_from_zero(code, call).is_some() {
        let inside = named_children(list);
        let between = Span::new(inside[0].start_byte(), inside[1].start_byte());
        return vec![(between, String::new())];
    }
    if set_of_literal(code, call).is_some() {
        let inside = named_children(list)[0];
        let elements = named_children(inside);
        // `{}` is none, and a `*` alone is one too short for `(*a,)`.
        if elements.is_empty() {
            return vec![(span(list), "()".to_owned())];
        }
        return around(inside.start_byte() + 1, "{", inside.end_byte() - 1, "}");
    }
    if empty_or_keywords(code, call).is_none() {
        return Vec::new();
    }
    let keywords = named_children(list);
    let (open, close) = match code.source(function) {
        "list" => ("[", "]"),
        "tuple" => ("(", ")"),
        _ => ("{", "}"),
    };
    let mut edits = around(list.start_byte() + 1, open, list.end_byte() - 1, close);
    for keyword in keywords {
        let (Some(name), Some(value)) = (
            keyword.child_by_field_name("name"),
            keyword.child_by_field_name("value"),
        ) else {
            return Vec::new();
        };
        let before = Span::new(name.start_byte(), value.start_byte());
        edits.push((before, format!("'{}': ", code.source(name))));
    }
    edits
}
