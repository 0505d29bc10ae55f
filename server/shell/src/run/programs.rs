//! Programs that change the environment of what they run: `env`, `sudo`, containers, and those that read a file of variables.

use std::sync::Arc;

use text::{Span, Value};

use super::Machine;
use super::command::Call;
use super::state::Environment;
use crate::path::is_name;
use crate::pytest::command_word;
use crate::{Assignment, AssignmentKind, Command, Word};

const CONTAINERS: [&str; 5] = [
    "docker",
    "podman",
    "nerdctl",
    "docker-compose",
    "podman-compose",
];

/// The others whose own words set variables.
const OTHERS: [&str; 3] = ["sudo", "uv", "dotenv"];

impl Command {
    /// Whether it starts something in a container, where folders and variables are other ones.
    pub fn is_in_container(&self) -> bool {
        let mut words = self.argv.iter().take_while(|it| program(it) != "pytest");
        words.any(is_container)
    }
}

impl Machine<'_> {
    /// Makes of the shell's environment the one that the wrapped command gets; what the wrappers set is added to `env`. Gives
    /// whether there may be more that nobody can name.
    pub(super) fn wrapped_environment(
        &self,
        call: &Call<'_>,
        env: &mut Vec<Assignment>,
        environment: &mut Arc<Environment>,
    ) -> bool {
        // Where the command starts is asked only of those that change something: scripts hold many commands.
        let changes =
            |it: &Word| program(it) == "env" || OTHERS.contains(&program(it)) || is_container(it);
        if !call.words.iter().any(changes) {
            return self.state.open;
        }
        let environment = Arc::make_mut(environment);
        let command = command_word(&call.words);
        let wrappers = call.words[..command].iter().enumerate();
        let mut open = self.state.open;
        for (at, word) in wrappers {
            let name = program(word);
            let options = at + 1..command;
            match name {
                _ if is_container(word) => {
                    open = self.container(call, options, name, env, environment);
                }
                "uv" | "dotenv" => open |= self.env_files(call, options, name, env, environment),
                _ => {}
            }
        }
        open | self.env_program(call, command, env, environment)
    }

    /// `docker run -e A=b -e C --env-file f image command`: nothing of the shell's environment gets in by itself, and what a
    /// running container has of its own is not known.
    fn container(
        &self,
        call: &Call<'_>,
        options: std::ops::Range<usize>,
        program: &str,
        env: &mut Vec<Assignment>,
        environment: &mut Environment,
    ) -> bool {
        let outside = std::mem::take(environment);
        let mut open = program.ends_with("-compose");
        let mut at = options.start;
        while at < options.end {
            let text = call.words[at].text();
            let (name, attached) = match text.split_once('=') {
                Some((name, value)) if name.starts_with('-') => (name, Some(value)),
                _ => (text, None),
            };
            let mut value = || {
                at += usize::from(attached.is_none());
                attached
                    .or_else(|| call.words.get(at).map(Word::text))
                    .unwrap_or_default()
            };
            match name {
                "exec" | "compose" => open = true,
                "-e" | "--env" => {
                    let written = value();
                    if written.contains('=') {
                        self.set_by_word(call, at, written, env, environment);
                    } else {
                        let passed = outside.iter().find(|(it, _)| it == written);
                        environment.extend(passed.cloned());
                    }
                }
                "--env-file" => {
                    let file = value();
                    open |= !self.env_file(file, "docker", env, environment);
                }
                _ => {}
            }
            at += 1;
        }
        open
    }

    /// `uv run --env-file f`, `dotenv -f f run`; `dotenv` alone reads `.env`.
    fn env_files(
        &self,
        call: &Call<'_>,
        options: std::ops::Range<usize>,
        program: &str,
        env: &mut Vec<Assignment>,
        environment: &mut Environment,
    ) -> bool {
        let mut files = Vec::new();
        for at in options {
            let text = call.words[at].text();
            if let Some(file) = text
                .strip_prefix("--env-file=")
                .or(text.strip_prefix("--file="))
            {
                files.push(file);
            } else if text == "--env-file" || program == "dotenv" && matches!(text, "-f" | "--file")
            {
                files.extend(call.words.get(at + 1).map(Word::text));
            }
        }
        if files.is_empty() && program == "dotenv" {
            files.push(".env");
        }
        let mut open = false;
        for file in files {
            open |= !self.env_file(file, program, env, environment);
        }
        open
    }

    /// The variables of a file of `NAME=value` lines; `false` where it cannot be read. Docker takes quotes as part of the value.
    fn env_file(
        &self,
        file: &str,
        program: &str,
        env: &mut Vec<Assignment>,
        environment: &mut Environment,
    ) -> bool {
        let Some((text, path)) = (self.ctx.read)(file) else {
            return false;
        };
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let content = line.trim();
            let content = content.strip_prefix("export ").unwrap_or(content);
            let Some((name, written)) = content.split_once('=').filter(|(name, _)| is_name(name))
            else {
                continue;
            };
            let offset = line.find(content).unwrap_or_default();
            let value_start = start + offset + name.len() + 1;
            let quoted = ['"', '\''].iter().find_map(|quote| {
                written
                    .strip_prefix(*quote)?
                    .split_once(*quote)
                    .map(|(value, _)| value)
            });
            let value = match quoted {
                Some(value) if program != "docker" => value,
                _ => written,
            };
            let value = Value::printed(value);
            put(environment, name, value.clone());
            env.push(Assignment {
                name: name.to_owned(),
                value,
                exported: true,
                conditional: self.conditional > 0,
                kind: AssignmentKind::Export,
                overridable: false,
                path: path.clone(),
                span: Span::new(start + offset, value_start + written.len()),
                value_span: Span::new(value_start, value_start + written.len()),
            });
        }
        true
    }

    /// `env A=b -u C command`, `sudo A=b command`.
    fn env_program(
        &self,
        call: &Call<'_>,
        command: usize,
        env: &mut Vec<Assignment>,
        environment: &mut Environment,
    ) -> bool {
        let is_env = |word: &Word| matches!(word.text(), "env" | "/usr/bin/env" | "sudo");
        let Some(start) = call.words.iter().position(is_env) else {
            return false;
        };
        if start > 0 && command <= start {
            return false;
        }
        let is_sudo = call.words[start].text() == "sudo";
        let mut open = false;
        let mut at = start + 1;
        while let Some(field) = call.fields.get(at) {
            let text = call.words[at].text();
            match text {
                "-i" | "-" | "--ignore-environment" if !is_sudo => environment.clear(),
                "-u" | "--unset" if !is_sudo => {
                    at += 1;
                    let name = call.words.get(at).map_or("", Word::text);
                    environment.retain(|(it, _)| it != name);
                }
                "-C" | "--chdir" | "-S" | "--split-string" | "-u" | "-g" => at += 1,
                text if text.starts_with("--unset=") => {
                    environment.retain(|(it, _)| it != &text["--unset=".len()..]);
                }
                text if text.starts_with('-') => {}
                // `env $(cat f) command`
                _ if at < command && field.known().is_none() && !text.contains('=') => open = true,
                _ if !self.set_by_word(call, at, text, env, environment) => return open,
                _ => {}
            }
            at += 1;
        }
        open
    }

    /// `NAME=value` as a word of a command; `false` where it is none.
    fn set_by_word(
        &self,
        call: &Call<'_>,
        at: usize,
        written: &str,
        env: &mut Vec<Assignment>,
        environment: &mut Environment,
    ) -> bool {
        let is_known = call.fields.get(at).is_some_and(|it| it.known().is_some());
        // `"A=$b"` stands as it is written where its value is not known.
        let written = match is_known {
            true => written,
            false => written.trim_matches(['"', '\'']),
        };
        let Some((name, value)) = written.split_once('=').filter(|(name, _)| is_name(name)) else {
            return false;
        };
        let value = if is_known {
            Value::printed(value)
        } else {
            Value::Unresolved(value.to_owned())
        };
        put(environment, name, value.clone());
        let (local, value_span) = written_at(call, name);
        env.push(Assignment {
            name: name.to_owned(),
            value,
            exported: true,
            conditional: self.conditional > 0,
            kind: AssignmentKind::Export,
            overridable: false,
            path: call.source.path.clone(),
            span: call.source.span(local),
            value_span: call.source.span(value_span),
        });
        true
    }
}

