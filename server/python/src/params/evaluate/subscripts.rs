//! Elements and slices.

use tree_sitter::Node;

use super::operators::index;
use super::{Env, Evaluator};
use crate::params::value::Value;
use crate::source::named_children;

impl<'s> Evaluator<'_, 's> {
    pub(super) fn subscript(&self, env: &Env<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let object = self.value(env, node.child_by_field_name("value")?);
        let key_node = node.child_by_field_name("subscript")?;
        if key_node.kind() == "slice" {
            return self.slice(env, &object, key_node);
        }
        let key = self.value(env, key_node);
        match &object {
            Value::List(items) | Value::Tuple(items) => Some(
                items
                    .get(index(key.integer()?, items.len())?)?
                    .value
                    .clone(),
            ),
            Value::Str(text) => {
                let chars: Vec<char> = text.chars().collect();
                let c = chars.get(index(key.integer()?, chars.len())?)?;
                Some(Value::Str(c.to_string()))
            }
            Value::Dict(pairs) => pairs
                .iter()
                .find(|(other, _)| other.value.equals(&key) == Some(true))
                .map(|(_, item)| item.value.clone()),
            Value::Named(name, code) => match key {
                Value::Str(member) => self.enum_member(name, *code, &member),
                _ => None,
            },
            _ => None,
        }
    }

    fn slice(&self, env: &Env<'s>, object: &Value<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let source: String = env.module.source(node).to_owned();
        if source.matches(':').count() != 1 {
            return None;
        }
        let colon = source.find(':')? + node.start_byte();
        let mut bounds = [None, None];
        for bound in named_children(node) {
            let place = usize::from(bound.start_byte() > colon);
            bounds[place] = Some(self.value(env, bound).integer()?);
        }
        let cut = |len: usize| {
            let clamp = |bound: i128| {
                let bound = if bound < 0 {
                    bound + len as i128
                } else {
                    bound
                };
                usize::try_from(bound.max(0)).unwrap_or(len).min(len)
            };
            let start = bounds[0].map_or(0, clamp);
            let end = bounds[1].map_or(len, clamp);
            start..end.max(start)
        };
        Some(match object {
            Value::List(items) => Value::List(items[cut(items.len())].to_vec()),
            Value::Tuple(items) => Value::Tuple(items[cut(items.len())].to_vec()),
            Value::Str(text) => {
                let chars: Vec<char> = text.chars().collect();
                Value::Str(chars[cut(chars.len())].iter().collect())
            }
            _ => return None,
        })
    }
}
