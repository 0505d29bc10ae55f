//! Calls that the evaluator knows: of builtins, of the standard library, of methods of strings and dictionaries, of `pytest.param`, and
//! of small functions of the workspace.

mod builtins;
mod functions;
mod library;
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
}
