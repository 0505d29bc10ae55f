//! Tests that a decorator multiplies at import: `parameterized.expand`, `ddt`. The number in the test's name tells the set.

use tree_sitter::Node;

use crate::fixtures::requests::requested;
use crate::items::Found;
use crate::model::Param;
use crate::params::evaluate::{Env, Evaluator};
use crate::params::parametrize::{self, Parametrization, Set};
use crate::params::value::{Code, Item, Value};
use crate::source::{Arguments, decorators, dotted};

/// The parameters of an expanded test, by the name that its id has; empty where they cannot be told.
pub(super) fn params<'s>(
    evaluator: &Evaluator<'_, 's>,
    found: &Found<'s>,
    name: &str,
) -> Vec<Param> {
    expanded(evaluator, found, name).unwrap_or_default()
}

fn expanded<'s>(
    evaluator: &Evaluator<'_, 's>,
    found: &Found<'s>,
    name: &str,
) -> Option<Vec<Param>> {
    let function = found.function?;
    let module = function.module;
    let number = name.strip_prefix(found.source_name.as_deref()?)?;
    let number = number.trim_start_matches('_');
    let digits = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    let number: usize = number[..digits].parse().ok()?;
    let env = Env::new(module, found.owner.map(|owner| owner.node));
    let names = requested(module, function.node, found.owner.is_some());
    let own = decorators(function.node);
    let unpacks = own
        .iter()
        .any(|decorator| dotted(module, *decorator).is_some_and(|name| last(&name) == "unpack"));
    for decorator in own {
        let Some(callee) = decorator.child_by_field_name("function") else {
            continue;
        };
        let callee = dotted(module, callee).unwrap_or_default();
        let arguments = Arguments::of(module, decorator);
        match last(&callee) {
            "expand" => {
                let values = Code {
                    module,
                    node: arguments.get(0, "input")?,
                };
                let items = evaluator.iterate(&evaluator.value(&env, values.node));
                let set = items
                    .as_ref()
                    .and_then(|items| items.get(number))
                    .map(|item| arguments_of(evaluator, &env, item, &names, true));
                return match set {
                    Some(set) => Some(set?.params(Some(0), None)),
                    // A list that only a run knows: its elements are tuples, as a rule.
                    None if names.len() > 1 => {
                        let unseen = Parametrization {
                            values_hold: parametrize::holds(evaluator, values),
                            values: Some(values),
                            ..of(&names, Vec::new())
                        };
                        Some(
                            Parametrization {
                                sets: None,
                                ..unseen
                            }
                            .params(Some(number), None),
                        )
                    }
                    None => None,
                };
            }
            // ddt counts from one.
            "data" if !arguments.unpacked => {
                let item = evaluator.item(&env, *arguments.positional.get(number.checked_sub(1)?)?);
                let set = arguments_of(evaluator, &env, &item, &names, unpacks)?;
                return Some(set.params(Some(0), None));
            }
            "idata" => {
                let items =
                    evaluator.iterate(&evaluator.value(&env, arguments.get(0, "iterable")?))?;
                let item = items.get(number.checked_sub(1)?)?;
                let set = arguments_of(evaluator, &env, item, &names, unpacks)?;
                return Some(set.params(Some(0), None));
            }
            _ => {}
        }
    }
    None
}

/// The arguments that a set hands to the function: a tuple's elements, `param(...)`'s arguments, a dictionary's values, or itself.
fn arguments_of<'s>(
    evaluator: &Evaluator<'_, 's>,
    env: &Env<'s>,
    item: &Item<'s>,
    names: &[String],
    unpacks: bool,
) -> Option<Parametrization<'s>> {
    if let Some(code) = item.code
        && let Some(arguments) = param_call(code)
    {
        let env = Env::new(code.module, env.class);
        let mut named: Vec<(String, Node<'s>)> =
            names.iter().cloned().zip(arguments.positional).collect();
        named.extend(
            arguments
                .keywords
                .into_iter()
                .map(|(name, node)| (name.to_owned(), node)),
        );
        let names: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
        let values = named.iter().map(|(_, node)| evaluator.item(&env, *node));
        return Some(of(&names, values.collect()));
    }
    match &item.value {
        Value::List(items) | Value::Tuple(items) if unpacks => {
            (items.len() <= names.len()).then(|| of(&names[..items.len()], items.clone()))
        }
        Value::Dict(pairs) if unpacks => {
            let names: Option<Vec<String>> =
                pairs.iter().map(|(name, _)| name.value.text()).collect();
            let values = pairs.iter().map(|(_, value)| value.clone());
            Some(of(&names?, values.collect()))
        }
        Value::Unknown | Value::External(_) if unpacks => None,
        _ => Some(of(names.get(..1)?, vec![item.clone()])),
    }
}

/// `parameterized.param(1, expected=2)`.
fn param_call(code: Code<'_>) -> Option<Arguments<'_>> {
    let callee = code.node.child_by_field_name("function")?;
    let name = dotted(code.module, callee)?;
    let arguments = Arguments::of(code.module, code.node);
    (last(&name) == "param" && !arguments.unpacked).then_some(arguments)
}

/// One set of values for these names.
fn of<'s>(names: &[String], values: Vec<Item<'s>>) -> Parametrization<'s> {
    Parametrization {
        names: names.to_vec(),
        indirect: vec![false; names.len()],
        values: None,
        sets: Some(vec![Set {
            values,
            ids: Vec::new(),
            parts: Vec::new(),
            marks: Vec::new(),
        }]),
        fixture: None,
        ids_are_made: false,
        values_hold: false,
    }
}

fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}
