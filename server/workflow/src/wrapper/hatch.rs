//! `hatch run`: scripts and variables of an environment in `pyproject.toml` or `hatch.toml`.

use super::table::{TableFile, with_arguments};
use super::{Lines, Recipe};
use crate::files::Files;

/// How deep scripts may name each other.
const DEPTH: usize = 8;

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
    let (file, table) = [
        ("hatch.toml", &["envs"][..]),
        ("pyproject.toml", &["tool", "hatch", "envs"]),
    ]
    .into_iter()
    .find_map(|(name, path)| {
        let file = TableFile::read(files, folder, name)?;
        let table = file.table(path)?.clone();
        Some((file, table))
    })?;
    let own = table.get(environment)?;
    let inherited = table.get("default");
    let key = |name: &str| own.get(name).or_else(|| inherited?.get(name))?.as_table();
    let scripts = key("scripts");
    // `hatch run pytest tests`: the command itself.
    let whole: Vec<&str> = std::iter::once(script)
        .chain(rest.iter().copied())
        .collect();
    let commands = match scripts.and_then(|it| it.get(script)) {
        Some(commands) => texts(commands),
        None => vec![whole.join(" ")],
    };
    let header = file
        .line_of(&format!("[tool.hatch.envs.{environment}"), 0)
        .max(file.line_of(&format!("[envs.{environment}"), 0));
    let mut lines = Lines::default();
    for command in commands {
        for command in expanded(&command, scripts, DEPTH) {
            let filled = with_arguments(&command, &rest, false);
            lines.add(file.line_of(script, header), &filled);
        }
    }
    Some(Recipe {
        env: file.variables(key("env-vars")),
        path: file.source.path,
        text: lines.text(),
        passes: None,
    })
}

fn texts(value: &toml::Value) -> Vec<String> {
    let items = match value {
        toml::Value::Array(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    items
        .iter()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect()
}

/// A command that begins with the name of a script (`cov = "run --cov"`) is that script with what follows.
fn expanded(command: &str, scripts: Option<&toml::Table>, depth: usize) -> Vec<String> {
    let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
    let Some(script) = scripts.and_then(|it| it.get(name)).filter(|_| depth > 0) else {
        return vec![command.to_owned()];
    };
    let own = texts(script);
    let given = own
        .iter()
        .map(|own| format!("{} {rest}", with_arguments(own, &[], false)));
    given
        .flat_map(|it| expanded(it.trim_end(), scripts, depth - 1))
        .collect()
}
