//! Names that fixtures of a conftest give to doctests by `doctest_namespace["name"] = value`, where the repro's place cannot see that
//! conftest: they are names of the repro's module.

use std::collections::BTreeSet;

use tree_sitter::Node;

use crate::project::{ancestors, join, split};
use crate::slice::bring::Bring;
use crate::slice::facts::{Facts, Names};
use crate::slice::test_code::is_visible;
use crate::source::{Module, body, named_children, span, walk};

const NAMESPACE: &str = "doctest_namespace";

/// The statements that make these names in the module, in the order of the conftests, the nearest first; imports are brought along.
pub(super) fn statements(test: &str, names: &Names, bring: &mut Bring<'_, '_>) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    let mut missing = names.clone();
    for folder in ancestors(split(test).0) {
        let path = join(folder, "conftest.py");
        let Some(module) = bring.project.module(&path) else {
            continue;
        };
        if is_visible(&path, &bring.destination) {
            continue;
        }
        for function in functions(module) {
            for (name, value) in given(module, function) {
                if missing.remove(name) {
                    let lines = statements_of(module, function, name, value);
                    let known = lines.iter().flat_map(|it| facts(it).binds).collect();
                    bring.needs_of(module, &lines.join("\n"), &known);
                    let (imports, others): (Vec<_>, Vec<_>) = lines
                        .into_iter()
                        .partition(|it| it.starts_with("import ") || it.starts_with("from "));
                    imports.into_iter().for_each(|it| bring.import(it));
                    made.extend(others);
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    made.retain(|line| seen.insert(line.clone()));
    made
}

/// The functions of a module that have the namespace.
fn functions(module: &Module) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    walk(module.root(), |node| {
        let is_function = node.kind() == "function_definition";
        let parameters = node
            .child_by_field_name("parameters")
            .filter(|_| is_function);
        let names = parameters.map(named_children).unwrap_or_default();
        if names.iter().any(|it| module.source(*it) == NAMESPACE) {
            found.push(node);
        }
        !is_function
    });
    found
}

/// The names that a function gives, each with its value.
fn given<'t>(module: &'t Module, function: Node<'t>) -> Vec<(&'t str, Node<'t>)> {
    let mut found = Vec::new();
    walk(function, |node| {
        let target = node
            .child_by_field_name("left")
            .filter(|_| node.kind() == "assignment");
        let key = target
            .filter(|it| module.field(*it, "value") == NAMESPACE)
            .map(|it| module.field(it, "subscript").trim_matches(['"', '\'']));
        found.extend(key.zip(node.child_by_field_name("right")));
        true
    });
    found
}

/// `name = value`, after what the function makes of the value before; an imported module is imported by its new name.
fn statements_of(module: &Module, function: Node<'_>, name: &str, value: Node<'_>) -> Vec<String> {
    let source = module.source(value);
    let plain = format!("import {source}");
    let is_import = |it: &Node<'_>| module.source(*it) == plain;
    let own = body(function);
    if own.iter().any(is_import) || module.statements().iter().any(is_import) {
        let import = match source == name {
            true => plain,
            false => format!("{plain} as {name}"),
        };
        return vec![import];
    }
    let mut needed = facts(source).uses;
    let mut lines = Vec::new();
    if source != name {
        lines.push(format!("{name} = {source}"));
    }
    let before = own
        .into_iter()
        .rev()
        .filter(|it| it.end_byte() <= value.start_byte());
    for statement in before {
        let binds = Facts::of(module, statement).binds;
        if binds.iter().any(|it| needed.contains(it)) {
            needed.extend(Facts::of(module, statement).uses);
            lines.push(span(statement).of(&module.text).to_owned());
        }
    }
    lines.reverse();
    lines
}

fn facts(text: &str) -> Facts {
    let module = Module::generated(text);
    Facts::of(&module, module.root())
}
