//! Marks: of the function, of its classes and their bases, of the module, of a set of parameters.

use tree_sitter::Node;

use crate::fixtures;
use crate::items::Found;
use crate::model::Mark;
use crate::params::value::Code;
use crate::project::{Project, Resolved};
use crate::scope::BindingKind;
use crate::source::{Module, decorators, named_children, span, unparenthesized, walk};

/// How many names are followed from a mark to what it is (`requires_device = pytest.mark.skipif(...)`).
const MAX_HOPS: usize = 8;

/// A mark of a test.
#[derive(Debug, Clone)]
pub(crate) struct MarkUse<'s> {
    /// What follows `pytest.mark.`.
    pub(crate) name: String,
    /// The call or attribute that makes the mark, where it is written.
    pub(crate) code: Code<'s>,
    /// The class whose body it is written in or above.
    pub(crate) class: Option<Node<'s>>,
}

impl MarkUse<'_> {
    pub(crate) fn model(&self) -> Mark {
        let module = self.code.module;
        let arguments = module.field(self.code.node, "arguments").trim();
        let inner = arguments
            .strip_prefix('(')
            .and_then(|inner| inner.strip_suffix(')'))
            .unwrap_or(arguments);
        Mark {
            name: self.name.clone(),
            arguments: inner.trim().to_owned(),
            path: module.path.clone(),
            span: span(self.code.node),
        }
    }
}

/// The marks of a test in pytest's order: the function's (the decorator nearest to it first), the classes' from the innermost, the
/// module's.
pub(crate) fn of<'s>(project: &Project<'s>, found: &Found<'s>) -> Vec<MarkUse<'s>> {
    let mut marks = Vec::new();
    if let Some(function) = found.function {
        let owner = found.owner.map(|owner| owner.node);
        above(project, function, owner, &mut marks);
    }
    for class in found.classes.iter().rev() {
        for base in project.method_resolution_order(*class).into_iter().rev() {
            listed(project, base, Some(base.node), &mut marks);
            above(project, base, None, &mut marks);
        }
    }
    let module = Code {
        module: found.module,
        node: found.module.root(),
    };
    listed(project, module, None, &mut marks);
    marks
}

/// The marks above a definition, the nearest first.
fn above<'s>(
    project: &Project<'s>,
    definition: Code<'s>,
    class: Option<Node<'s>>,
    marks: &mut Vec<MarkUse<'s>>,
) {
    for node in decorators(definition.node).into_iter().rev() {
        let module = definition.module;
        add(project, Code { module, node }, class, marks);
    }
}

/// The marks of `pytestmark` in a module or class body.
fn listed<'s>(
    project: &Project<'s>,
    block: Code<'s>,
    class: Option<Node<'s>>,
    marks: &mut Vec<MarkUse<'s>>,
) {
    let scope = match class {
        Some(class) => project.scope_of(block.module, class),
        None => project.scope(block.module),
    };
    let Some(binding) = scope.get("pytestmark") else {
        return;
    };
    if let BindingKind::Assign { value, .. } = binding.kind {
        let code = Code {
            module: block.module,
            node: value,
        };
        add(project, code, class, marks);
    }
}

/// Adds the marks that an expression stands for: a mark, a list of marks, a name of one.
pub(crate) fn add<'s>(
    project: &Project<'s>,
    code: Code<'s>,
    class: Option<Node<'s>>,
    marks: &mut Vec<MarkUse<'s>>,
) {
    add_bounded(project, code, class, marks, MAX_HOPS);
}

fn add_bounded<'s>(
    project: &Project<'s>,
    code: Code<'s>,
    class: Option<Node<'s>>,
    marks: &mut Vec<MarkUse<'s>>,
    hops: usize,
) {
    let Some(hops) = hops.checked_sub(1) else {
        return;
    };
    let Code { module, node } = code;
    let node = unparenthesized(node);
    match node.kind() {
        "list" | "tuple" => {
            for child in named_children(node) {
                let code = Code {
                    module,
                    node: child,
                };
                add_bounded(project, code, class, marks, hops);
            }
            return;
        }
        "call" | "identifier" | "attribute" => {}
        _ => return,
    }
    let callee = match node.kind() {
        "call" => node.child_by_field_name("function"),
        _ => Some(node),
    };
    let Some(callee) = callee else { return };
    if let Some(name) = project.external_name(module, callee)
        && let Some(name) = name.strip_prefix("pytest.mark.")
        && !name.contains('.')
    {
        marks.push(MarkUse {
            name: name.to_owned(),
            code: Code { module, node },
            class,
        });
        return;
    }
    if node.kind() == "call" {
        return;
    }
    if let Some(value) = set_on_pytest(project, module, node) {
        return add_bounded(project, value, None, marks, hops);
    }
    if let Some(Resolved::Definition(definition)) = project.resolve(module, node)
        && let BindingKind::Assign { value, ref unpack } = definition.binding.kind
        && unpack.is_empty()
    {
        let code = Code {
            module: definition.module,
            node: value,
        };
        add_bounded(project, code, None, marks, hops);
    }
}

/// The value of `pytest.name`, where a conftest above the file sets that: `pytest.exe = pytest.mark.skipif(...)`.
fn set_on_pytest<'s>(
    project: &Project<'s>,
    module: &'s Module,
    node: Node<'s>,
) -> Option<Code<'s>> {
    let name = project.external_name(module, node)?;
    let name = name.strip_prefix("pytest.")?;
    let conftests = fixtures::conftests(project, &module.path);
    conftests.into_iter().rev().find_map(|conftest| {
        let written = format!("pytest.{name}");
        let mut value = None;
        if conftest.text.contains(&written) {
            walk(conftest.root(), |node| {
                if node.kind() == "assignment" && conftest.field(node, "left") == written {
                    value = value.or(node.child_by_field_name("right"));
                }
                true
            });
        }
        value.map(|node| Code {
            module: conftest,
            node,
        })
    })
}
