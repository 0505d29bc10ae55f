//! What a piece of Python binds, uses, changes and calls: the facts that a slice is decided by.
//!
//! Names are roots (`tree` for `tree.left.add(1)`), but attributes of `self` and `cls` are names of their own (`self.tree`), so that the
//! state of a test class is followed like local variables are.

mod scopes;

use std::collections::BTreeSet;

use tree_sitter::Node;

use crate::source::{Module, dotted, named_children, walk};

pub(super) type Names = BTreeSet<String>;

/// Expressions nested deeper than this are not looked into: no person writes them, a fuzzer does.
const MAX_DEPTH: usize = 150;

#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Names that it binds in its own scope.
    pub(super) binds: Names,
    /// Names that it reads, those of enclosing scopes only.
    pub(super) uses: Names,
    /// Roots of what it assigns items or attributes of, or deletes.
    pub(super) stores: Names,
    /// Attributes that it assigns, with those on the way to them: `a` and `b` of `name.a.b = 1`.
    pub(super) members: Names,
    pub(super) calls: Vec<Call>,
    /// `name.attribute` pairs.
    pub(super) attributes: BTreeSet<(String, String)>,
    /// Names that stand for a part of another one (`a = b.c`): a change of one may be seen through the other.
    pub(super) aliases: Vec<(String, String)>,
    /// `global` and `nonlocal` names.
    pub(super) outer: Names,
    pub(super) yields: bool,
}

/// A call.
#[derive(Debug, Clone, Default)]
pub(super) struct Call {
    /// The callee, dotted; empty where it is no chain of names.
    pub(super) path: String,
    /// The name that the method is called on.
    pub(super) root: Option<String>,
    /// The last part of the callee.
    pub(super) method: String,
    pub(super) arguments: Names,
}

impl Facts {
    pub(super) fn of(module: &Module, node: Node<'_>) -> Self {
        let mut facts = Self::default();
        facts.visit(module, node, 0);
        facts
    }

