//! What operators give: arithmetic, comparison, repetition, `%` of a string.

use tree_sitter::Node;

use super::{Env, Evaluator};
use crate::params::value::{Item, Value};
use crate::source::named_children;

impl<'s> Evaluator<'_, 's> {
    pub(super) fn comparison(&self, env: &Env<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let operands = named_children(node);
        let [left, right] = operands.as_slice() else {
            return None;
        };
        let between = env.module.text.get(left.end_byte()..right.start_byte())?;
        let operator: Vec<&str> = between.split_whitespace().collect();
        let left = self.value(env, *left);
        let right = self.value(env, *right);
        let ordered = || -> Option<std::cmp::Ordering> {
            match (&left, &right) {
                (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
                _ => left.number()?.partial_cmp(&right.number()?),
            }
        };
        Some(Value::Bool(match operator.as_slice() {
            ["=="] => left.equals(&right)?,
            ["!="] => !left.equals(&right)?,
            ["is"] if matches!(right, Value::None | Value::Bool(_)) => left.equals(&right)?,
            ["is", "not"] if matches!(right, Value::None | Value::Bool(_)) => {
                !left.equals(&right)?
            }
            ["<"] => ordered()?.is_lt(),
            ["<="] => ordered()?.is_le(),
            [">"] => ordered()?.is_gt(),
            [">="] => ordered()?.is_ge(),
            ["in"] | ["not", "in"] => {
                let found = match (&left, &right) {
                    (Value::Str(part), Value::Str(whole)) => whole.contains(part.as_str()),
                    _ => {
                        let mut found = false;
                        for item in self.iterate(&right)? {
                            found |= item.value.equals(&left)?;
                        }
                        found
                    }
                };
                found == (operator.len() == 1)
            }
            _ => return None,
        }))
    }
}

pub(super) fn index(at: i128, len: usize) -> Option<usize> {
    let at = if at < 0 { at + len as i128 } else { at };
    usize::try_from(at).ok().filter(|at| *at < len)
}

/// `left operator right`; `None` where it is not known.
pub(super) fn binary<'s>(operator: &str, left: Value<'s>, right: Value<'s>) -> Option<Value<'s>> {
    const MAX_LEN: usize = 100_000;
    if let (Some(a), Some(b)) = (left.integer(), right.integer()) {
        return Some(match operator {
            "+" => Value::Int(a.checked_add(b)?),
            "-" => Value::Int(a.checked_sub(b)?),
            "*" => Value::Int(a.checked_mul(b)?),
            "/" if b != 0 => Value::Float(a as f64 / b as f64),
            "//" if b != 0 => Value::Int(a.checked_div_euclid(b).filter(|_| b > 0)?),
            "%" if b > 0 => Value::Int(a.checked_rem_euclid(b)?),
            "**" if (0..200).contains(&b) => Value::Int(a.checked_pow(u32::try_from(b).ok()?)?),
            "<<" if (0..100).contains(&b) => {
                Value::Int(a.checked_mul(1i128.checked_shl(u32::try_from(b).ok()?)?)?)
            }
            ">>" if (0..100).contains(&b) => Value::Int(a >> b),
            "|" if matches!(left, Value::Int(_)) => Value::Int(a | b),
            "&" if matches!(left, Value::Int(_)) => Value::Int(a & b),
            _ => return None,
        });
    }
    if let (Some(a), Some(b)) = (left.number(), right.number()) {
        return Some(Value::Float(match operator {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" if b != 0.0 => a / b,
            _ => return None,
        }));
    }
    let times = |len: usize, count: i128| -> Option<usize> {
        let count = usize::try_from(count.max(0)).ok()?;
        (len.checked_mul(count)? <= MAX_LEN).then_some(count)
    };
    Some(match (operator, left, right) {
        ("+", Value::Str(a), Value::Str(b)) if a.len() + b.len() <= MAX_LEN => Value::Str(a + &b),
        ("+", Value::Bytes(mut a), Value::Bytes(b)) if a.len() + b.len() <= MAX_LEN => {
            a.extend(b);
            Value::Bytes(a)
        }
        ("+", Value::List(mut a), Value::List(b)) if a.len() + b.len() <= MAX_LEN => {
            a.extend(b);
            Value::List(a)
        }
        ("+", Value::Tuple(mut a), Value::Tuple(b)) if a.len() + b.len() <= MAX_LEN => {
            a.extend(b);
            Value::Tuple(a)
        }
        ("*", Value::Str(text), Value::Int(count)) | ("*", Value::Int(count), Value::Str(text)) => {
            let count = times(text.len(), count)?;
            Value::Str(text.repeat(count))
        }
        ("*", Value::Bytes(bytes), Value::Int(count))
        | ("*", Value::Int(count), Value::Bytes(bytes)) => {
            let count = times(bytes.len(), count)?;
            Value::Bytes(bytes.repeat(count))
        }
        ("*", Value::List(items), Value::Int(count)) => {
            let count = times(items.len(), count)?;
            Value::List(repeated(&items, count))
        }
        ("*", Value::Tuple(items), Value::Int(count)) => {
            let count = times(items.len(), count)?;
            Value::Tuple(repeated(&items, count))
        }
        ("%", Value::Str(format), argument) => Value::Str(percent(&format, &argument)?),
        _ => return None,
    })
}

pub(super) fn repeated<'s>(items: &[Item<'s>], count: usize) -> Vec<Item<'s>> {
    (0..count).flat_map(|_| items.iter().cloned()).collect()
}

/// `"%s-%d" % (a, b)`, with `%s`, `%d`, `%r` and `%%` only.
pub(super) fn percent(format: &str, argument: &Value<'_>) -> Option<String> {
    let single = [Item::made(argument.clone())];
    let mut arguments = match argument {
        Value::Tuple(items) => items.iter(),
        Value::Dict(_) => return None,
        _ => single.iter(),
    };
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            '%' => out.push('%'),
            's' => out.push_str(&arguments.next()?.value.text()?),
            'r' => out.push_str(&arguments.next()?.value.repr()?),
            'd' => out.push_str(&arguments.next()?.value.integer()?.to_string()),
            _ => return None,
        }
    }
    arguments.next().is_none().then_some(out)
}
