//! GitLab's values: numbers as they print, and other variables filled in.

use log::Log;
use text::{Origin, OriginKind, Span, Value};

use crate::contexts::checkout;
use crate::environment::Environment;

/// A number without quotes as Ruby prints it: `3.10` is `3.1`, `3.0` stays. Stranger forms are not known.
pub(super) fn number(text: &str) -> Value {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let whole = |text: &str| digits(text) && (text == "0" || !text.starts_with('0'));
    match text.split_once('.') {
        None if whole(text) => Value::printed(text),
        Some((before, after)) if whole(before) && digits(after) && after.len() < 12 => {
            let after = after.trim_end_matches('0');
            let after = if after.is_empty() { "0" } else { after };
            Value::printed(format!("{before}.{after}"))
        }
        _ => Value::Unresolved(text.to_owned()),
    }
}

/// `$NAME` in values: the runner fills in other variables of the job.
pub(super) fn expand_references(log: &Log, environment: &mut Environment) {
    if let Some(checkout) = checkout(log) {
        let origin = Origin {
            kind: OriginKind::CiDefault,
            path: String::new(),
            line: 1,
            span: Span::at(0),
        };
        environment.set("CI_PROJECT_DIR", Value::Known(checkout), origin);
    }
    let names: Vec<String> = environment
        .variables
        .iter()
        .map(|variable| variable.name.clone())
        .collect();
    for name in names {
        let Some(text) = environment
            .get(&name)
            .and_then(|variable| variable.value.known())
            .map(str::to_owned)
        else {
            continue;
        };
        if text.contains('$') {
            let filled = in_value(&text, &name, environment, 0, &mut 10_000);
            environment.replace(&name, filled);
        }
    }
}

pub(super) fn in_text(text: &str, environment: &Environment) -> Value {
    in_value(text, "", environment, 0, &mut 10_000)
}

fn in_value(
    text: &str,
    own: &str,
    environment: &Environment,
    depth: usize,
    budget: &mut usize,
) -> Value {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            filled.push('$');
            rest = after;
            continue;
        }
        let (name, after) = match rest.strip_prefix('{').and_then(|it| it.split_once('}')) {
            Some((name, after)) => (name, after),
            None => {
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        if name.is_empty() {
            filled.push('$');
            continue;
        }
        *budget = budget.saturating_sub(1);
        let known = environment
            .get(name)
            .filter(|_| *budget > 0 && name != own && depth < 8)
            .and_then(|variable| variable.value.known());
        match known.map(|value| in_value(value, name, environment, depth + 1, budget)) {
            Some(Value::Known(value)) if filled.len() + value.len() < 1 << 20 => {
                filled.push_str(&value);
            }
            _ => return Value::Unresolved(text.to_owned()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Value::printed(filled)
}
