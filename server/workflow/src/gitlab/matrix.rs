//! `parallel: matrix`: GitLab's log does not name the job's leg, but the image that the runner pulled can tell it.

use text::{OriginKind, Span, Value};

use super::value::in_text;
use super::{Part, Pipeline};
use crate::JobConfiguration;
use crate::environment::Environment;
use crate::yaml::Node;
use log::Log;

/// GitLab allows 200 jobs of a matrix.
const MAX_LEGS: usize = 400;

/// A leg: its variables and their values.
type Leg = Vec<(String, String)>;

/// Sets the matrix's variables: known where all legs that the log can be of have the same value.
pub(super) fn fill(
    pipeline: &Pipeline,
    chain: &[Part],
    log: &Log,
    environment: &mut Environment,
    answer: &mut JobConfiguration,
) {
    let Some((file, node)) = pipeline.key(chain, "parallel") else {
        return;
    };
    let Some(matrix) = node.get("matrix") else {
        return;
    };
    let mut names: Vec<(String, Span)> = Vec::new();
    for entry in matrix.items().iter().flat_map(|item| item.entries()) {
        if !names.iter().any(|(name, _)| *name == entry.key) {
            let span = entry.key_span.cover(entry.value.span);
            names.push((entry.key.clone(), span));
        }
    }
    let legs = possible(legs(matrix), pipeline, chain, log, environment);
    for (name, span) in names {
        let of_leg = |leg: &Leg| {
            let found = leg.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        };
        let everywhere = legs.iter().all(|leg| of_leg(leg).is_some());
        let mut texts: Vec<String> = Vec::new();
        for text in legs.iter().filter_map(of_leg) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let value = match &texts[..] {
            [] => continue,
            [only] if everywhere => Value::printed(only.as_str()),
            _ => Value::Unresolved(format!("one of {}", texts.join(", "))),
        };
        let origin = file.source.origin(OriginKind::Matrix, span);
        answer
            .matrix
            .push((name.clone(), value.clone(), origin.clone()));
        environment.set(&name, value, origin);
    }
}

/// The legs of all entries, each with every combination of its values.
fn legs(matrix: &Node) -> Vec<Leg> {
    let mut all = Vec::new();
    for item in matrix.items() {
        let mut legs = vec![Leg::new()];
        for entry in item.entries() {
            let values = entry.value.strings();
            if values.is_empty() {
                continue;
            }
            let mut next = Vec::new();
            for leg in &legs {
                for (text, _) in &values {
                    if next.len() < MAX_LEGS {
                        let mut leg = leg.clone();
                        leg.push((entry.key.clone(), (*text).to_owned()));
                        next.push(leg);
                    }
                }
            }
            legs = next;
        }
        all.extend(legs);
        all.truncate(MAX_LEGS);
    }
    all
}

/// Those legs whose image is the one that the log names; all of them, where that tells nothing.
fn possible(
    legs: Vec<Leg>,
    pipeline: &Pipeline,
    chain: &[Part],
    log: &Log,
    environment: &Environment,
) -> Vec<Leg> {
    let (Some(pulled), Some((file, node))) = (&log.job.image, pipeline.key(chain, "image")) else {
        return legs;
    };
    let Some(image) = node.get("name").unwrap_or(&node).text() else {
        return legs;
    };
    let fits = |leg: &&Leg| {
        let mut environment = environment.clone();
        for (name, value) in *leg {
            let origin = file.source.origin(OriginKind::Matrix, node.span);
            environment.set(name, Value::printed(value.as_str()), origin);
        }
        matches!(in_text(image, &environment), Value::Known(text) if text == pulled.text)
    };
    let fitting: Vec<Leg> = legs.iter().filter(fits).cloned().collect();
    if fitting.is_empty() { legs } else { fitting }
}
