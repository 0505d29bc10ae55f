//! Doctests: ids that are a module's dotted name, and what follows it inside the module; or a text file's name.

use tree_sitter::Node;

use super::place::{NodeId, rendered_id};
use crate::model::{ItemKind, Test};
use crate::project::{Project, split};
use crate::scope::BindingKind;
use crate::source::{Module, span};

/// A doctest: `module.path.Class.method`, or the file's own name.
pub(super) fn doctest<'s>(
    project: &Project<'s>,
    module: &'s Module,
    id: &NodeId<'_>,
) -> Option<Test> {
    let [name] = id.names.as_slice() else {
        return None;
    };
    if !module.is_python() {
        let is_whole = split(&module.path).1 == *name;
        return is_whole.then(|| test(module, id, module.root()));
    }
    let stem = module.path.trim_end_matches(".py").replace('/', ".");
    let parts: Vec<&str> = name.split('.').collect();
    // The name begins with the module's own name, as it is imported.
    let package = stem.trim_end_matches(".__init__");
    let inside = (0..parts.len())
        .rev()
        .map(|at| (parts[..=at].join("."), &parts[at + 1..]))
        .find(|(head, _)| package == head || package.ends_with(&format!(".{head}")))
        .map(|(_, inside)| inside)?;
    let node = match inside {
        [] => module.root(),
        [first, others @ ..] => {
            let scope = project.scope(module);
            let mut binding = scope.get(first)?.clone();
            for other in others {
                let BindingKind::Class(class) = binding.kind else {
                    break;
                };
                binding = project.scope_of(module, class).get(other)?.clone();
            }
            binding.statement
        }
    };
    Some(test(module, id, node))
}

fn test(module: &Module, id: &NodeId<'_>, node: Node<'_>) -> Test {
    Test {
        id: rendered_id(&module.path, &id.names, None),
        path: module.path.clone(),
        function: id.names.concat(),
        span: span(node),
        kind: ItemKind::Doctest,
        param_sets: Some(1),
        problems: module.problems(),
        ..Test::default()
    }
}
