//! The names that a block binds: a module, a class body, a function body.
//!
//! It looks at one block of one file, at all levels of its `if`, `try`, `with`, `for`; never into the functions and
//! classes that the block defines.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::source::{Module, dotted, named_children, undecorated};

/// Statements nested deeper than this are not looked at: no person writes them, a fuzzer does.
const MAX_DEPTH: usize = 60;

/// Methods that change the object that they are called on.
const MUTATORS: [&str; 14] = [
    "append",
    "extend",
    "insert",
    "pop",
    "remove",
    "clear",
    "sort",
    "reverse",
    "update",
    "setdefault",
    "popitem",
    "add",
    "discard",
    "appendleft",
];

/// What a name is bound to, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding<'t> {
    pub name: &'t str,
    pub kind: BindingKind<'t>,
    /// The statement that binds it: an assignment's `expression_statement`, an import, a definition with its decorators, the
    /// header's compound statement.
    pub statement: Node<'t>,
    /// It stands under an `if`, `try`, `for`, `while`, `match`: it may not have run.
    pub conditional: bool,
    /// It stands in an `except` or `else` clause: the second choice.
    pub fallback: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum BindingKind<'t> {
    /// The `function_definition`.
    Function(Node<'t>),
    /// The `class_definition`.
    Class(Node<'t>),
    /// `name = value`; `unpack` are the indexes into the value where the target is a tuple: for `a, (b, c) = value`, `c` has [1, 1].
    Assign { value: Node<'t>, unpack: Vec<usize> },
    /// `import module` (`name` is `None`), or `from module import name`. `level` counts the dots. `import a.b` binds `a`, and its
    /// `module` is `a`, unless it has an alias.
    Import {
        module: String,
        level: usize,
        name: Option<String>,
    },
    /// The name is bound, but to what is not seen here: loops, `with`, `del`, `except ... as`, `global`, `*rest`.
    Other,
    /// The name stays, what it is bound to changes: `name += x`, `name.append(x)`, `name[0] = x`.
    Changed,
}

/// The bindings of one block, in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct Scope<'t> {
    pub bindings: Vec<Binding<'t>>,
    /// `from module import *`: module and level.
    pub stars: Vec<(String, usize)>,
    /// All modules that the block imports (`import a.b.c` gives `a.b.c`), for `pytest_plugins` and attribute chains.
    pub imported: Vec<String>,
    by_name: HashMap<&'t str, Vec<usize>>,
}

impl<'t> Scope<'t> {
    /// The names bound by these statements.
    pub fn of(module: &'t Module, statements: &[Node<'t>]) -> Self {
        let mut scope = Self::default();
        for statement in statements {
            scope.add(module, *statement, Place::default(), 0);
        }
        for (index, binding) in scope.bindings.iter().enumerate() {
            scope.by_name.entry(binding.name).or_default().push(index);
        }
        scope
    }

    /// All bindings of a name, in the order of the text.
    pub fn all<'a>(&'a self, name: &str) -> impl DoubleEndedIterator<Item = &'a Binding<'t>> + 'a {
        self.by_name
            .get(name)
            .into_iter()
            .flatten()
            .map(|index| &self.bindings[*index])
    }

    /// The binding that most probably is in effect after the block: the last one, but not a fallback where there is another.
    pub fn get(&self, name: &str) -> Option<&Binding<'t>> {
        let binds = |binding: &&Binding<'t>| binding.kind != BindingKind::Changed;
        self.all(name)
            .filter(binds)
            .rfind(|binding| !binding.fallback)
            .or_else(|| self.all(name).rfind(binds))
    }

    /// The only binding of a name: what it is for certain. `None` where it is bound twice, changed, or perhaps not bound.
    pub fn certain(&self, name: &str) -> Option<&Binding<'t>> {
        let mut all = self.all(name);
        let first = all.next()?;
        (all.next().is_none() && !first.conditional).then_some(first)
    }

    fn push(&mut self, name: &'t str, kind: BindingKind<'t>, statement: Node<'t>, place: Place) {
        self.bindings.push(Binding {
            name,
            kind,
            statement,
            conditional: place.conditional,
            fallback: place.fallback,
        });
    }

    fn add(&mut self, module: &'t Module, statement: Node<'t>, place: Place, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match statement.kind() {
            "function_definition" | "class_definition" | "decorated_definition" => {
                self.add_definition(module, statement, place);
            }
            "import_statement" | "import_from_statement" | "future_import_statement" => {
                self.add_import(module, statement, place);
            }
            "expression_statement" => {
                for expression in named_children(statement) {
                    self.add_expression(module, expression, statement, place);
                }
            }
            "delete_statement" | "global_statement" | "nonlocal_statement" => {
                self.add_target_names(module, statement, statement, place);
            }
            _ => self.add_compound(module, statement, place, depth),
        }
    }

    fn add_definition(&mut self, module: &'t Module, statement: Node<'t>, place: Place) {
        let definition = undecorated(statement);
        let Some(name) = definition.child_by_field_name("name") else {
            return;
        };
        let kind = if definition.kind() == "class_definition" {
            BindingKind::Class(definition)
        } else {
            BindingKind::Function(definition)
        };
        self.push(module.source(name), kind, statement, place);
    }

    fn add_import(&mut self, module: &'t Module, statement: Node<'t>, place: Place) {
        let mut cursor = statement.walk();
        let names: Vec<Node<'t>> = statement
            .children_by_field_name("name", &mut cursor)
            .collect();
        if statement.kind() == "import_statement" {
            for name in names {
                let path = name.child_by_field_name("name").unwrap_or(name);
                let path = squeezed(module.source(path));
                self.imported.push(path.clone());
                let (bound, target) = match name.child_by_field_name("alias") {
                    Some(alias) => (module.source(alias), path),
                    None => {
                        let first = module.source(name).split('.').next().unwrap_or_default();
                        (first.trim(), first.trim().to_owned())
                    }
                };
                let kind = BindingKind::Import {
                    module: target,
                    level: 0,
                    name: None,
                };
                self.push(bound, kind, statement, place);
            }
            return;
        }
        let (from, level) = match statement.child_by_field_name("module_name") {
            Some(node) => {
                let source = squeezed(module.source(node));
                let path = source.trim_start_matches('.');
                (path.to_owned(), source.len() - path.len())
            }
            None => ("__future__".to_owned(), 0),
        };
        if named_children(statement)
            .iter()
            .any(|child| child.kind() == "wildcard_import")
        {
            self.stars.push((from.clone(), level));
        }
        self.imported.push(from.clone());
        for name in names {
            let imported = name.child_by_field_name("name").unwrap_or(name);
            let bound = name.child_by_field_name("alias").unwrap_or(imported);
            let kind = BindingKind::Import {
                module: from.clone(),
                level,
                name: Some(module.source(imported).to_owned()),
            };
            self.push(module.source(bound), kind, statement, place);
        }
    }

    fn add_expression(
        &mut self,
        module: &'t Module,
        expression: Node<'t>,
        statement: Node<'t>,
        place: Place,
    ) {
        match expression.kind() {
            "assignment" => {
                // `a = b = value` nests to the right.
                let mut assignment = expression;
                let mut targets = Vec::new();
                loop {
                    if let Some(left) = assignment.child_by_field_name("left") {
                        targets.push(left);
                    }
                    match assignment.child_by_field_name("right") {
                        Some(right) if right.kind() == "assignment" => assignment = right,
                        Some(value) => {
                            for target in targets {
                                self.add_target(module, target, value, &[], statement, place);
                            }
                            return;
                        }
                        // `name: type` binds nothing.
                        None => return,
                    }
                }
            }
            "augmented_assignment" => {
                if let Some(left) = expression.child_by_field_name("left")
                    && left.kind() == "identifier"
                {
                    self.push(module.source(left), BindingKind::Changed, statement, place);
                }
            }
            "call" => {
                if let Some(function) = expression.child_by_field_name("function")
                    && function.kind() == "attribute"
                    && MUTATORS.contains(&module.field(function, "attribute"))
                    && let Some(object) = function.child_by_field_name("object")
                    && object.kind() == "identifier"
                {
                    self.push(
                        module.source(object),
                        BindingKind::Changed,
                        statement,
                        place,
                    );
                }
            }
            "named_expression" => self.add_target_names(module, expression, statement, place),
            _ => {}
        }
    }

    fn add_target(
        &mut self,
        module: &'t Module,
        target: Node<'t>,
        value: Node<'t>,
        unpack: &[usize],
        statement: Node<'t>,
        place: Place,
    ) {
        match target.kind() {
            "identifier" => {
                let unpack = unpack.to_vec();
                self.push(
                    module.source(target),
                    BindingKind::Assign { value, unpack },
                    statement,
                    place,
                );
            }
            "pattern_list" | "tuple_pattern" | "list_pattern" if unpack.len() < 8 => {
                let parts = named_children(target);
                let starred = parts.iter().any(|part| part.kind() == "list_splat_pattern");
                for (index, part) in parts.into_iter().enumerate() {
                    if starred {
                        self.add_target_names(module, part, statement, place);
                    } else {
                        let mut unpack = unpack.to_vec();
                        unpack.push(index);
                        self.add_target(module, part, value, &unpack, statement, place);
                    }
                }
            }
            // `name[0] = ...`, `name.x = ...` bind no name, but the name no longer is what its assignment says.
            "subscript" | "attribute" => {
                let base = target
                    .child_by_field_name("value")
                    .or_else(|| target.child_by_field_name("object"));
                if let Some(base) = base.filter(|base| base.kind() == "identifier")
                    && target.kind() == "subscript"
                {
                    self.push(module.source(base), BindingKind::Changed, statement, place);
                }
            }
            _ => self.add_target_names(module, target, statement, place),
        }
    }

    /// All names in a target, as bound to something that is not seen.
    fn add_target_names(
        &mut self,
        module: &'t Module,
        target: Node<'t>,
        statement: Node<'t>,
        place: Place,
    ) {
        crate::source::walk(target, |node| {
            if node.kind() == "identifier" {
                self.push(module.source(node), BindingKind::Other, statement, place);
            }
            !matches!(node.kind(), "attribute" | "subscript" | "call")
        });
    }

    fn add_compound(
        &mut self,
        module: &'t Module,
        statement: Node<'t>,
        place: Place,
        depth: usize,
    ) {
        let kind = statement.kind();
        let inner = match kind {
            "with_statement" | "block" | "module" | "ERROR" => place,
            "except_clause" | "except_group_clause" | "else_clause" | "elif_clause" => Place {
                conditional: true,
                fallback: true,
            },
            _ if kind.ends_with("_statement") || kind.ends_with("_clause") => Place {
                conditional: true,
                ..place
            },
            _ => return,
        };
        if let Some(left) = statement.child_by_field_name("left") {
            self.add_target_names(module, left, statement, inner);
        }
        for child in named_children(statement) {
            match child.kind() {
                "with_clause" | "as_pattern" | "with_item" => {
                    crate::source::walk(child, |node| {
                        if node.kind() == "as_pattern_target" {
                            self.add_target_names(module, node, statement, inner);
                        }
                        true
                    });
                }
                "block" => {
                    for part in named_children(child) {
                        self.add(module, part, inner, depth + 1);
                    }
                }
                child_kind
                    if child_kind.ends_with("_clause")
                        || child_kind.ends_with("_definition")
                        || child_kind.ends_with("_statement") =>
                {
                    self.add(module, child, inner, depth + 1);
                }
                _ => {}
            }
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    conditional: bool,
    fallback: bool,
}

fn squeezed(source: &str) -> String {
    source.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The name of a call's function, dotted: `pytest.mark.parametrize` for `pytest.mark.parametrize(...)` and for itself.
pub fn callee(module: &Module, node: Node<'_>) -> Option<String> {
    match node.kind() {
        "call" => dotted(module, node.child_by_field_name("function")?),
        _ => dotted(module, node),
    }
}
