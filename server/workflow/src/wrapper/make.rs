//! `make`: variables, and the recipes of a target and of what it needs.

use std::collections::HashMap;

use text::{OriginKind, Span, Value};

use super::{Lines, Recipe, joined};
use crate::files::Files;

const MAX_TARGETS: usize = 100;
const MAX_TEXT: usize = 1 << 16;

#[derive(Default)]
struct Makefile {
    variables: HashMap<String, String>,
    exported: Vec<(String, usize)>,
    export_all: bool,
    /// Target -> what it needs, and its recipe's lines with their numbers.
    targets: HashMap<String, Target>,
    first: Option<String>,
}

#[derive(Default, Clone)]
struct Target {
    needs: Vec<String>,
    lines: Vec<(usize, String)>,
}

pub(super) fn recipe(arguments: &[&str], files: &Files<'_>, folder: &str) -> Option<Recipe> {
    let mut folder = folder.to_owned();
    let mut file = None;
    let mut targets = Vec::new();
    let mut given: Vec<(String, String)> = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "-C" | "--directory" => folder = joined(&folder, words.next()?)?,
            "-f" | "--file" => file = Some((*words.next()?).to_owned()),
            "-j" | "-l" | "-o" | "-W" => {}
            flag if flag.starts_with('-') => {}
            pair if pair.contains('=') => {
                let (name, value) = pair.split_once('=')?;
                given.push((name.trim_end_matches(':').to_owned(), value.to_owned()));
            }
            number if number.chars().all(|c| c.is_ascii_digit()) => {}
            target => targets.push(target.to_owned()),
        }
    }
    let names = match &file {
        Some(name) => vec![name.as_str()],
        None => vec!["GNUmakefile", "makefile", "Makefile"],
    };
    let source = names
        .iter()
        .filter_map(|name| joined(&folder, name))
        .find_map(|path| files.source(&path))?;
    let mut makefile = parse(&source.text);
    for (name, value) in &given {
        makefile.variables.insert(name.clone(), value.clone());
    }
    if targets.is_empty() {
        targets.extend(makefile.first.clone());
    }
    let mut lines = Lines::default();
    let mut seen = Vec::new();
    for target in &targets {
        collect(&makefile, target, &mut seen, &mut lines);
    }
    if seen.is_empty() {
        return None;
    }
    let mut env = Vec::new();
    for (name, line) in &makefile.exported {
        let Some(value) = makefile.variables.get(name) else {
            continue;
        };
        let start = source
            .text
            .split_inclusive('\n')
            .take(*line)
            .map(str::len)
            .sum();
        let filled = expand(value, &makefile, "", 0);
        let value = if filled.contains('$') {
            Value::Unresolved(value.clone())
        } else {
            Value::printed(filled)
        };
        let origin = source.origin(OriginKind::ToolConfig, Span::at(start));
        env.push((name.clone(), value, Some(origin)));
    }
    for (name, value) in given {
        if !env.iter().any(|(known, _, _)| *known == name) && !value.contains('$') {
            // Variables of the command line are handed on to what the recipes run.
            env.push((name, Value::printed(value), None));
        }
    }
    Some(Recipe {
        path: source.path.clone(),
        text: lines.text(),
        env,
        passes: None,
    })
}

