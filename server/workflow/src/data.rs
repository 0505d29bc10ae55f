//! The values of GitHub's expressions, and how YAML's scalars become them.
//!
//! They follow GitHub's own reader: `3.10` without quotes is the number 3.1 and prints as `3.1`; `yes` is a string.

use std::sync::Arc;

use text::Value;

use crate::yaml::{Kind, Node, Scalar};

/// How many nodes one value may hold: aliases of aliases share their nodes, so a small file can stand for a huge value.
const MAX_NODES: usize = 20_000;

/// A value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Number(f64),
    Text(Arc<str>),
    List(Arc<[Self]>),
    Map(Arc<Map>),
    /// Cannot be known here; the expression as written.
    Unknown(Arc<str>),
}

/// Keys and values in order; keys are found in any case.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Map {
    pub(crate) entries: Vec<(String, Data)>,
    /// Whether there may be keys that are not known here.
    pub(crate) open: bool,
}

impl Map {
    pub(crate) fn get(&self, key: &str) -> Option<&Data> {
        self.entries
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, value)| value)
    }
}

impl Data {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Arc::from(text.as_ref()))
    }

    pub(crate) fn unknown(expression: impl AsRef<str>) -> Self {
        Self::Unknown(Arc::from(expression.as_ref()))
    }

    pub(crate) fn map(entries: Vec<(String, Self)>, open: bool) -> Self {
        Self::Map(Arc::new(Map { entries, open }))
    }

    /// A node as GitHub reads it, expressions in it left as text.
    pub(crate) fn from_node(node: &Node) -> Self {
        let mut budget = MAX_NODES;
        Self::read(node, &mut budget)
    }

    fn read(node: &Node, budget: &mut usize) -> Self {
        let Some(left) = budget.checked_sub(1) else {
            return Self::unknown("a value of too many parts");
        };
        *budget = left;
        match &node.kind {
            Kind::Null => Self::Null,
            Kind::Scalar(scalar) => Self::from_scalar(scalar),
            Kind::Sequence(items) => {
                Self::List(items.iter().map(|item| Self::read(item, budget)).collect())
            }
            Kind::Mapping(entries) => {
                let entries = entries
                    .iter()
                    .map(|entry| (entry.key.clone(), Self::read(&entry.value, budget)))
                    .collect();
                Self::map(entries, false)
            }
        }
    }

    pub(crate) fn from_scalar(scalar: &Scalar) -> Self {
        let text = scalar.text.as_str();
        if !scalar.plain {
            return Self::text(text);
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            _ => yaml_number(text).map_or_else(|| Self::text(text), Self::Number),
        }
    }

    pub(crate) fn from_json(text: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        Some(Self::from_json_value(&value))
    }

    fn from_json_value(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(value) => Self::Number(value.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(value) => Self::text(value),
            serde_json::Value::Array(items) => {
                Self::List(items.iter().map(Self::from_json_value).collect())
            }
            serde_json::Value::Object(entries) => Self::map(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::from_json_value(value)))
                    .collect(),
                false,
            ),
        }
    }

    /// As GitHub prints it; `None` where that is not known.
    pub(crate) fn printed(&self) -> Option<String> {
        match self {
            Self::Null => Some(String::new()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Number(value) => Some(number(*value)),
            Self::Text(text) => Some(text.to_string()),
            Self::List(_) => Some("Array".to_owned()),
            Self::Map(_) => Some("Object".to_owned()),
            Self::Unknown(_) => None,
        }
    }

    /// The value for a report: lists and maps as JSON.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Unknown(expression) => Value::Unresolved(expression.to_string()),
            Self::List(_) | Self::Map(_) => match self.to_json() {
                Some(json) => Value::Known(json.to_string()),
                None => Value::Unresolved("a value that is not wholly known".to_owned()),
            },
            other => Value::printed(other.printed().unwrap_or_default()),
        }
    }

    /// `None` where a part is not known.
    pub(crate) fn to_json(&self) -> Option<serde_json::Value> {
        Some(match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(value) => number(*value)
                .parse::<serde_json::Number>()
                .map_or(serde_json::Value::Null, serde_json::Value::Number),
            Self::Text(text) => text.as_ref().into(),
            Self::List(items) => {
                serde_json::Value::Array(items.iter().map(Self::to_json).collect::<Option<_>>()?)
            }
            Self::Map(map) if map.open => return None,
            Self::Map(map) => serde_json::Value::Object(
                map.entries
                    .iter()
                    .map(|(key, value)| Some((key.clone(), value.to_json()?)))
                    .collect::<Option<_>>()?,
            ),
            Self::Unknown(_) => return None,
        })
    }

    pub(crate) fn truthy(&self) -> Option<bool> {
        Some(match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(value) => *value != 0.0 && !value.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::List(_) | Self::Map(_) => true,
            Self::Unknown(_) => return None,
        })
    }

    /// The scalars of a value in order, as GitHub lists them in a leg's name.
    pub(crate) fn leaves(&self, into: &mut Vec<Option<String>>) {
        match self {
            Self::List(items) => items.iter().for_each(|item| item.leaves(into)),
            Self::Map(map) => map.entries.iter().for_each(|(_, item)| item.leaves(into)),
            other => into.push(other.printed()),
        }
    }
}

/// A number as GitHub prints it: 15 digits, no trailing zeros.
pub(crate) fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-5..15).contains(&exponent) {
        let decimals = usize::try_from(14 - exponent).unwrap_or(0);
        let plain = format!("{value:.decimals$}");
        if plain.contains('.') {
            return plain.trim_end_matches('0').trim_end_matches('.').to_owned();
        }
        return plain;
    }
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}E{sign}{:02}", exponent.abs())
}

/// A plain scalar that is a number in YAML 1.2's core schema.
fn yaml_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(|value| value as f64);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(|value| value as f64);
    }
    match digits {
        ".inf" | ".Inf" | ".INF" => {
            return Some(if text.starts_with('-') {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            });
        }
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    #[track_caller]
    fn printed(yaml: &str) -> String {
        let root = &yaml::parse(&format!("x: {yaml}\n")).roots[0];
        Data::from_node(root.get("x").unwrap()).printed().unwrap()
    }

    #[test]
    fn scalars_as_github_prints_them() {
        let table = [
            ("3.10", "3.1"),
            ("'3.10'", "3.10"),
            ("3.0", "3"),
            ("1e3", "1000"),
            ("0x10", "16"),
            ("0o17", "15"),
            ("007", "7"),
            ("True", "true"),
            ("yes", "yes"),
            ("", ""),
            ("~", ""),
            ("1_000", "1_000"),
            ("1.2.3", "1.2.3"),
            ("-0.5", "-0.5"),
            ("123456789012345678", "1.23456789012346E+17"),
            ("0.1", "0.1"),
            ("12:30", "12:30"),
        ];
        for (yaml, text) in table {
            assert_eq!(printed(yaml), text, "{yaml}");
        }
    }
}