    pub(super) fn of_all<'t>(module: &Module, nodes: impl IntoIterator<Item = Node<'t>>) -> Self {
        let mut facts = Self::default();
        for node in nodes {
            facts.visit(module, node, 0);
        }
        facts
    }

    /// Those of a `for` header, without its block.
    pub(super) fn of_loop(module: &Module, node: Node<'_>) -> Self {
        let mut facts = Self::default();
        if let (Some(left), Some(right)) = (
            node.child_by_field_name("left"),
            node.child_by_field_name("right"),
        ) {
            facts.target(module, left, 0);
            facts.visit(module, right, 0);
            facts.alias(module, left, right);
        }
        facts
    }

    /// The names that a whole module text leaves open: used and not bound by it.
    pub(super) fn free(&self) -> Names {
        self.uses
            .iter()
            .filter(|name| !self.binds.contains(*name) && !name.contains('.'))
            .cloned()
            .collect()
    }

    fn visit(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let depth = depth + 1;
        match node.kind() {
            "identifier" => {
                self.uses.insert(module.source(node).to_owned());
            }
            "attribute" => self.attribute(module, node, depth),
            "keyword_argument" => self.field(module, node, "value", depth),
            "call" => self.call(module, node, depth),
            "lambda" => self.lambda(module, node, depth),
            "list_comprehension"
            | "set_comprehension"
            | "dictionary_comprehension"
            | "generator_expression" => self.comprehension(module, node, depth),
            "named_expression" => {
                if let Some(name) = node.child_by_field_name("name") {
                    self.target(module, name, depth);
                }
                self.field(module, node, "value", depth);
            }
            "assignment" => self.assignment(module, node, depth),
            "augmented_assignment" => {
                if let Some(left) = node.child_by_field_name("left") {
                    self.target(module, left, depth);
                    self.visit(module, left, depth);
                }
                self.field(module, node, "right", depth);
            }
            "for_statement" | "for_in_clause" => {
                let left = node.child_by_field_name("left");
                for child in named_children(node) {
                    if Some(child) == left {
                        self.target(module, child, depth);
                    } else {
                        self.visit(module, child, depth);
                    }
                }
                if let (Some(left), Some(right)) = (left, node.child_by_field_name("right")) {
                    self.alias(module, left, right);
                }
            }
            "as_pattern" => {
                let children = named_children(node);
                let value = children.first().copied();
                for child in children {
                    if child.kind() == "as_pattern_target" {
                        for name in named_children(child) {
                            self.target(module, name, depth);
                            if let Some(value) = value {
                                self.alias(module, name, value);
                            }
                        }
                    } else {
                        self.visit(module, child, depth);
                    }
                }
            }
            "case_pattern" => {
                walk(node, |inner| {
                    if inner.kind() == "identifier" {
                        self.binds.insert(module.source(inner).to_owned());
                        self.uses.insert(module.source(inner).to_owned());
                    }
                    true
                });
            }
            "delete_statement" => {
                for child in named_children(node) {
                    self.target(module, child, depth);
                    self.visit(module, child, depth);
                    if let Some(root) = root(module, child) {
                        self.stores.insert(root);
                    }
                }
            }
            "global_statement" | "nonlocal_statement" => {
                for child in named_children(node) {
                    self.outer.insert(module.source(child).to_owned());
                }
            }
            "import_statement" | "import_from_statement" | "future_import_statement" => {
                self.import(module, node);
            }
            "function_definition" => self.function(module, node, depth),
            "class_definition" => self.class(module, node, depth),
            "yield" => {
                self.yields = true;
                self.children(module, node, depth);
            }
            "comment" => {}
            _ => self.children(module, node, depth),
        }
    }

    fn children(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        for child in named_children(node) {
            self.visit(module, child, depth);
        }
    }

    fn field(&mut self, module: &Module, node: Node<'_>, field: &str, depth: usize) {
        if let Some(child) = node.child_by_field_name(field) {
            self.visit(module, child, depth);
        }
    }

    fn attribute(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        let Some(object) = node.child_by_field_name("object") else {
            return;
        };
        let attribute = module.field(node, "attribute");
        if object.kind() == "identifier" {
            let name = module.source(object);
            self.attributes
                .insert((name.to_owned(), attribute.to_owned()));
            if is_instance(name) {
                self.uses.insert(format!("{name}.{attribute}"));
            }
        }
        self.visit(module, object, depth);
    }

    fn call(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        let mut arguments = Self::default();
        if let Some(list) = node.child_by_field_name("arguments") {
            arguments.visit(module, list, depth);
        }
        if let Some(function) = node.child_by_field_name("function") {
            let path = dotted(module, function).unwrap_or_default();
            let (root, method) = if function.kind() == "attribute" {
                let object = function.child_by_field_name("object");
                (
                    object.and_then(|object| root(module, object)),
                    module.field(function, "attribute").to_owned(),
                )
            } else {
                (None, path.clone())
            };
            self.calls.push(Call {
                path,
                root,
                method,
                arguments: arguments.uses.clone(),
            });
            self.visit(module, function, depth);
        }
        self.merge(arguments);
    }

    fn merge(&mut self, other: Self) {
        self.binds.extend(other.binds);
        self.uses.extend(other.uses);
        self.stores.extend(other.stores);
        self.members.extend(other.members);
        self.calls.extend(other.calls);
        self.attributes.extend(other.attributes);
        self.aliases.extend(other.aliases);
        self.outer.extend(other.outer);
        self.yields |= other.yields;
    }

    fn assignment(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        let left = node.child_by_field_name("left");
        let right = node.child_by_field_name("right");
        self.field(module, node, "type", depth);
        if let (Some(left), Some(_)) = (left, right) {
            self.target(module, left, depth);
        }
        if let Some(right) = right {
            self.visit(module, right, depth);
        }
        if let (Some(left), Some(right)) = (left, right) {
            self.alias(module, left, right);
        }
    }

    fn alias(&mut self, module: &Module, left: Node<'_>, right: Node<'_>) {
        let mut sources = Vec::new();
        match right.kind() {
            "expression_list" | "tuple" | "list" => {
                for child in named_children(right).into_iter().take(16) {
                    sources.extend(root(module, child));
                }
            }
            _ => sources.extend(root(module, right)),
        }
        if sources.is_empty() {
            return;
        }
        let mut targets = Self::default();
        targets.target(module, left, 0);
        for target in targets.binds.iter().chain(&targets.stores) {
            for source in &sources {
                self.aliases.push((target.clone(), source.clone()));
            }
        }
    }

    fn target(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        for part in target_parts(node) {
            self.target_part(module, part, depth);
        }
    }

    fn target_part(&mut self, module: &Module, node: Node<'_>, depth: usize) {
        match node.kind() {
            "identifier" => {
                self.binds.insert(module.source(node).to_owned());
            }
            "attribute" => {
                let object = node.child_by_field_name("object");
                let instance = object
                    .filter(|object| object.kind() == "identifier")
                    .map(|object| module.source(object))
                    .filter(|name| is_instance(name));
                if let Some(instance) = instance {
                    let attribute = module.field(node, "attribute");
                    self.binds.insert(format!("{instance}.{attribute}"));
                    self.uses.insert(instance.to_owned());
                } else {
                    self.stores.extend(root(module, node));
                    self.members_of(module, node);
                    self.field(module, node, "object", depth);
                }
            }
            "subscript" => {
                self.stores.extend(root(module, node));
                self.children(module, node, depth);
            }
            _ => {}
        }
    }

    fn members_of(&mut self, module: &Module, node: Node<'_>) {
        let mut part = Some(node);
        while let Some(attribute) = part.filter(|it| it.kind() == "attribute") {
            self.members
                .insert(module.field(attribute, "attribute").to_owned());
            part = attribute.child_by_field_name("object");
        }
    }

    fn import(&mut self, module: &Module, node: Node<'_>) {
        let mut cursor = node.walk();
        for name in node.children_by_field_name("name", &mut cursor) {
            let bound = match name.child_by_field_name("alias") {
                Some(alias) => module.source(alias),
                None => module.source(name).split('.').next().unwrap_or_default(),
            };
            self.binds.insert(bound.trim().to_owned());
        }
    }
}

