//! tox's TOML: `tox.toml`, and `[tool.tox]` of `pyproject.toml`, which may hold the INI as one text instead.

use toml::{Table, Value};

use super::{Configuration, Configured, ini};

struct Native {
    table: Table,
    text: String,
}

/// `None` where the text configures no tox.
pub(super) fn read(text: &str, is_tox_toml: bool) -> Option<Box<dyn Configuration>> {
    let root: Table = toml::from_str(text).ok()?;
    let table = if is_tox_toml {
        root
    } else {
        root.get("tool")?.get("tox")?.as_table()?.clone()
    };
    if let Some(legacy) = table.get("legacy_tox_ini").and_then(Value::as_str) {
        let (line, written) = text
            .lines()
            .enumerate()
            .find(|(_, it)| it.contains("legacy_tox_ini"))?;
        // TOML leaves out a line end right behind the opening quotes.
        let opens = [r#"""""#, "'''"]
            .iter()
            .any(|it| written.trim_end().ends_with(it));
        let first = line + usize::from(opens);
        return Some(Box::new(ini::read(legacy, false, first)?));
    }
    Some(Box::new(Native {
        table,
        text: text.to_owned(),
    }))
}

impl Native {
    fn line_of(&self, word: &str, after: usize) -> usize {
        let lines = self.text.lines().enumerate().skip(after);
        let is_it = |line: &str| {
            let line = line.trim_start().trim_start_matches('"');
            line.starts_with(word)
                || line.contains(&format!("{{ {word}"))
                || line.contains(&format!("{{{word}"))
        };
        lines
            .filter(|(_, line)| is_it(line))
            .map(|(number, _)| number)
            .next()
            .unwrap_or(after)
    }

    /// A key of the environment, else of the base of all; with the line of its table.
    fn key(&self, name: &str, key: &str) -> Option<(usize, &Value)> {
        let own = || Some((format!("env.{name}"), self.table.get("env")?.get(name)?));
        let base = || Some(("env_run_base".to_owned(), self.table.get("env_run_base")?));
        let (header, value) = own()
            .and_then(|(header, table)| Some((header, table.get(key)?)))
            .or_else(|| base().and_then(|(header, table)| Some((header, table.get(key)?))))?;
        let ends = [
            format!("{header}]"),
            header.replace(name, &format!("\"{name}\"")) + "]",
        ];
        let line = self.text.lines().position(|line| {
            ends.iter()
                .any(|end| line.trim_end().ends_with(end.as_str()))
        });
        Some((self.line_of(key, line.unwrap_or(0)), value))
    }
}

impl Configuration for Native {
    fn names(&self) -> Vec<String> {
        let list = self.table.get("env_list").and_then(Value::as_array);
        let names = list.into_iter().flatten().filter_map(Value::as_str);
        names.map(str::to_owned).collect()
    }

    fn environment(&self, name: &str) -> Configured {
        let mut configured = Configured::default();
        for key in ["commands_pre", "commands"] {
            let Some((line, value)) = self.key(name, key) else {
                continue;
            };
            for command in value.as_array().into_iter().flatten() {
                let words = command.as_array().into_iter().flatten().map(word);
                let text = words.collect::<Vec<_>>().join(" ");
                configured.commands.push((line, text));
            }
        }
        if let Some((line, value)) = self.key(name, "set_env") {
            for (variable, value) in value.as_table().into_iter().flatten() {
                let at = self.line_of(variable, line);
                configured
                    .set_env
                    .push((at, variable.clone(), unquoted(value)));
            }
        }
        if let Some((line, value)) = self.key(name, "pass_env") {
            let patterns = value.as_array().into_iter().flatten();
            let patterns = patterns.filter_map(Value::as_str);
            configured
                .pass_env
                .extend(patterns.map(|it| (line, it.to_owned())));
        }
        configured
    }
}

/// A word of a command, for a shell; `{ replace = "posargs" }` as the INI writes it.
fn word(value: &Value) -> String {
    let text = unquoted(value);
    if value.is_str() && text.contains([' ', '\'', '"', '*', '(', '&', ';', '<', '>', '|', '#']) {
        format!("'{}'", text.replace('\'', "'\\''"))
    } else {
        text
    }
}

fn unquoted(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let default = match value.get("default") {
        Some(Value::Array(words)) => words.iter().map(word).collect::<Vec<_>>().join(" "),
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    match value.get("replace").and_then(Value::as_str) {
        Some("posargs") => format!("{{posargs:{default}}}"),
        Some("env") => {
            let name = value
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            format!("{{env:{name}:{default}}}")
        }
        // What tox takes from elsewhere: an expression that stays one.
        _ => format!("{{{value}}}"),
    }
}
