//! The legs of a matrix: vectors, `include`, `exclude`, bounded.

use std::sync::Arc;

use text::Span;

use crate::data::Data;
use crate::expression::{self, Contexts};
use crate::yaml::Node;

/// GitHub allows 256 legs of a job; a few more are looked at, to be able to say which one a log is of.
pub(crate) const MAX_LEGS: usize = 1024;

/// One leg: key, value, and where the value stands.
pub(crate) type Leg = Vec<(String, Data, Span)>;

/// The legs of `strategy.matrix`, and whether some were left out. Without a matrix: one empty leg.
pub(crate) fn legs(matrix: Option<&Arc<Node>>, contexts: &Contexts) -> (Vec<Leg>, bool) {
    let Some(node) = matrix else {
        return (vec![Leg::new()], false);
    };
    let span = node.span;
    let value = expression::fill(&Data::from_node(node), contexts);
    let Data::Map(map) = &value else {
        return (vec![Leg::new()], false);
    };
    let place = |key: &str, idx: Option<usize>| {
        let Some(found) = node.get(key) else {
            return span;
        };
        idx.and_then(|idx| found.items().get(idx))
            .map_or(found.span, |item| item.span)
    };
    let mut legs: Vec<Leg> = vec![Leg::new()];
    let mut cut = false;
    for (key, values) in &map.entries {
        if matches!(key.as_str(), "include" | "exclude") {
            continue;
        }
        let values: Vec<(Data, Span)> = match values {
            Data::List(items) => items
                .iter()
                .enumerate()
                .map(|(idx, item)| (item.clone(), place(key, Some(idx))))
                .collect(),
            other => vec![(other.clone(), place(key, None))],
        };
        let mut next = Vec::new();
        'all: for leg in &legs {
            for (value, span) in &values {
                if next.len() >= MAX_LEGS {
                    cut = true;
                    break 'all;
                }
                let mut leg = leg.clone();
                leg.push((key.clone(), value.clone(), *span));
                next.push(leg);
            }
        }
        legs = next;
    }
    let vectors = map
        .entries
        .iter()
        .any(|(key, _)| !matches!(key.as_str(), "include" | "exclude"));
    if let Some(Data::List(excluded)) = map.get("exclude") {
        legs.retain(|leg| !excluded.iter().any(|pattern| fits(leg, pattern)));
    }
    if let Some(Data::List(included)) = map.get("include") {
        let originals: Vec<Leg> = if vectors { legs.clone() } else { Vec::new() };
        if !vectors {
            legs.clear();
        }
        for (idx, item) in included.iter().enumerate() {
            let Data::Map(extra) = item else { continue };
            let span = place("include", Some(idx));
            let mut added = false;
            for (leg, original) in legs.iter_mut().zip(&originals) {
                let clashes = extra.entries.iter().any(|(key, value)| {
                    original.iter().any(|(name, own, _)| {
                        name == key && expression::equal(own, value) != Some(true)
                    })
                });
                if clashes {
                    continue;
                }
                added = true;
                for (key, value) in &extra.entries {
                    leg.retain(|(name, _, _)| {
                        name != key || original.iter().any(|(own, _, _)| own == key)
                    });
                    if !leg.iter().any(|(name, _, _)| name == key) {
                        leg.push((key.clone(), value.clone(), span));
                    }
                }
            }
            if !added {
                if legs.len() >= MAX_LEGS {
                    cut = true;
                    break;
                }
                legs.push(
                    extra
                        .entries
                        .iter()
                        .map(|(key, value)| (key.clone(), value.clone(), span))
                        .collect(),
                );
            }
        }
    }
    (legs, cut)
}

fn fits(leg: &Leg, pattern: &Data) -> bool {
    let Data::Map(pattern) = pattern else {
        return false;
    };
    pattern.entries.iter().all(|(key, value)| {
        leg.iter().any(|(name, own, _)| {
            name == key && (own == value || expression::equal(own, value) == Some(true))
        })
    })
}

/// The leg as the context `matrix`.
pub(crate) fn context(leg: &Leg) -> Data {
    let entries = leg
        .iter()
        .map(|(key, value, _)| (key.clone(), value.clone()))
        .collect();
    Data::map(entries, false)
}

/// Takes back what a leg says where another one fits the log as well: what they do not share is not known.
pub(crate) fn blur(leg: &mut Leg, other: &Leg) {
    for (key, value, _) in leg.iter_mut() {
        let same = other.iter().any(|(name, own, _)| {
            name == key && (own == value || matches!(value, Data::Unknown(_)))
        });
        if !same {
            *value = Data::unknown(format!("${{{{ matrix.{key} }}}}"));
        }
    }
    for (key, _, span) in other {
        if !leg.iter().any(|(name, _, _)| name == key) {
            let unknown = Data::unknown(format!("${{{{ matrix.{key} }}}}"));
            leg.push((key.clone(), unknown, *span));
        }
    }
}
