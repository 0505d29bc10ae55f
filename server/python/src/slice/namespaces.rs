//! Namespaces whose parts stand beside them by now: a fixture's classes in the same function, a helper module's names in the module.

use std::collections::{BTreeMap, BTreeSet};

use text::Span;
use tree_sitter::Node;

use super::write::is_marked;
use crate::edits::applied;
use crate::source::{Module, named_children, span, walk};

/// `models = SimpleNamespace(Student=Student)` goes where only its parts are used, by their own names.
pub(super) fn without_namespaces(text: &str) -> String {
    if !text.contains("SimpleNamespace(") {
        return text.to_owned();
    }
    let module = Module::generated(text);
    let mut found: BTreeMap<&str, (Node<'_>, BTreeSet<&str>)> = BTreeMap::new();
    walk(module.root(), |node| {
        if node.kind() == "expression_statement"
            && let Some(assigned) = named_children(node).first()
            && let Some(value) = assigned.child_by_field_name("right")
            && value.kind() == "call"
            && module.field(value, "function") == "SimpleNamespace"
            && let Some(list) = value.child_by_field_name("arguments")
            && named_children(list).iter().all(|argument| {
                argument.kind() == "keyword_argument"
                    && module.field(*argument, "name") == module.field(*argument, "value")
            })
            && (node.start_position().column > 0
                || names_of(&module, list).all(|name| is_one_thing(&module, name)))
        {
            let names = names_of(&module, list).collect();
            found.insert(module.field(*assigned, "left"), (node, names));
        }
        true
    });
    let mut uses: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    let mut others: BTreeSet<&str> = BTreeSet::new();
    walk(module.root(), |node| {
        let name = module.source(node);
        let Some((statement, parts)) = (node.kind() == "identifier")
            .then(|| found.get(name))
            .flatten()
        else {
            return true;
        };
        if statement.start_byte() == node.start_byte() {
            return true;
        }
        let part = node.parent().filter(|parent| {
            parent.kind() == "attribute" && parent.start_byte() == node.start_byte()
        });
        match part {
            Some(part)
                if parts.contains(module.field(part, "attribute"))
                    && !is_marked(&module, span(node)) =>
            {
                uses.entry(name)
                    .or_default()
                    .push(Span::new(node.start_byte(), node.end_byte() + 1));
            }
            _ => {
                others.insert(name);
            }
        }
        true
    });
    let mut cuts: Vec<Span> = Vec::new();
    for (name, (statement, _)) in &found {
        let rows = module.rows(span(*statement));
        let alone = rows.of(text).trim() == module.source(*statement);
        if alone && !others.contains(name) {
            cuts.push(rows);
            cuts.extend(uses.get(name).into_iter().flatten());
        }
    }
    let out = applied(
        text,
        cuts.into_iter().map(|it| (it, String::new())).collect(),
    );
    if Module::generated(&out).root().has_error() {
        return text.to_owned();
    }
    out
}

/// The names that the keywords of a call give.
fn names_of<'t>(module: &'t Module, list: Node<'t>) -> impl Iterator<Item = &'t str> {
    named_children(list)
        .into_iter()
        .map(|argument| module.field(argument, "name"))
}

/// Whether a name of the module is bound nowhere else, so that it stands for the same thing in each function.
fn is_one_thing(module: &Module, name: &str) -> bool {
    let mut is_one = true;
    walk(module.root(), |node| {
        if node.kind() == "identifier"
            && module.source(node) == name
            && let Some(parent) = node.parent()
        {
            let is_read = matches!(
                parent.kind(),
                "attribute" | "call" | "argument_list" | "keyword_argument" | "decorator"
            );
            is_one &= is_read || parent.start_position().column == 0;
        }
        is_one
    });
    is_one
}