fn parse(text: &str) -> Makefile {
    let mut makefile = Makefile::default();
    let mut current: Vec<String> = Vec::new();
    let mut conditions = 0_usize;
    let mut lines = text.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        if let Some(recipe) = line.strip_prefix('\t') {
            let mut recipe = recipe.to_owned();
            while recipe.ends_with('\\') {
                recipe.pop();
                let Some((_, next)) = lines.next() else { break };
                recipe.push_str(next.trim_start_matches('\t'));
            }
            for target in &current {
                if let Some(target) = makefile.targets.get_mut(target) {
                    target.lines.push((number, recipe.clone()));
                }
            }
            continue;
        }
        let mut line = line.split('#').next().unwrap_or_default().to_owned();
        while line.ends_with('\\') {
            line.pop();
            let Some((_, next)) = lines.next() else { break };
            line.push_str(next.trim());
        }
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        match line.split_whitespace().next() {
            Some("ifeq" | "ifneq" | "ifdef" | "ifndef") => {
                conditions += 1;
                continue;
            }
            Some("endif") => {
                conditions = conditions.saturating_sub(1);
                continue;
            }
            Some("else" | "include" | "-include" | "define" | "endef" | "override") => continue,
            _ => {}
        }
        let (exported, rest) = match line.strip_prefix("export ") {
            Some(rest) => (true, rest.trim()),
            None if line == "export" => {
                makefile.export_all = true;
                continue;
            }
            None => (false, line),
        };
        if let Some((name, value, keeps)) = assignment(rest) {
            if exported {
                makefile.exported.push((name.to_owned(), number));
            }
            if conditions > 0 || keeps {
                // What it is depends on the machine: `$NAME` of the environment stays.
                if keeps && conditions == 0 && !makefile.variables.contains_key(name) {
                    let own = format!("${{{name}:-{value}}}");
                    makefile.variables.insert(name.to_owned(), own);
                } else if conditions > 0 {
                    makefile.variables.remove(name);
                }
            } else {
                makefile.variables.insert(name.to_owned(), value.to_owned());
            }
            continue;
        }
        if exported {
            for name in rest.split_whitespace() {
                makefile.exported.push((name.to_owned(), number));
            }
            continue;
        }
        if let Some((names, needs)) = rest.split_once(':') {
            current = names.split_whitespace().map(str::to_owned).collect();
            for name in &current {
                if makefile.first.is_none() && !name.starts_with('.') {
                    makefile.first = Some(name.clone());
                }
                let target = makefile.targets.entry(name.clone()).or_default();
                let needs = needs.trim_start_matches(':').split(';').next();
                let needs = needs.unwrap_or_default().split_whitespace();
                target.needs.extend(needs.map(str::to_owned));
            }
        }
    }
    makefile
}

/// Name, value, and whether an earlier value stays (`?=`).
fn assignment(line: &str) -> Option<(&str, &str, bool)> {
    let at = line.find('=')?;
    let name = line[..at].trim_end_matches([':', '?', '+', '!']).trim();
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || matches!(c, ':' | '$')) {
        return None;
    }
    let keeps = line[..at].ends_with(['?', '+']);
    Some((name, line[at + 1..].trim(), keeps))
}

fn collect(makefile: &Makefile, name: &str, seen: &mut Vec<String>, into: &mut Lines) {
    if seen.len() >= MAX_TARGETS || seen.iter().any(|known| known == name) {
        return;
    }
    let Some(target) = makefile.targets.get(name) else {
        return;
    };
    seen.push(name.to_owned());
    for need in &target.needs {
        collect(makefile, need, seen, into);
    }
    for (number, line) in &target.lines {
        let line = line
            .trim_start()
            .trim_start_matches(['@', '-', '+'])
            .trim_start();
        let line = expand(line, makefile, name, 0);
        // Each line has a shell of its own.
        if line.contains('#') {
            into.add(*number, &line);
        } else if !line.is_empty() {
            into.add(*number, &format!("( {line} )"));
        }
    }
}

/// make's references filled in: what it does not set comes from the environment.
fn expand(text: &str, makefile: &Makefile, target: &str, depth: usize) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let close = match rest.chars().next() {
            Some('(') => ')',
            Some('{') => '}',
            Some('$') => {
                filled.push('$');
                rest = &rest[1..];
                continue;
            }
            Some('@') => {
                filled.push_str(target);
                rest = &rest[1..];
                continue;
            }
            _ => {
                filled.push('$');
                continue;
            }
        };
        let Some(end) = rest.find(close) else { break };
        let name = &rest[1..end];
        rest = &rest[end + 1..];
        match makefile.variables.get(name) {
            Some(value)
                if depth < 8
                    && filled.len() < MAX_TEXT
                    && value.starts_with(&format!("${{{name}")) =>
            {
                filled.push_str(value);
            }
            Some(value) if depth < 8 && filled.len() < MAX_TEXT => {
                filled.push_str(&expand(value, makefile, target, depth + 1));
            }
            _ if name == "MAKE" => filled.push_str("make"),
            _ if name == "CURDIR" => filled.push_str("$PWD"),
            _ => {
                let command = name.strip_prefix("shell ");
                match command {
                    Some(command) => filled.push_str(&format!("$({command})")),
                    None => filled.push_str(&format!("${{{name}}}")),
                }
            }
        }
    }
    filled.push_str(rest);
    filled
}
