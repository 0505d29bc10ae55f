//! Lists without some of their elements, sums without some of their terms.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::rewrite::indentation_of;
use super::whole::Whole;
use crate::edits::Edit;
use crate::source::{Module, named_children, span, walk};

/// A list that went on one row is no longer than this.
const WIDTH: usize = 88;

/// The lists of which elements went, with what is around them where that fits on a row now, in the order of the text.
pub(super) fn lists(module: &Module, gone: &BTreeSet<usize>) -> Vec<Edit> {
    let mut lists = Vec::new();
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
            lists.push((span(node), written));
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
