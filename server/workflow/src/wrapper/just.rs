//! `just`: the lines of a recipe and of what it depends on, and exported variables.

use text::{OriginKind, Span, Value};

use super::{Lines, Recipe, joined};
use crate::files::Files;

const MAX_RECIPES: usize = 100;

struct Task {
    name: String,
    parameters: Vec<(String, Option<String>)>,
    needs: Vec<String>,
    lines: Vec<(usize, String)>,
}

pub(super) fn recipe(arguments: &[&str], files: &Files<'_>, folder: &str) -> Option<Recipe> {
    let mut words = arguments.iter().filter(|word| !word.starts_with('-'));
    let wanted = words.next();
    let given: Vec<&str> = words.copied().collect();
    let source = ["justfile", "Justfile", ".justfile"]
        .iter()
        .filter_map(|name| joined(folder, name))
        .find_map(|path| files.source(&path))?;
    let mut tasks: Vec<Task> = Vec::new();
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut env = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') && !line.starts_with(char::is_whitespace)
        {
            continue;
        }
        if line.starts_with(char::is_whitespace) {
            if let Some(task) = tasks.last_mut() {
                task.lines.push((number, trimmed.to_owned()));
            }
            continue;
        }
        if let Some((name, value)) = trimmed.split_once(":=") {
            let (is_exported, name) = match name.trim().strip_prefix("export ") {
                Some(name) => (true, name.trim()),
                None => (false, name.trim()),
            };
            let text = literal(value.trim());
            if let Some(text) = text {
                variables.push((name.to_owned(), text.to_owned()));
            }
            if is_exported {
                let value = text.map_or(Value::Unresolved(value.trim().to_owned()), Value::printed);
                let start = source
                    .text
                    .split_inclusive('\n')
                    .take(number)
                    .map(str::len)
                    .sum();
                let origin = source.origin(OriginKind::ToolConfig, Span::at(start));
                env.push((name.to_owned(), value, Some(origin)));
            }
            continue;
        }
        if let Some((head, needs)) = trimmed.split_once(':') {
            let mut head = head.trim_start_matches('@').split_whitespace();
            let Some(name) = head.next() else { continue };
            let parameters = head.map(|word| match word.split_once('=') {
                Some((name, value)) => (
                    name.trim_start_matches(['*', '+', '$']).to_owned(),
                    literal(value).map(str::to_owned),
                ),
                None => {
                    let default = word.starts_with('*').then(String::new);
                    (word.trim_start_matches(['*', '+', '$']).to_owned(), default)
                }
            });
            tasks.push(Task {
                name: name.to_owned(),
                parameters: parameters.collect(),
                needs: needs
                    .split_whitespace()
                    .map(|it| it.trim_matches(['(', ')']).to_owned())
                    .collect(),
                lines: Vec::new(),
            });
        }
    }
    let wanted = wanted.map_or_else(
        || tasks.first().map(|task| task.name.clone()),
        |name| Some((*name).to_owned()),
    )?;
    let mut lines = Lines::default();
    let mut open = Vec::new();
    collect(&tasks, &wanted, &given, &variables, &mut open, &mut lines);
    (!open.is_empty()).then(|| Recipe {
        path: source.path.clone(),
        text: lines.text(),
        env,
        passes: None,
    })
}

fn collect(
    tasks: &[Task],
    name: &str,
    given: &[&str],
    variables: &[(String, String)],
    seen: &mut Vec<String>,
    into: &mut Lines,
) {
    if seen.len() >= MAX_RECIPES || seen.iter().any(|known| known == name) {
        return;
    }
    let Some(task) = tasks.iter().find(|task| task.name == name) else {
        return;
    };
    seen.push(name.to_owned());
    for need in &task.needs {
        collect(tasks, need, &[], variables, seen, into);
    }
    let count = task.parameters.len();
    let value = |name: &str| -> Option<String> {
        if let Some(at) = task.parameters.iter().position(|(known, _)| known == name) {
            let own = if at + 1 == count {
                given.get(at..).unwrap_or_default().join(" ")
            } else {
                given.get(at).copied().unwrap_or_default().to_owned()
            };
            return if own.is_empty() {
                task.parameters[at].1.clone()
            } else {
                Some(own)
            };
        }
        variables
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    for (number, line) in &task.lines {
        let mut filled = String::new();
        let mut rest = line.trim_start_matches(['@', '-']);
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((inner, after)) = after.split_once("}}") else {
                break;
            };
            match value(inner.trim()) {
                Some(text) => filled.push_str(&text),
                None => filled.push_str("${_just}"),
            }
            rest = after;
        }
        filled.push_str(rest);
        into.add(*number, &filled);
    }
}

fn literal(text: &str) -> Option<&str> {
    ['"', '\''].iter().find_map(|quote| {
        let inner = text.strip_prefix(*quote)?.strip_suffix(*quote)?;
        (!inner.contains(['\\', *quote])).then_some(inner)
    })
}
