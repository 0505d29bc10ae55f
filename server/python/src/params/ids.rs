//! Ids as pytest makes them of values.
//!
//! Versions differ: 8.1 puts `_` between an id that ends in a digit and the counter of duplicates, 9.2 makes no id of long strings.
//! A log does not always tell the version, so a part of an id can have several texts.

use std::collections::{HashMap, HashSet};

use super::value::{Value, ascii_escaped, bytes_escaped};

/// What a part of an id may be.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// One of these texts, the most probable first.
    Exact(Vec<String>),
    /// Computed from what is not known: any text, but more probably one of these (with how improbable each is).
    Open(Vec<(String, u32)>),
}

/// The part that pytest makes of a value by itself, for the argument of that name in the set of that index.
pub(crate) fn part(value: &Value<'_>, argument: &str, index: usize) -> Part {
    let by_position = format!("{argument}{index}");
    match from_value(value) {
        Made::Text(text) if text.chars().count() > 100 && matches!(value, Value::Str(_)) => {
            Part::Exact(vec![text, by_position])
        }
        Made::Text(text) => Part::Exact(vec![text]),
        Made::Nothing => Part::Exact(vec![by_position]),
        Made::Unknown => {
            let mut guesses = vec![(by_position, 1)];
            match value {
                Value::External(name) => {
                    let last = name.rsplit('.').next().unwrap_or_default();
                    guesses.insert(0, (last.to_owned(), 1));
                    guesses.push((name.clone(), 1));
                }
                Value::Enum(class, member, value, _) => {
                    guesses.push((format!("{class}.{member}"), 1));
                    if let Some(text) = value.value.text() {
                        guesses.push((ascii_escaped(&text), 1));
                    }
                }
                _ => {}
            }
            Part::Open(guesses)
        }
    }
}

/// The part for an entry of `ids=`, or for what a callable gave.
pub(crate) fn part_of_id(value: &Value<'_>) -> Option<Part> {
    match from_value(value) {
        Made::Text(text) => Some(Part::Exact(vec![text])),
        Made::Nothing => None,
        Made::Unknown => match value {
            Value::Enum(class, member, ..) => {
                Some(Part::Open(vec![(format!("{class}.{member}"), 1)]))
            }
            _ => Some(Part::Open(Vec::new())),
        },
    }
}

enum Made {
    Text(String),
    /// pytest makes no id of such a value, but of its place.
    Nothing,
    Unknown,
}

fn from_value(value: &Value<'_>) -> Made {
    match value {
        Value::Str(text) => Made::Text(ascii_escaped(text)),
        Value::Bytes(bytes) => Made::Text(bytes_escaped(bytes)),
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            value.text().map_or(Made::Unknown, Made::Text)
        }
        Value::Regex(pattern) => Made::Text(ascii_escaped(pattern)),
        Value::Enum(class, member, _, false) => Made::Text(format!("{class}.{member}")),
        Value::Named(name, _) | Value::Builtin(name) => Made::Text(name.clone()),
        Value::Lambda(_) => Made::Text("<lambda>".to_owned()),
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Opaque => Made::Nothing,
        Value::Enum(..) | Value::Param(..) | Value::External(_) | Value::Unknown => Made::Unknown,
    }
}

/// The ids of sets, made unique by counters; each with the texts that pytest's versions give. `None` stays `None`: not known.
pub(crate) fn unique(ids: &[Option<String>]) -> Vec<Vec<String>> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for id in ids.iter().flatten() {
        *counts.entry(id).or_default() += 1;
    }
    let mut taken: HashSet<String> = ids.iter().flatten().cloned().collect();
    let mut next: HashMap<&str, usize> = HashMap::new();
    let mut next_old: HashMap<&str, usize> = HashMap::new();
    ids.iter()
        .map(|id| {
            let Some(id) = id else {
                return Vec::new();
            };
            if counts[id.as_str()] < 2 {
                return vec![id.clone()];
            }
            let between = if id.ends_with(|c: char| c.is_ascii_digit()) {
                "_"
            } else {
                ""
            };
            let counter = next.entry(id).or_default();
            let mut new = format!("{id}{between}{counter}");
            while taken.contains(&new) {
                *counter += 1;
                new = format!("{id}{between}{counter}");
            }
            *counter += 1;
            let counter = next_old.entry(id).or_default();
            let old = format!("{id}{counter}");
            *counter += 1;
            taken.insert(new.clone());
            if old == new {
                vec![new]
            } else {
                vec![new, old]
            }
        })
        .collect()
}
