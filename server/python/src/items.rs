//! From the names of a node id to the class and function in the source, through inheritance and imports.

use tree_sitter::Node;

use crate::model::{ItemKind, NotFound};
use crate::params::value::Code;
use crate::project::{Project, Resolved};
use crate::scope::{Binding, BindingKind, Scope};
use crate::source::{Module, decorators, named_children};

/// Classes are followed to at most so many bases.
const MAX_BASES: usize = 64;

/// What a node id names.
#[derive(Debug, Clone)]
pub(crate) struct Found<'s> {
    /// The file that the id names.
    pub(crate) module: &'s Module,
    /// The classes, outermost first.
    pub(crate) classes: Vec<Code<'s>>,
    /// The function; `None` for a whole file, or a test that is no function in the source (an assignment).
    pub(crate) function: Option<Code<'s>>,
    /// What is shown as the test: the function with its decorators, the assignment, the file.
    pub(crate) statement: Code<'s>,
    /// The class whose body holds the function.
    pub(crate) owner: Option<Code<'s>>,
    /// The name in the source, where it is not the id's last: a library made that of it (`parameterized`), or it is a class's.
    pub(crate) source_name: Option<String>,
    pub(crate) kind: ItemKind,
}

/// The test of those names (classes, then the function) in a file.
pub(crate) fn find<'s>(
    project: &Project<'s>,
    module: &'s Module,
    names: &[&str],
) -> Result<Found<'s>, NotFound> {
    let whole = Code {
        module,
        node: module.root(),
    };
    let Some((name, class_names)) = names.split_last() else {
        return Ok(Found {
            module,
            classes: Vec::new(),
            function: None,
            statement: whole,
            owner: None,
            source_name: None,
            kind: ItemKind::Module,
        });
    };
    let mut classes: Vec<Code<'s>> = Vec::new();
    for class_name in class_names {
        let class = match classes.last() {
            None => class_in_module(project, module, class_name)
                .or_else(|| multiplied(project, module, class_name)),
            Some(outer) => project
                .member(*outer, class_name)
                .and_then(|(owner, binding)| as_class(project, owner, &binding)),
        };
        classes.push(class.ok_or(NotFound::Class)?);
    }
    let is_case = classes
        .last()
        .is_some_and(|class| project.is_test_case(*class));
    let kind = match (classes.is_empty(), is_case) {
        (true, _) => ItemKind::Function,
        (false, false) => ItemKind::Method,
        (false, true) => ItemKind::TestCase,
    };
    let (found, source_name) = match locate(project, module, classes.last(), name) {
        Some(found) => (found, None),
        None => {
            let (found, source_name) =
                expanded(project, module, classes.last(), name).ok_or(NotFound::Function)?;
            (found, Some(source_name))
        }
    };
    let (owner_module, owner, binding) = found;
    let function = match binding.kind {
        BindingKind::Function(node) => Some(Code {
            module: owner_module,
            node,
        }),
        _ => None,
    };
    // A class that pytest cannot collect. Doctests and classes that collect something else have no test.
    if let Some(class) = as_class(
        project,
        Code {
            module: owner_module,
            node: owner_module.root(),
        },
        &binding,
    ) {
        let test = first_test(project, class).ok_or(NotFound::Function)?;
        let names = [names, &[test]].concat();
        let mut found = find(project, module, &names)?;
        found.source_name.get_or_insert(test.to_owned());
        return Ok(found);
    }
    Ok(Found {
        module,
        classes,
        function,
        statement: Code {
            module: owner_module,
            node: binding.statement,
        },
        owner,
        source_name,
        kind,
    })
}

/// The first test of a class, its own before those of its bases.
fn first_test<'s>(project: &Project<'s>, class: Code<'s>) -> Option<&'s str> {
    let order = project.method_resolution_order(class);
    order.into_iter().find_map(|class| {
        let scope = project.scope_of(class.module, class.node);
        let is_test = |it: &&Binding<'_>| {
            matches!(it.kind, BindingKind::Function(_)) && it.name.starts_with("test")
        };
        scope.bindings.iter().find(is_test).map(|it| it.name)
    })
}

/// The function of a class's body that a name is assigned: `test_b = test_a`, or `test_a = expectedFailure(test_a)`.
fn function_assigned<'s>(
    module: &'s Module,
    scope: &Scope<'s>,
    name: &str,
    value: Node<'s>,
) -> Option<Binding<'s>> {
    let of_name = match value.kind() {
        "identifier" => module.source(value),
        "call" => {
            let arguments = value.child_by_field_name("arguments")?;
            let arguments = named_children(arguments);
            let is_itself = |argument: &Node<'_>| module.source(*argument) == name;
            arguments.iter().any(is_itself).then_some(name)?
        }
        _ => return None,
    };
    let is_function = |it: &&Binding<'_>| matches!(it.kind, BindingKind::Function(_));
    scope.all(of_name).rfind(is_function).cloned()
}

type Located<'s> = (&'s Module, Option<Code<'s>>, Binding<'s>);

fn locate<'s>(
    project: &Project<'s>,
    module: &'s Module,
    class: Option<&Code<'s>>,
    name: &str,
) -> Option<Located<'s>> {
    if let Some(class) = class {
        let (owner, binding) = project.member(*class, name)?;
        return Some((owner.module, Some(owner), binding));
    }
    match project.lookup(module, name)? {
        Resolved::Definition(definition) => {
            // `test_b = test_a`
            if let BindingKind::Assign { value, .. } = &definition.binding.kind
                && value.kind() == "identifier"
                && let Some(Resolved::Definition(other)) =
                    project.resolve(definition.module, *value)
                && matches!(other.binding.kind, BindingKind::Function(_))
            {
                return Some((other.module, None, other.binding));
            }
            Some((definition.module, None, definition.binding))
        }
        _ => None,
    }
}

