//! Calls of methods of strings, dictionaries and lists.

use tree_sitter::Node;

use crate::params::evaluate::{Env, Evaluator};
use crate::params::value::{Item, Value};
use crate::source::Arguments;

const METHODS: [&str; 14] = [
    "format",
    "upper",
    "lower",
    "strip",
    "join",
    "split",
    "replace",
    "encode",
    "items",
    "keys",
    "values",
    "startswith",
    "endswith",
    "copy",
];

impl<'s> Evaluator<'_, 's> {
    pub(super) fn method(
        &self,
        env: &Env<'s>,
        function: Node<'s>,
        arguments: &Arguments<'s>,
    ) -> Option<Value<'s>> {
        if function.kind() != "attribute" || arguments.unpacked || !arguments.keywords.is_empty() {
            return None;
        }
        let name = env.module.field(function, "attribute");
        // What an object is may take long to find out.
        if !METHODS.contains(&name) {
            return None;
        }
        let object = self.value(env, function.child_by_field_name("object")?);
        let values = arguments.positional.iter();
        let values: Vec<Value<'s>> = values.map(|it| self.value(env, *it)).collect();
        let text = |text: &str| Item::made(Value::Str(text.to_owned()));
        Some(match (&object, name, values.as_slice()) {
            (Value::Str(text), "format", values) => Value::Str(formatted(text, values)?),
            (Value::Str(text), "upper", []) => Value::Str(text.to_uppercase()),
            (Value::Str(text), "lower", []) => Value::Str(text.to_lowercase()),
            (Value::Str(text), "strip", []) => Value::Str(text.trim().to_owned()),
            (Value::Str(whole), "split", []) => {
                Value::List(whole.split_whitespace().map(text).collect())
            }
            (Value::Str(whole), "split", [Value::Str(separator)]) if !separator.is_empty() => {
                Value::List(whole.split(separator.as_str()).map(text).collect())
            }
            (Value::Str(text), "replace", [Value::Str(from), Value::Str(to)])
                if !from.is_empty() && to.len() <= 100 =>
            {
                Value::Str(text.replace(from.as_str(), to))
            }
            (Value::Str(text), "startswith", [Value::Str(part)]) => {
                Value::Bool(text.starts_with(part.as_str()))
            }
            (Value::Str(text), "endswith", [Value::Str(part)]) => {
                Value::Bool(text.ends_with(part.as_str()))
            }
            (Value::Str(text), "encode", encoding) if is_utf8_in(text, encoding) => {
                Value::Bytes(text.clone().into_bytes())
            }
            (Value::Str(separator), "join", [parts]) => {
                let mut texts = Vec::new();
                for item in self.iterate(parts)? {
                    match item.value {
                        Value::Str(text) => texts.push(text),
                        _ => return None,
                    }
                }
                Value::Str(texts.join(separator))
            }
            (Value::Dict(pairs), "items", []) => Value::List(
                pairs
                    .iter()
                    .map(|(key, value)| Item::made(Value::Tuple(vec![key.clone(), value.clone()])))
                    .collect(),
            ),
            (Value::Dict(pairs), "keys", []) => {
                Value::List(pairs.iter().map(|(key, _)| key.clone()).collect())
            }
            (Value::Dict(pairs), "values", []) => {
                Value::List(pairs.iter().map(|(_, value)| value.clone()).collect())
            }
            (Value::List(items), "copy", []) => Value::List(items.clone()),
            _ => return None,
        })
    }
}

/// Whether a text has the bytes of UTF-8 in the encoding that `encode` is given.
fn is_utf8_in(text: &str, encoding: &[Value<'_>]) -> bool {
    match encoding {
        [] => true,
        [Value::Str(name)] => match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => true,
            "ascii" | "latin-1" | "latin1" => text.is_ascii(),
            _ => false,
        },
        _ => false,
    }
}

/// `"{}-{1}".format(...)`, with numbers or nothing in the braces only.
fn formatted(format: &str, values: &[Value<'_>]) -> Option<String> {
    let mut out = String::new();
    let mut next = 0;
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if rest.starts_with(brace) {
            out.push_str(brace);
            rest = &rest[1..];
            continue;
        }
        let (name, after) = rest.split_once('}').filter(|_| brace == "{")?;
        let index = if name.is_empty() {
            next += 1;
            next - 1
        } else {
            name.parse().ok()?
        };
        out.push_str(&values.get(index)?.text()?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}
