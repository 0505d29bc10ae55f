//! `hatch run`: scripts and variables of an environment in `pyproject.toml` or `hatch.toml`.

use text::{OriginKind, Span, Value};

use super::{Lines, Recipe, joined};
use crate::files::Files;

pub(super) fn recipe(arguments: &[&str], files: &Files<'_>, folder: &str) -> Option<Recipe> {
    let mut words = arguments
        .iter()
        .copied()
        .skip_while(|word| word.starts_with('-'));
    let (environment, script, rest) = match words.next()? {
        "run" => {
            let script = words.find(|word| !word.starts_with('-'))?;
            let rest: Vec<&str> = words.collect();
            match script.split_once(':') {
                Some((environment, script)) => (environment, script, rest),
                None => ("default", script, rest),
            }
        }
        "test" => ("hatch-test", "run", words.collect()),
        _ => return None,
    };
    let (source, table) = ["hatch.toml", "pyproject.toml"].iter().find_map(|name| {
        let source = files.source(&joined(folder, name)?)?;
        let root: toml::Table = toml::from_str(&source.text).ok()?;
        let root = if *name == "hatch.toml" {
            root
        } else {
            root.get("tool")?.get("hatch")?.as_table()?.clone()
        };
        let table = root.get("envs")?.as_table()?.clone();
        Some((source, table))
    })?;
    let line_of = |word: &str, after: usize| -> usize {
        let lines = source.text.lines().enumerate().skip(after);
        lines
            .filter(|(_, line)| line.trim_start().starts_with(word))
            .map(|(number, _)| number)
            .next()
            .unwrap_or(after)
    };
    let own = table.get(environment)?;
    let inherited = table.get("default");
    let key = |name: &str| own.get(name).or_else(|| inherited?.get(name));
    let commands = key("scripts").and_then(|scripts| scripts.get(script));
    let commands: Vec<String> = match commands {
        Some(toml::Value::String(text)) => vec![text.clone()],
        Some(toml::Value::Array(items)) => items
            .iter()
            .filter_map(|it| it.as_str().map(str::to_owned))
            .collect(),
        // `hatch run pytest tests`: the command itself.
        _ => vec![
            std::iter::once(script)
                .chain(rest.iter().copied())
                .collect::<Vec<_>>()
                .join(" "),
        ],
    };
    let header = line_of(&format!("[tool.hatch.envs.{environment}"), 0)
        .max(line_of(&format!("[envs.{environment}"), 0));
    let mut lines = Lines::default();
    for command in commands {
        let filled = match command.split_once("{args") {
            Some((before, after)) => {
                let (default, after) = after.split_once('}').unwrap_or((after, ""));
                let default = default.trim_start_matches(':');
                let given = rest.join(" ");
                format!(
                    "{before}{}{after}",
                    if given.is_empty() { default } else { &given }
                )
            }
            None => command,
        };
        lines.add(line_of(script, header), &filled);
    }
    let mut env = Vec::new();
    for (name, value) in key("env-vars")
        .and_then(|it| it.as_table())
        .into_iter()
        .flatten()
    {
        let text = value.as_str().unwrap_or_default();
        let value = if text.contains('{') {
            Value::Unresolved(text.to_owned())
        } else {
            Value::printed(text)
        };
        let start = source
            .text
            .split_inclusive('\n')
            .take(line_of(name, 0))
            .map(str::len)
            .sum();
        env.push((
            name.clone(),
            value,
            Some(source.origin(OriginKind::ToolConfig, Span::at(start))),
        ));
    }
    Some(Recipe {
        path: source.path.clone(),
        text: lines.text(),
        env,
        passes: None,
    })
}
