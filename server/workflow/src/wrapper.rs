//! Programs that run pytest by a file of the workspace: `make`, `tox`, `nox`, `hatch`, `just`, and
//! the tasks of `pdm`, `rye`, `pixi`, `poe` and `taskipy`.

mod hatch;
mod just;
mod make;
mod nox;
mod table;
mod tasks;
mod tox;

use shell::{Command, Word};
use text::{Origin, OriginKind, Span, Value};

use crate::files::Files;

/// What a wrapper runs, as a shell script.
pub(crate) struct Recipe {
    /// The file that it is read from.
    path: String,
    /// The script. Its line `n` is the file's line `n`, so that what is said of it has a place.
    pub(crate) text: String,
    /// Variables that the wrapper itself sets.
    ///
    /// Those of its own command line have no other place than that.
    pub(crate) env: Vec<(String, Value, Option<Origin>)>,
    /// Patterns of the variables that it hands on; all of them where it is `None`.
    pub(crate) passes: Option<Vec<String>>,
}

impl Recipe {
    /// What gives way to the caller's variable (make's `export A ?= b`) is that, or else its own.
    pub(crate) fn settle(&mut self, environment: &[(String, Value)]) {
        for (name, value, _) in &mut self.env {
            let Value::Unresolved(text) = value else {
                continue;
            };
            let own = text.strip_prefix(&format!("${{{name}:-"));
            let Some(own) = own
                .and_then(|it| it.strip_suffix('}'))
                .filter(|it| !it.contains('$'))
            else {
                continue;
            };
            let given = environment.iter().find(|(known, _)| known == name);
            *value = given.map_or_else(|| Value::printed(own), |(_, given)| given.clone());
        }
    }

    pub(crate) fn origin(&self, files: &Files<'_>, span: Span, kind: OriginKind) -> Option<Origin> {
        let line = self.text.get(..span.start)?.matches('\n').count();
        let source = files.source(&self.path)?;
        let start = source
            .text
            .split_inclusive('\n')
            .take(line)
            .map(str::len)
            .sum();
        Some(source.origin(kind, Span::at(start)))
    }
}

/// A script whose lines keep their numbers: what is not given is left empty.
#[derive(Default)]
pub(crate) struct Lines {
    lines: Vec<String>,
}

impl Lines {
    /// Adds to a line, 0-based.
    pub(crate) fn add(&mut self, line: usize, text: &str) {
        if self.lines.len() <= line {
            self.lines.resize(line + 1, String::new());
        }
        let own = &mut self.lines[line];
        if !own.is_empty() {
            own.push_str("; ");
        }
        own.push_str(text);
    }

    pub(crate) fn text(&self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }
}

/// What a command runs, where it is a wrapper of which the workspace has the file; several where it runs one after the other.
pub(crate) fn recipes(
    command: &Command,
    files: &Files<'_>,
    folder: &str,
    cwd: Option<&str>,
) -> Vec<Recipe> {
    let mut words: Vec<&str> = command.argv.iter().map(Word::text).collect();
    // The folder that it runs in, seen from the workspace.
    let folder = match (&command.cwd, cwd) {
        (Some(own), Some(cwd)) => match own.strip_prefix(cwd) {
            Some(inner) => crate::files::normal(&format!("{folder}/{inner}")).unwrap_or_default(),
            None if own.starts_with('/') => folder.to_owned(),
            None => crate::files::normal(&format!("{folder}/{own}")).unwrap_or_default(),
        },
        (Some(own), None) if !own.starts_with('/') => {
            crate::files::normal(&format!("{folder}/{own}")).unwrap_or_default()
        }
        _ => folder.to_owned(),
    };
    // `python -m tox`, `uv run tox`, `poetry run make`
    loop {
        if let Some(recipe) = tasks::recipe(&words, files, &folder) {
            return vec![recipe];
        }
        match words[..] {
            ["uv", "tool", "run", ..] => drop(words.drain(..3)),
            ["python" | "python3" | "py", "-m", ..] => drop(words.drain(..2)),
            [
                "uv" | "poetry" | "pipenv" | "pdm" | "rye" | "pixi" | "pipx",
                "run",
                ..,
            ] => drop(words.drain(..2)),
            ["uvx" | "pipx" | "xvfb-run" | "time" | "sudo", ..] => drop(words.drain(..1)),
            _ => break,
        }
    }
    let Some((name, arguments)) = words.split_first() else {
        return Vec::new();
    };
    let one = match name.rsplit('/').next().unwrap_or(name) {
        "make" | "gmake" => make::recipe(arguments, files, &folder),
        "tox" => return tox::recipes(arguments, command, files, &folder),
        "nox" => nox::recipe(arguments, files, &folder),
        "hatch" => hatch::recipe(arguments, files, &folder),
        "just" => just::recipe(arguments, files, &folder),
        _ => None,
    };
    one.into_iter().collect()
}

fn joined(folder: &str, name: &str) -> Option<String> {
    crate::files::normal(&format!("{folder}/{name}"))
}
