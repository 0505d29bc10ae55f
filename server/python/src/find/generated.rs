//! Parameters that a `pytest_generate_tests` gives, as far as its `metafunc.parametrize(...)` calls say them.

use crate::items::Found;
use crate::params::evaluate::{Env, Evaluator};
use crate::params::parametrize::{self, IdHook, Parametrization};
use crate::params::value::{Code, Item, Value};
use crate::source::{body, dotted, named_children, walk};

/// The parametrizations that the hooks make for a test that uses these names (arguments and fixtures).
pub(super) fn parametrizations<'s>(
    evaluator: &Evaluator<'_, 's>,
    found: &Found<'s>,
    used: &[String],
    hook: Option<IdHook<'s>>,
) -> Vec<Parametrization<'s>> {
    let mut made: Vec<Parametrization<'s>> = Vec::new();
    for function in super::hooks::generators(evaluator.project, found) {
        for one in calls(evaluator, function, hook) {
            if one.names.is_empty() || !one.names.iter().all(|name| used.contains(name)) {
                continue;
            }
            match made.iter_mut().find(|other| other.names == one.names) {
                // One call of several is made: which, only a run knows.
                Some(other) => {
                    other.sets = None;
                    other.values_hold = false;
                    other.ids_are_made = true;
                }
                None => made.push(one),
            }
        }
    }
    made
}

/// The `metafunc.parametrize(...)` calls of a hook. What the hook binds itself is not known.
fn calls<'s>(
    evaluator: &Evaluator<'_, 's>,
    function: Code<'s>,
    hook: Option<IdHook<'s>>,
) -> Vec<Parametrization<'s>> {
    let module = function.module;
    let Some(metafunc) = function
        .node
        .child_by_field_name("parameters")
        .and_then(|parameters| named_children(parameters).into_iter().next_back())
        .map(|parameter| module.source(parameter))
    else {
        return Vec::new();
    };
    let mut env = Env::new(module, None);
    let mut found = Vec::new();
    let mut has_inner_function = false;
    for statement in body(function.node) {
        walk(statement, |node| {
            match node.kind() {
                "assignment" | "for_statement" | "named_expression" | "augmented_assignment" => {
                    let target = node
                        .child_by_field_name("left")
                        .or_else(|| node.child_by_field_name("name"));
                    if let Some(target) = target {
                        walk(target, |part| {
                            if part.kind() == "identifier" {
                                let unknown = Item::made(Value::Unknown);
                                env.locals.push((module.source(part).to_owned(), unknown));
                            }
                            true
                        });
                    }
                }
                "call" => {
                    let callee = node
                        .child_by_field_name("function")
                        .and_then(|callee| dotted(module, callee));
                    if callee.is_some_and(|callee| callee == format!("{metafunc}.parametrize")) {
                        found.push(node);
                    }
                }
                "function_definition" => has_inner_function = true,
                _ => {}
            }
            true
        });
    }
    if has_inner_function {
        return Vec::new();
    }
    found
        .into_iter()
        .filter_map(|call| parametrize::of_mark(evaluator, &env, call, hook))
        .map(|mut made| {
            // An expression of the hook's own names means nothing in a test.
            made.values_hold &= env.locals.is_empty();
            made
        })
        .collect()
}