/// A test that `parameterized` or `ddt` made: its function's name, `_`, an index, more.
fn expanded<'s>(
    project: &Project<'s>,
    module: &'s Module,
    class: Option<&Code<'s>>,
    name: &str,
) -> Option<(Located<'s>, String)> {
    let mut end = name.len();
    while let Some(at) = name[..end].rfind('_') {
        let source_name = &name[..at];
        let counted = name[at + 1..].starts_with(|c: char| c.is_ascii_digit());
        if counted
            && let Some(found) = locate(project, module, class, source_name)
            && let BindingKind::Function(function) = found.2.kind
            && decorators(function).into_iter().any(|decorator| {
                let source = found.0.source(decorator);
                source.contains("parameterized")
                    || source.contains("data")
                    || source.contains("expand")
            })
        {
            return Some((found, source_name.to_owned()));
        }
        end = at;
    }
    None
}

fn class_in_module<'s>(project: &Project<'s>, module: &'s Module, name: &str) -> Option<Code<'s>> {
    resolved_class(project, project.lookup(module, name)?)
}

fn resolved_class<'s>(project: &Project<'s>, found: Resolved<'s>) -> Option<Code<'s>> {
    let Resolved::Definition(definition) = found else {
        return None;
    };
    let owner = Code {
        module: definition.module,
        node: definition.module.root(),
    };
    as_class(project, owner, &definition.binding)
}

/// A class that `parameterized_class` made: its class's name, `_`, an index, more.
fn multiplied<'s>(project: &Project<'s>, module: &'s Module, name: &str) -> Option<Code<'s>> {
    name.match_indices('_').rev().find_map(|(at, _)| {
        let counted = name[at + 1..].starts_with(|c: char| c.is_ascii_digit());
        let class = counted.then(|| class_in_module(project, module, &name[..at]))??;
        let is_multiplied = decorators(class.node).into_iter().any(|decorator| {
            class
                .module
                .source(decorator)
                .contains("parameterized_class")
        });
        is_multiplied.then_some(class)
    })
}

fn as_class<'s>(project: &Project<'s>, owner: Code<'s>, binding: &Binding<'s>) -> Option<Code<'s>> {
    match &binding.kind {
        BindingKind::Class(node) => Some(Code {
            module: owner.module,
            node: *node,
        }),
        BindingKind::Assign { value, .. } => match project.resolve(owner.module, *value)? {
            Resolved::Definition(definition) => match definition.binding.kind {
                BindingKind::Class(node) => Some(Code {
                    module: definition.module,
                    node,
                }),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

impl<'s> Project<'s> {
    /// The bases of a class that are in the workspace.
    fn bases(&self, class: Code<'s>) -> Vec<Code<'s>> {
        let Some(list) = class.node.child_by_field_name("superclasses") else {
            return Vec::new();
        };
        named_children(list)
            .into_iter()
            .filter_map(|base| {
                // `Generic[T]`, `Base[int]`
                let base = match base.kind() {
                    "subscript" => base.child_by_field_name("value")?,
                    _ => base,
                };
                resolved_class(self, self.resolve(class.module, base)?)
            })
            .filter(|base| {
                base.node.id() != class.node.id() || !std::ptr::eq(base.module, class.module)
            })
            .collect()
    }

    /// The class and its bases in the workspace, in the order that attributes are looked for: depth first, and of a base that is met
    /// twice the last place counts. That is Python's order for all hierarchies that people write.
    pub(crate) fn method_resolution_order(&self, class: Code<'s>) -> Vec<Code<'s>> {
        let mut order: Vec<Code<'s>> = Vec::new();
        let mut stack = vec![class];
        while let Some(next) = stack.pop() {
            order.push(next);
            if order.len() >= MAX_BASES {
                break;
            }
            let mut bases = self.bases(next);
            bases.reverse();
            stack.extend(bases);
        }
        let is_same = |a: &Code<'s>, b: &Code<'s>| {
            std::ptr::eq(a.module, b.module) && a.node.id() == b.node.id()
        };
        let all = order.clone();
        let mut place = 0;
        order.retain(|this| {
            place += 1;
            !all[place..].iter().any(|later| is_same(this, later))
        });
        order
    }

    /// An attribute of a class or of its bases, with the class that holds it.
    pub(crate) fn member(&self, class: Code<'s>, name: &str) -> Option<(Code<'s>, Binding<'s>)> {
        self.method_resolution_order(class)
            .into_iter()
            .find_map(|owner| {
                let scope = self.scope_of(owner.module, owner.node);
                let binding = scope.get(name)?;
                if let BindingKind::Assign { value, .. } = &binding.kind
                    && let Some(function) = function_assigned(owner.module, &scope, name, *value)
                {
                    return Some((owner, function));
                }
                Some((owner, binding.clone()))
            })
    }

    /// Whether a class is a `unittest.TestCase`, by itself or through its bases.
    pub(crate) fn is_test_case(&self, class: Code<'s>) -> bool {
        self.method_resolution_order(class)
            .into_iter()
            .any(|class| {
                let Some(list) = class.node.child_by_field_name("superclasses") else {
                    return false;
                };
                named_children(list).into_iter().any(|base: Node<'s>| {
                    self.external_name(class.module, base)
                        .is_some_and(|name| name.ends_with("TestCase"))
                })
            })
    }
}
