//! Tasks that a TOML file names: `pdm run`, `rye run`, `pixi run`, `poe`, `task`.

use toml::{Table, Value};

use super::table::{TableFile, with_arguments};
use super::{Lines, Recipe};
use crate::files::Files;

/// How deep tasks may name each other, and how many commands one may come to.
const DEPTH: usize = 8;
const COMMANDS: usize = 64;

pub(super) fn recipe(words: &[&str], files: &Files<'_>, folder: &str) -> Option<Recipe> {
    let (runner, words) = match words {
        ["pdm" | "rye" | "pixi", "run", rest @ ..] => (words[0], rest),
        ["poe" | "task", rest @ ..] => (words[0], rest),
        _ => return None,
    };
    let (environment, words) = without_options(words);
    let (name, rest) = words.split_first()?;
    // Where the tasks stand, and the variables of all of them.
    let (path, tasks, shared): (_, Vec<&str>, Vec<&str>) = match runner {
        "pdm" => (
            "pyproject.toml",
            vec!["tool", "pdm", "scripts"],
            vec!["tool", "pdm", "scripts", "_", "env"],
        ),
        "rye" => ("pyproject.toml", vec!["tool", "rye", "scripts"], vec![]),
        "poe" => (
            "pyproject.toml",
            vec!["tool", "poe", "tasks"],
            vec!["tool", "poe", "env"],
        ),
        "task" => ("pyproject.toml", vec!["tool", "taskipy", "tasks"], vec![]),
        _ => return pixi(files, folder, environment, name, rest),
    };
    let file = TableFile::read(files, folder, path)?;
    let found = Found {
        tasks: file.table(&tasks)?,
        env: file.variables((!shared.is_empty()).then(|| file.table(&shared)).flatten()),
    };
    found.recipe(&file, name, rest)
}

/// pixi's tasks stand in the workspace's own table and in those of its features, of which an environment is made.
fn pixi(
    files: &Files<'_>,
    folder: &str,
    environment: Option<&str>,
    name: &str,
    rest: &[&str],
) -> Option<Recipe> {
    let (file, root) = match TableFile::read(files, folder, "pixi.toml") {
        Some(file) => {
            let root = file.root.clone();
            (file, root)
        }
        None => {
            let file = TableFile::read(files, folder, "pyproject.toml")?;
            let root = file.table(&["tool", "pixi"])?.clone();
            (file, root)
        }
    };
    let features = root.get("feature").and_then(Value::as_table);
    let of = |feature: &str| features?.get(feature)?.as_table();
    let environment = environment.unwrap_or("default");
    let names = match root.get("environments").and_then(|it| it.get(environment)) {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(Value::Table(table)) => {
            let names = table.get("features").and_then(Value::as_array);
            names
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        }
        _ => vec![environment],
    };
    let tables: Vec<&Table> = std::iter::once(&root)
        .chain(names.into_iter().filter_map(of))
        .collect();
    let tasks = tables.iter().rev().find_map(|table| {
        let tasks = table.get("tasks")?.as_table()?;
        tasks.contains_key(name).then_some(tasks)
    })?;
    let env = tables.iter().flat_map(|table| {
        let activation = table.get("activation").and_then(|it| it.get("env"));
        file.variables(activation.and_then(Value::as_table))
    });
    let found = Found {
        tasks,
        env: env.collect(),
    };
    found.recipe(&file, name, rest)
}

/// The words from the task's name on, and the environment that an option before it names.
fn without_options<'a>(mut words: &'a [&'a str]) -> (Option<&'a str>, &'a [&'a str]) {
    const VALUED: [&str; 8] = [
        "-e",
        "--environment",
        "-p",
        "--project",
        "--manifest-path",
        "-C",
        "--directory",
        "--executor",
    ];
    let mut environment = None;
    while let [option, rest @ ..] = words
        && option.starts_with('-')
    {
        let takes_value = VALUED.contains(option);
        if matches!(*option, "-e" | "--environment") {
            environment = rest.first().copied();
        }
        words = rest.get(usize::from(takes_value)..).unwrap_or_default();
    }
    (environment, words)
}

struct Found<'a> {
    tasks: &'a Table,
    env: Vec<(String, text::Value, Option<text::Origin>)>,
}

impl Found<'_> {
    fn recipe(mut self, file: &TableFile, name: &str, rest: &[&str]) -> Option<Recipe> {
        let task = self.tasks.get(name)?;
        let mut commands = Vec::new();
        self.commands(file, task, &mut commands, DEPTH);
        let last = commands.len().checked_sub(1)?;
        let mut lines = Lines::default();
        let line = file
            .line_of(&format!("{name} "), 0)
            .max(file.line_of(&format!("{name}="), 0));
        for (at, command) in commands.iter().enumerate() {
            lines.add(line, &with_arguments(command, rest, at == last));
        }
        Some(Recipe {
            path: file.source.path.clone(),
            text: lines.text(),
            env: self.env,
            passes: None,
        })
    }

    /// The commands of a task: a text, or a table with `cmd`, or a list of tasks that run one after the other.
    fn commands(
        &mut self,
        file: &TableFile,
        task: &Value,
        commands: &mut Vec<String>,
        depth: usize,
    ) {
        if depth == 0 || commands.len() >= COMMANDS {
            return;
        }
        match task {
            Value::String(command) => commands.push(command.clone()),
            Value::Array(steps) => self.steps(file, steps, commands, depth),
            Value::Table(table) => {
                for (name, value, origin) in
                    file.variables(table.get("env").and_then(Value::as_table))
                {
                    self.env.retain(|(known, _, _)| *known != name);
                    self.env.push((name, value, origin));
                }
                if let Some(steps) = ["composite", "chain", "sequence"]
                    .iter()
                    .find_map(|it| table.get(*it))
                {
                    self.steps(
                        file,
                        steps.as_array().map_or(&[], Vec::as_slice),
                        commands,
                        depth,
                    );
                } else if let Some(Value::Array(words)) = table.get("cmd") {
                    let words = words.iter().filter_map(Value::as_str);
                    let words: Vec<String> = words
                        .map(|it| shell::ShellWord::new(it).to_string())
                        .collect();
                    commands.push(words.join(" "));
                } else {
                    let text = ["cmd", "shell", "ref"].iter().find_map(|it| table.get(*it));
                    if let Some(text @ Value::String(_)) = text {
                        self.steps(file, std::slice::from_ref(text), commands, depth);
                    }
                }
            }
            _ => {}
        }
    }

    /// Each the name of a task, with or without arguments, or a task itself.
    fn steps(
        &mut self,
        file: &TableFile,
        steps: &[Value],
        commands: &mut Vec<String>,
        depth: usize,
    ) {
        for step in steps {
            let named = step.as_str().and_then(|it| {
                let (name, rest) = it.split_once(' ').unwrap_or((it, ""));
                Some((self.tasks.get(name)?.clone(), rest.to_owned()))
            });
            match named {
                Some((task, rest)) => {
                    self.commands(file, &task, commands, depth - 1);
                    if let (Some(last), false) = (commands.last_mut(), rest.is_empty()) {
                        *last = with_arguments(last, &[&rest], true);
                    }
                }
                None => self.commands(file, step, commands, depth - 1),
            }
        }
    }
}