/// A program's name without its folder.
fn program(word: &Word) -> &str {
    word.text().rsplit('/').next().unwrap_or_default()
}

fn is_container(word: &Word) -> bool {
    CONTAINERS.contains(&program(word))
}

/// Where a command sets `name`, and the value: `A=b`, `--env=A=b`, `"A=b"`; the whole command where it stands in no word.
fn written_at(call: &Call<'_>, name: &str) -> (Span, Span) {
    for span in call.simple.words.iter().map(|it| it.span) {
        let word = span.of(&call.source.text);
        let Some(at) = word.find(&format!("{name}=")) else {
            continue;
        };
        let start = span.start + at + name.len() + 1;
        match word[..at].chars().next_back() {
            None | Some('=') => return (span, Span::new(start, span.end)),
            Some(quote @ ('"' | '\'')) if word.len() > at && word.ends_with(quote) => {
                return (span, Span::new(start, (span.end - 1).max(start)));
            }
            Some(_) => {}
        }
    }
    (call.node.span, Span::at(call.node.span.end))
}

fn put(environment: &mut Environment, name: &str, value: Value) {
    match environment.iter_mut().find(|(it, _)| it == name) {
        Some(variable) => variable.1 = value,
        None => environment.push((name.to_owned(), value)),
    }
}
