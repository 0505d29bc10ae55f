//! tox's INI: `tox.ini`, `setup.cfg`, and the `legacy_tox_ini` of `pyproject.toml`.

use super::{Configuration, Configured};

/// One key of a section, with the lines of its value.
struct Key {
    name: String,
    lines: Vec<(usize, String)>,
}

struct Section {
    name: String,
    keys: Vec<Key>,
}

pub(super) struct Ini {
    sections: Vec<Section>,
    /// The section of tox itself: `tox`, in `setup.cfg` `tox:tox`.
    own: &'static str,
}

/// `None` where the text configures no tox. `first` is the number of its first line, 0-based.
pub(super) fn read(text: &str, is_setup_cfg: bool, first: usize) -> Option<Ini> {
    let sections = sections(text, first);
    let own = if is_setup_cfg { "tox:tox" } else { "tox" };
    let is_ours = |it: &Section| it.name == own || it.name == "testenv";
    sections
        .iter()
        .any(is_ours)
        .then_some(Ini { sections, own })
}

impl Ini {
    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|known| known.name == name)
    }

    /// The lines of a key: of the environment's own section, else of `[testenv]`.
    fn lines<'i>(
        &'i self,
        name: &'i str,
        wanted: &'i [&str],
    ) -> impl Iterator<Item = (usize, &'i str)> {
        let own = format!("testenv:{name}");
        let key = [own.as_str(), "testenv"].iter().find_map(|section| {
            let keys = &self.section(section)?.keys;
            keys.iter().find(|key| wanted.contains(&key.name.as_str()))
        });
        let lines = key.map_or(&[][..], |key| &key.lines);
        lines
            .iter()
            .filter_map(|(number, line)| Some((*number, factored(line, name)?)))
    }
}

impl Configuration for Ini {
    fn names(&self) -> Vec<String> {
        let keys = self.section(self.own).map_or(&[][..], |it| &it.keys);
        let list = keys
            .iter()
            .find(|key| matches!(key.name.as_str(), "envlist" | "env_list"));
        let lines = list.map_or(&[][..], |key| &key.lines);
        lines.iter().flat_map(|(_, line)| generated(line)).collect()
    }

    fn environment(&self, name: &str) -> Configured {
        let mut configured = Configured::default();
        for key in ["commands_pre", "commands"] {
            let lines = self.lines(name, std::slice::from_ref(&key));
            let lines = lines.map(|(number, line)| (number, line.to_owned()));
            configured.commands.extend(lines);
        }
        for (number, line) in self.lines(name, &["setenv", "set_env"]) {
            if let Some((variable, value)) = line.split_once('=') {
                let (variable, value) = (variable.trim().to_owned(), value.trim().to_owned());
                configured.set_env.push((number, variable, value));
            }
        }
        for (number, line) in self.lines(name, &["passenv", "pass_env"]) {
            configured.pass_env.push((number, line.to_owned()));
        }
        configured
    }
}

/// `py{310,311}-{a,b}, lint`: the names that a line of `envlist` stands for.
fn generated(line: &str) -> Vec<String> {
    let mut entries: Vec<String> = vec![String::new()];
    let mut depth = 0_usize;
    for c in line.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                entries.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(entry) = entries.last_mut() {
            entry.push(c);
        }
    }
    let mut names = Vec::new();
    for entry in &entries {
        let mut open = vec![entry.trim().to_owned()];
        while let Some(next) = open.pop() {
            if names.len() + open.len() > super::MAX_ENVIRONMENTS {
                break;
            }
            let choice = next.split_once('{').and_then(|(before, rest)| {
                let (choices, after) = rest.split_once('}')?;
                Some((before, choices, after))
            });
            match choice {
                Some((before, choices, after)) => open.extend(
                    choices
                        .split(',')
                        .rev()
                        .map(|it| format!("{before}{}{after}", it.trim())),
                ),
                None if next.is_empty() => {}
                None => names.push(next),
            }
        }
    }
    names
}

fn sections(text: &str, first: usize) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let number = first + at;
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed
            .strip_prefix('[')
            .and_then(|it| it.strip_suffix(']'))
            && !line.starts_with(char::is_whitespace)
        {
            sections.push(Section {
                name: name.to_owned(),
                keys: Vec::new(),
            });
            continue;
        }
        let Some(section) = sections.last_mut() else {
            continue;
        };
        if line.starts_with(char::is_whitespace) {
            if let Some(key) = section.keys.last_mut() {
                key.lines.push((number, trimmed.to_owned()));
            }
        } else if let Some((name, value)) = trimmed.split_once(['=', ':']) {
            let value = value.trim();
            let lines = if value.is_empty() {
                Vec::new()
            } else {
                vec![(number, value.to_owned())]
            };
            section.keys.push(Key {
                name: name.trim().to_owned(),
                lines,
            });
        }
    }
    sections
}

/// `py311,lint: command` holds for the environments that it names.
fn factored<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let Some((factors, rest)) = line.split_once(": ") else {
        return Some(line);
    };
    let is_factors = factors
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, ',' | '-' | '!' | '{' | '}' | '_' | '.'));
    if !is_factors {
        return Some(line);
    }
    let parts: Vec<&str> = name.split('-').collect();
    let holds = factors.split(',').any(|choice| {
        choice
            .split('-')
            .all(|factor| match factor.strip_prefix('!') {
                Some(factor) => !parts.contains(&factor),
                None => parts.contains(&factor),
            })
    });
    holds.then_some(rest)
}
