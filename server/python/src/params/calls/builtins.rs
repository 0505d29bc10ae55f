//! Calls of builtins.

use super::MAX_ITEMS;
use crate::params::evaluate::Evaluator;
use crate::params::value::{Item, Value};
use crate::source::Arguments;

impl<'s> Evaluator<'_, 's> {
    pub(super) fn builtin(
        &self,
        name: &str,
        values: &[Item<'s>],
        arguments: &Arguments<'s>,
    ) -> Option<Value<'s>> {
        if !arguments.keywords.is_empty() {
            return None;
        }
        let first = values.first().map(|item| &item.value);
        let elements = || first.and_then(|value| self.iterate(value));
        Some(match name {
            "range" => Value::List(range(values)?),
            "list" if values.is_empty() => Value::List(Vec::new()),
            "list" | "iter" => Value::List(elements()?),
            "tuple" if values.is_empty() => Value::Tuple(Vec::new()),
            "tuple" => Value::Tuple(elements()?),
            "set" | "frozenset" | "object" | "bytearray" => Value::Opaque,
            "reversed" => {
                let mut items = elements()?;
                items.reverse();
                Value::List(items)
            }
            "sorted" => Value::List(sorted(elements()?)?),
            "zip" => {
                let lists: Option<Vec<Vec<Item<'s>>>> = values
                    .iter()
                    .map(|item| self.iterate(&item.value))
                    .collect();
                let lists = lists?;
                let len = lists.iter().map(Vec::len).min().unwrap_or(0);
                let row = |index: usize| {
                    let row = lists.iter().map(|list| list[index].clone()).collect();
                    Item::made(Value::Tuple(row))
                };
                Value::List((0..len).map(row).collect())
            }
            "enumerate" if values.len() == 1 => Value::List(
                elements()?
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| {
                        let index = Item::made(Value::Int(index as i128));
                        Item::made(Value::Tuple(vec![index, item]))
                    })
                    .collect(),
            ),
            "map" if values.len() == 2 => {
                let mut mapped = Vec::new();
                for item in self.iterate(&values[1].value)? {
                    let value = self.apply_value(first?, &[item]).unwrap_or(Value::Unknown);
                    mapped.push(Item::made(value));
                }
                Value::List(mapped)
            }
            "len" => Value::Int(match first? {
                Value::Str(text) => text.chars().count(),
                Value::Bytes(bytes) => bytes.len(),
                value => self.iterate(value)?.len(),
            } as i128),
            "str" if values.len() == 1 => Value::Str(first?.text()?),
            "repr" => Value::Str(first?.repr()?),
            "int" if values.len() == 1 => match first? {
                Value::Float(value) if value.abs() < 1e18 => Value::Int(value.trunc() as i128),
                Value::Str(text) => Value::Int(text.trim().parse().ok()?),
                value => Value::Int(value.integer()?),
            },
            "float" if values.len() == 1 => match first? {
                Value::Str(text) => Value::Float(float(text)?),
                value => Value::Float(value.number()?),
            },
            "bool" if values.len() == 1 => Value::Bool(first?.truth()?),
            "chr" => {
                Value::Str(char::from_u32(u32::try_from(first?.integer()?).ok()?)?.to_string())
            }
            "isinstance" => Value::Bool(is_instance(first?, &values.get(1)?.value)?),
            "callable" => Value::Bool(matches!(
                first?,
                Value::Named(..) | Value::Builtin(_) | Value::Lambda(_)
            )),
            _ => return None,
        })
    }
}

fn range<'s>(values: &[Item<'s>]) -> Option<Vec<Item<'s>>> {
    let bounds = values.iter().map(|item| item.value.integer());
    let (mut at, end, step) = match bounds.collect::<Option<Vec<i128>>>()?[..] {
        [end] => (0, end, 1),
        [start, end] => (start, end, 1),
        [start, end, step] if step != 0 => (start, end, step),
        _ => return None,
    };
    let mut items = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        items.push(Item::made(Value::Int(at)));
        at = at.checked_add(step)?;
        if items.len() > MAX_ITEMS {
            return None;
        }
    }
    Some(items)
}

/// Texts or numbers in their order; others have one that is not known.
fn sorted(mut items: Vec<Item<'_>>) -> Option<Vec<Item<'_>>> {
    let of_items = |is_such: fn(&Value<'_>) -> bool| items.iter().all(|it| is_such(&it.value));
    if of_items(|it| matches!(it, Value::Str(_))) {
        items.sort_by_key(|item| item.value.text());
    } else if of_items(|it| matches!(it, Value::Int(_) | Value::Float(_))) {
        let number = |item: &Item<'_>| item.value.number().unwrap_or_default();
        items.sort_by(|a, b| number(a).total_cmp(&number(b)));
    } else {
        return None;
    }
    Some(items)
}

/// What `float` reads in a text.
fn float(text: &str) -> Option<f64> {
    match text.trim().to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "inf" | "infinity" | "+inf" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        text => text.parse().ok(),
    }
}

fn is_instance(value: &Value<'_>, class: &Value<'_>) -> Option<bool> {
    if let Value::Tuple(classes) = class {
        let mut found = false;
        for class in classes {
            found |= is_instance(value, &class.value)?;
        }
        return Some(found);
    }
    let Value::Builtin(class) = class else {
        return None;
    };
    let of = match value {
        Value::None => "NoneType",
        Value::Bool(_) if class == "int" => "int",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Str(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::List(_) => "list",
        Value::Tuple(_) => "tuple",
        Value::Dict(_) => "dict",
        Value::Lambda(_) => "function",
        _ => return None,
    };
    Some(of == class || class == "object")
}