/// The names, attributes and elements that a target assigns to, in the order of the text: `a`, `b.c` and `d[0]` of `a, (b.c, *d[0])`.
pub(super) fn target_parts(target: Node<'_>) -> Vec<Node<'_>> {
    let mut parts = Vec::new();
    walk(target, |node| {
        let is_part = matches!(node.kind(), "identifier" | "attribute" | "subscript");
        if is_part {
            parts.push(node);
        }
        !is_part && node.kind() != "type"
    });
    parts
}

/// The name that an expression is a part of: `a` for `a.b[0].c()`; `self.b` for `self.b.c`.
pub(super) fn root(module: &Module, node: Node<'_>) -> Option<String> {
    let mut node = node;
    loop {
        match node.kind() {
            "identifier" => return Some(module.source(node).to_owned()),
            "attribute" => {
                let object = node.child_by_field_name("object")?;
                if object.kind() == "identifier" && is_instance(module.source(object)) {
                    let attribute = module.field(node, "attribute");
                    return Some(format!("{}.{attribute}", module.source(object)));
                }
                node = object;
            }
            "subscript" => node = node.child_by_field_name("value")?,
            "call" => {
                let function = node.child_by_field_name("function")?;
                if function.kind() != "attribute" {
                    return None;
                }
                node = function;
            }
            "parenthesized_expression" | "await" => {
                node = named_children(node).into_iter().next()?;
            }
            _ => return None,
        }
    }
}

pub(super) fn is_instance(name: &str) -> bool {
    matches!(name, "self" | "cls")
}
