//! `nox`: the literal `session.run(...)` of a session in `noxfile.py`.

use shell::ShellWord;

use super::{Lines, Recipe, joined};
use crate::files::Files;

pub(super) fn recipe(arguments: &[&str], files: &Files<'_>, folder: &str) -> Option<Recipe> {
    let mut name = None;
    let mut rest = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "--" => rest = words.by_ref().copied().collect(),
            "-s" | "--session" | "--sessions" | "-e" => name = words.next().copied(),
            word => name = word.strip_prefix("-s").filter(|it| !it.is_empty()).or(name),
        }
    }
    // `tests-3.11(django='4')`: the session's name and its Python.
    let wanted = name?.split('(').next()?;
    let source = files.source(&joined(folder, "noxfile.py")?)?;
    let bare = wanted.rsplit_once('-').map_or(wanted, |(name, _)| name);
    let mut lines = Lines::default();
    let mut is_mine = false;
    let mut found = false;
    let mut offset = 0;
    for (number, line) in source.text.split_inclusive('\n').enumerate() {
        let start = offset;
        offset += line.len();
        if let Some(definition) = line.strip_prefix("def ") {
            let own = definition.split('(').next().unwrap_or_default().trim();
            is_mine = own == wanted || own == bare || own.replace('_', "-") == wanted;
            found |= is_mine;
            continue;
        }
        if !line.starts_with(char::is_whitespace) && !line.trim().is_empty() {
            is_mine &= line.starts_with([')', '#']);
            continue;
        }
        if is_mine
            && let Some(set) = line.trim().strip_prefix("session.env[")
            && let Some((name, value)) = set.split_once(']')
            && let (Some(name), Some(value)) =
                (literal(name.trim()), value.trim().strip_prefix('='))
        {
            let value = literal(value.trim()).map_or("${_nox}".to_owned(), quoted);
            lines.add(number, &format!("export {name}={value}"));
        }
        if is_mine && let Some(at) = line.find("session.run(") {
            let call = &source.text[start + at + "session.run(".len()..];
            lines.add(number, &command(call, &rest));
        }
    }
    found.then(|| Recipe {
        path: source.path.clone(),
        text: lines.text(),
        env: Vec::new(),
        passes: None,
    })
}

/// The arguments of a call as a shell command. What is no literal becomes a word that is not known.
fn command(call: &str, rest: &[&str]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut env = Vec::new();
    for argument in arguments(call) {
        let argument = argument.trim();
        if let Some(map) = argument.strip_prefix("env=") {
            let inner = map.trim_start_matches('{').trim_end_matches('}');
            for pair in arguments(&format!("{inner})")) {
                let Some((name, value)) = pair.split_once(':') else {
                    continue;
                };
                if let Some(name) = literal(name.trim()) {
                    let value = literal(value.trim()).map_or("${_nox}".to_owned(), quoted);
                    env.push(format!("{name}={value}"));
                }
            }
        } else if argument.starts_with("*session.posargs") {
            words.extend(rest.iter().map(|word| quoted(word)));
        } else if argument.contains('=') && !argument.starts_with(['"', '\''])
            || argument.is_empty()
        {
            // `external=True`
        } else {
            words.push(literal(argument).map_or("${_nox}".to_owned(), quoted));
        }
    }
    env.extend(words);
    env.join(" ")
}

fn quoted(text: &str) -> String {
    ShellWord::new(text).to_string()
}

/// The arguments up to the closing bracket, split at commas outside quotes and brackets.
fn arguments(call: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut quote = None;
    let mut start = 0;
    for (at, c) in call.char_indices().take(10_000) {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') if depth == 0 => {
                found.push(&call[start..at]);
                return found;
            }
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                found.push(&call[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

fn literal(text: &str) -> Option<&str> {
    ['"', '\''].iter().find_map(|quote| {
        let inner = text.strip_prefix(*quote)?.strip_suffix(*quote)?;
        (!inner.contains(['\\', *quote])).then_some(inner)
    })
}
