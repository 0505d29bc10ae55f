//! Functions, classes, lambdas and comprehensions: what they do to names outside of their own scopes.

use tree_sitter::Node;

use super::{Facts, Names};
use crate::source::{Module, named_children, undecorated};

impl Facts {
    /// Merges what an inner scope does: its own names are gone.
    fn merge_scope(&mut self, mut inner: Self, locals: &Names) {
        let outside = |name: &String| !locals.contains(name.split('.').next().unwrap_or(name));
        inner.uses.retain(outside);
        inner.stores.retain(outside);
        inner.attributes.retain(|(name, _)| !locals.contains(name));
        self.uses.extend(inner.uses);
        self.stores.extend(inner.stores);
        self.attributes.extend(inner.attributes);
    }

    pub(super) fn lambda(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        let mut locals = Names::new();
        if let Some(parameters) = node.child_by_field_name("parameters") {
            self.parameters(module, parameters, &mut locals, depth);
        }
        let mut inner = Self::default();
        inner.field(module, node, "body", depth);
        self.merge_scope(inner, &locals);
    }

    pub(super) fn comprehension(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        let mut inner = Self::default();
        inner.children(module, node, depth);
        let calls = std::mem::take(&mut inner.calls);
        let locals = inner.binds.clone();
        self.merge_scope(inner, &locals);
        self.calls.extend(calls);
    }

    /// Parameters are locals; defaults and annotations belong to the outer scope.
    fn parameters(
        &mut self,
        module: &Module,
        parameters: Node<'_>,
        locals: &mut Names,
        depth: usize,
    ) {
        for parameter in named_children(parameters) {
            match parameter.kind() {
                "identifier" => {
                    locals.insert(module.source(parameter).to_owned());
                }
                "default_parameter" | "typed_default_parameter" => {
                    if let Some(name) = parameter.child_by_field_name("name") {
                        locals.insert(module.source(name).to_owned());
                    }
                    self.field(module, parameter, "value", depth);
                    self.field(module, parameter, "type", depth);
                }
                _ => {
                    for child in named_children(parameter) {
                        match child.kind() {
                            "identifier" => {
                                locals.insert(module.source(child).to_owned());
                            }
                            "list_splat_pattern" | "dictionary_splat_pattern" => {
                                for name in named_children(child) {
                                    locals.insert(module.source(name).to_owned());
                                }
                            }
                            _ => self.visit(module, child, depth),
                        }
                    }
                }
            }
        }
    }

    pub(super) fn function(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        if let Some(name) = node.child_by_field_name("name") {
            self.binds.insert(module.source(name).to_owned());
        }
        let mut locals = Names::new();
        if let Some(parameters) = node.child_by_field_name("parameters") {
            self.parameters(module, parameters, &mut locals, depth);
        }
        self.field(module, node, "return_type", depth);
        let mut inner = Self::default();
        inner.field(module, node, "body", depth);
        locals.extend(
            inner
                .binds
                .iter()
                .filter(|name| !inner.outer.contains(*name))
                .cloned(),
        );
        for name in &inner.outer {
            locals.remove(name);
            self.uses.insert(name.clone());
        }
        self.merge_scope(inner, &locals);
    }

    pub(super) fn class(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        if let Some(name) = node.child_by_field_name("name") {
            self.binds.insert(module.source(name).to_owned());
        }
        self.field(module, node, "superclasses", depth);
        let Some(body) = node.child_by_field_name("body") else {
            return;
        };
        let mut bound = Names::new();
        for statement in named_children(body) {
            let mut inner = Self::default();
            inner.visit(module, statement, depth);
            let is_function = undecorated(statement).kind() == "function_definition";
            for name in &inner.uses {
                if is_function || !bound.contains(name) {
                    self.uses.insert(name.clone());
                }
            }
            self.attributes.extend(inner.attributes);
            self.stores.extend(inner.stores);
            bound.extend(inner.binds);
        }
    }
}
