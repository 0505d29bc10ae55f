//! What the readers of TOML files share: where a key stands, variables, and commands with a place for arguments.

use text::{Origin, OriginKind, Span, Value};

use super::joined;
use crate::files::{Files, Source};

/// A TOML file of the workspace, parsed and as text.
pub(super) struct TableFile {
    pub(super) source: Source,
    pub(super) root: toml::Table,
}

impl TableFile {
    pub(super) fn read(files: &Files<'_>, folder: &str, name: &str) -> Option<Self> {
        let source = files.source(&joined(folder, name)?)?;
        let root = toml::from_str(&source.text).ok()?;
        Some(Self { source, root })
    }

    /// The table of that path.
    pub(super) fn table(&self, path: &[&str]) -> Option<&toml::Table> {
        path.iter()
            .try_fold(&self.root, |table, key| table.get(*key)?.as_table())
    }

    /// The first line from `after` on that begins with `word`, 0-based; `after` where there is none.
    pub(super) fn line_of(&self, word: &str, after: usize) -> usize {
        let lines = self.source.text.lines().enumerate().skip(after);
        let mut found = lines.filter(|(_, line)| line.trim_start().starts_with(word));
        found.next().map_or(after, |(number, _)| number)
    }

    /// A table of variables; one that is put together from others is not known.
    pub(super) fn variables(
        &self,
        table: Option<&toml::Table>,
    ) -> Vec<(String, Value, Option<Origin>)> {
        let mut env = Vec::new();
        for (name, value) in table.into_iter().flatten() {
            let text = match value {
                toml::Value::String(text) => text.clone(),
                // poe: what holds where the caller has none.
                toml::Value::Table(table) => {
                    match table.get("default").and_then(toml::Value::as_str) {
                        Some(text) => text.to_owned(),
                        None => continue,
                    }
                }
                other => other.to_string(),
            };
            let value = if text.contains(['{', '$']) {
                Value::Unresolved(text)
            } else {
                Value::printed(text)
            };
            let lines = self.source.text.split_inclusive('\n');
            let start = lines.take(self.line_of(name, 0)).map(str::len).sum();
            let origin = self.source.origin(OriginKind::ToolConfig, Span::at(start));
            env.push((name.clone(), value, Some(origin)));
        }
        env
    }
}

/// A command with the arguments where it has a place for them (`{args:tests}`), else at its end.
pub(super) fn with_arguments(command: &str, rest: &[&str], appends: bool) -> String {
    let given = rest.join(" ");
    match command.split_once("{args") {
        Some((before, after)) => {
            let (default, after) = after.split_once('}').unwrap_or((after, ""));
            let default = default.trim_start_matches(':');
            format!(
                "{before}{}{after}",
                if given.is_empty() { default } else { &given }
            )
        }
        None if appends && !given.is_empty() => format!("{command} {given}"),
        None => command.to_owned(),
    }
}
