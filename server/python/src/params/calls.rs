//! Calls that the evaluator knows: of builtins, of `itertools`, of methods of strings and dictionaries, of `pytest.param`,
//! and of small functions of the workspace.

mod builtins;
mod functions;
mod methods;

use tree_sitter::Node;

use super::evaluate::{Env, Evaluator};
use super::value::{Code, Item, Value};
use crate::source::{Arguments, named_children};

const MAX_ITEMS: usize = 20_000;

impl<'s> Evaluator<'_, 's> {
    pub(crate) fn call(&self, env: &Env<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let function = node.child_by_field_name("function")?;
        let arguments = Arguments::of(env.module, node);
        if let Some(value) = self.method(env, function, &arguments) {
            return Some(value);
        }
        let callee = self.value(env, function);
        if let Value::External(name) = &callee
            && matches!(name.as_str(), "pytest.param" | "_pytest.mark.param")
        {
            return self.param(env, node, &arguments);
        }
        if arguments.unpacked {
            return None;
        }
        let values: Vec<Item<'s>> = arguments
            .positional
            .iter()
            .map(|argument| self.item(env, *argument))
            .collect();
        match callee {
            Value::Builtin(name) => self.builtin(&name, &values, &arguments),
            Value::External(name) => self.external(env, &name, &values, &arguments),
            // An instance of a plain class has no name; a class of its own making may have anything.
            Value::Named(_, code) if code.node.kind() == "class_definition" => {
                let plain = code.node.child_by_field_name("superclasses").is_none();
                plain.then_some(Value::Opaque)
            }
            Value::Lambda(code) => self.apply(code, &values, &[]),
            Value::Named(_, code) if arguments.keywords.is_empty() => {
                self.apply(code, &values, &[])
            }
            _ => None,
        }
    }

    fn param(&self, env: &Env<'s>, node: Node<'s>, arguments: &Arguments<'s>) -> Option<Value<'s>> {
        let mut values = Vec::new();
        let list = node.child_by_field_name("arguments")?;
        for argument in named_children(list) {
            match argument.kind() {
                "keyword_argument" => {}
                "list_splat" => {
                    let inner = named_children(argument).into_iter().next()?;
                    values.extend(self.iterate(&self.value(env, inner))?);
                }
                "dictionary_splat" | "ERROR" => return None,
                _ => values.push(self.item(env, argument)),
            }
        }
        let mut known = true;
        let id = match arguments.keyword("id").map(|id| self.value(env, id)) {
            None | Some(Value::None) => None,
            Some(Value::Str(id)) => Some(id),
            Some(_) => {
                known = false;
                None
            }
        };
        let marks = arguments.keyword("marks").map(|node| Code {
            module: env.module,
            node,
        });
        Some(Value::Param(values, id, marks.into_iter().collect(), known))
    }

    fn external(
        &self,
        env: &Env<'s>,
        name: &str,
        values: &[Item<'s>],
        arguments: &Arguments<'s>,
    ) -> Option<Value<'s>> {
        Some(match name {
            "itertools.product" => {
                let mut lists: Vec<Vec<Item<'s>>> = Vec::new();
                for item in values {
                    lists.push(self.iterate(&item.value)?);
                }
                match arguments.keywords.as_slice() {
                    [] => {}
                    [("repeat", count)] => {
                        let count = usize::try_from(self.value(env, *count).integer()?).ok()?;
                        if count > 8 {
                            return None;
                        }
                        let once = lists.clone();
                        lists = (0..count).flat_map(|_| once.clone()).collect();
                    }
                    _ => return None,
                }
                let mut rows: Vec<Vec<Item<'s>>> = vec![Vec::new()];
                for list in lists {
                    if rows.len().saturating_mul(list.len()) > MAX_ITEMS {
                        return None;
                    }
                    rows = rows
                        .iter()
                        .flat_map(|row| {
                            list.iter().map(|item| {
                                let mut row = row.clone();
                                row.push(item.clone());
                                row
                            })
                        })
                        .collect();
                }
                Value::List(
                    rows.into_iter()
                        .map(|row| Item::made(Value::Tuple(row)))
                        .collect(),
                )
            }
            "itertools.chain" if arguments.keywords.is_empty() => {
                let mut items = Vec::new();
                for item in values {
                    items.extend(self.iterate(&item.value)?);
                }
                Value::List(items)
            }
            "itertools.permutations" | "itertools.combinations"
                if arguments.keywords.is_empty() && values.len() == 2 =>
            {
                let items = self.iterate(&values[0].value)?;
                let count = usize::try_from(values[1].value.integer()?).ok()?;
                if count > 4 || items.len() > 20 {
                    return None;
                }
                let ordered = name.ends_with("combinations");
                let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
                for _ in 0..count {
                    rows = rows
                        .iter()
                        .flat_map(|row| {
                            let from = match (ordered, row.last()) {
                                (true, Some(last)) => last + 1,
                                _ => 0,
                            };
                            (from..items.len())
                                .filter(|index| !row.contains(index))
                                .map(|index| {
                                    let mut row = row.clone();
                                    row.push(index);
                                    row
                                })
                                .collect::<Vec<_>>()
                        })
                        .collect();
                    if rows.len() > MAX_ITEMS {
                        return None;
                    }
                }
                let tuple = |row: Vec<usize>| {
                    let row = row.into_iter().map(|index| items[index].clone());
                    Item::made(Value::Tuple(row.collect()))
                };
                Value::List(rows.into_iter().map(tuple).collect())
            }
            "re.compile" => match &values.first()?.value {
                Value::Str(pattern) => Value::Regex(pattern.clone()),
                _ => return None,
            },
            _ => return None,
        })
    }
}
