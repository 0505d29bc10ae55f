//! The block that a step begins with: its script or its inputs, its shell, its environment.

use text::{OriginKind, Span, Value, Variable};

use crate::env::script::Script;
use crate::env::{command, docker, origin, words};
use crate::line::Line;
use crate::sink::{Sink, fact};
use crate::{Fact, Uses};

/// Longest value of an input or a variable that is put together from several lines.
const LONGEST_VALUE: usize = 64 << 10;
/// Lines that an indented block of a web page's copy may have before its `shell:`.
const LONGEST_COPY: usize = 300;

/// How each line of a script is coloured.
pub(super) const CYAN: &[u8] = b"\x1b[36;1m";

/// A step's heading that is being read.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) heading: Fact,
    pub(super) raw: Span,
    /// A web page's copy: the block's lines are indented.
    pub(super) copied: bool,
    /// Whether its heading has a timestamp, so that all of its lines have but those in which a value goes on.
    stamped: bool,
    /// Whether something proved that the group is a step's.
    pub(super) proven: bool,
    part: Part,
    script: Script,
    shell: Option<String>,
    with: Vec<(String, Script)>,
    env: Vec<(String, Script)>,
    lines: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Script,
    With,
    Env,
}

impl Block {
    /// A group that may be a step's heading; its title begins at `from`.
    pub(super) fn new(line: &Line<'_>, from: usize, stamped: bool) -> Self {
        Self {
            heading: fact(line, from..line.text.len()),
            raw: line.raw,
            copied: false,
            stamped,
            proven: false,
            part: Part::Script,
            script: Script::default(),
            shell: None,
            with: Vec::new(),
            env: Vec::new(),
            lines: 0,
        }
    }

    /// The same of a web page's copy.
    pub(super) fn copied(line: &Line<'_>, from: usize) -> Self {
        Self {
            copied: true,
            ..Self::new(line, from, false)
        }
    }

    /// A line of the block; false where the block was over before it. `raw` is what it looks like behind its prefix. Where scripts
    /// are `coloured`, no other line is a script's.
    pub(super) fn take(
        &mut self,
        line: &Line<'_>,
        raw: &[u8],
        stamped: bool,
        coloured: bool,
    ) -> bool {
        self.lines += 1;
        let indent = if self.copied { 2 } else { 0 };
        let text = line.text;
        if self.copied && (!text.starts_with("  ") || (!self.proven && self.lines > LONGEST_COPY)) {
            return text.is_empty() && !self.proven;
        }
        // Script lines are cyan, whatever they hold.
        if raw.starts_with(CYAN) {
            self.proven = true;
            self.script.push(line, 0);
            return true;
        }
        let inner = &text[indent..];
        let continues = self.stamped && !stamped && self.part != Part::Script;
        if !continues {
            if let Some(shell) = inner.strip_prefix("shell: ") {
                self.shell = Some(shell.trim_end().to_owned());
                self.proven = true;
                return true;
            }
            let part = match inner.trim_end() {
                "with:" => Some(Part::With),
                "env:" => Some(Part::Env),
                _ => None,
            };
            if let Some(part) = part {
                self.part = part;
                self.proven = true;
                return true;
            }
        }
        let values = match self.part {
            // A log that was cut inside its block goes on with something else.
            Part::Script if (self.proven || coloured) && !self.copied => return false,
            Part::Script => {
                // Without colours there is no telling before `shell:` comes.
                self.script.push(line, indent);
                return self.copied || self.lines < LONGEST_COPY;
            }
            Part::With | Part::Env if stamped && !text.starts_with("  ") => return false,
            Part::With => &mut self.with,
            Part::Env => &mut self.env,
        };
        let entry = inner
            .strip_prefix("  ")
            .filter(|_| !continues)
            .and_then(|entry| {
                let (key, _) = entry.split_once(':')?;
                let key_is_one = !key.is_empty()
                    && !key.contains(' ')
                    && entry[key.len() + 1..].starts_with([' ', '\0'])
                    || entry.len() == key.len() + 1;
                key_is_one.then_some(key)
            });
        match (entry, values.last_mut()) {
            (Some(key), _) => {
                let from = indent + 2 + key.len() + 1;
                let from = from + usize::from(text[from..].starts_with(' '));
                let mut value = Script::default();
                value.push(line, from);
                values.push((key.to_owned(), value));
                true
            }
            (None, Some((_, value))) if !self.copied || inner.starts_with("  ") => {
                if value.text.len() < LONGEST_VALUE {
                    value.push(line, 0);
                }
                true
            }
            _ => !self.copied,
        }
    }

    /// Puts what was read into the open step.
    pub(super) fn fill(mut self, sink: &mut Sink) {
        for (name, mut value) in std::mem::take(&mut self.env) {
            let (span, line) = value.place(Span::new(0, value.text.len()));
            value.text.shrink_to_fit();
            sink.block_variable(Variable {
                name,
                value: Value::printed(value.text),
                origin: origin(OriginKind::LogEnvBlock, line, span),
                overridden: Vec::new(),
            });
        }
        if self.script.is_empty() && self.shell.is_none() {
            self.fill_action(sink);
            return;
        }
        if let Some(step) = sink.current() {
            step.shell = self.shell;
            step.script = Some(self.script.text.clone());
        }
        sink.gathered.script = self.script;
    }

    /// An action: some run a script in a container, both given as inputs.
    fn fill_action(self, sink: &mut Sink) {
        let docker = docker::is_named(&self.heading.text)
            || self.with.iter().any(|(key, _)| docker::is_named(key));
        for (key, value) in self.with.iter().filter(|_| docker) {
            let is_options = key.contains("option")
                || key.contains("opts")
                || key.contains("args")
                || key == "env";
            if is_options {
                let (_, line) = value.place(Span::at(0));
                for (name, text) in docker::variables(&words::split(&value.text)) {
                    let written = format!("{name}={text}");
                    let (span, line) = match value.text.find(&written) {
                        Some(at) => value.place(Span::new(at, at + written.len())),
                        None => (value.place(Span::new(0, value.text.len())).0, line),
                    };
                    sink.found(
                        OriginKind::Container,
                        &name,
                        Value::printed(text),
                        line,
                        span,
                    );
                }
            }
        }
        let script = self.with.iter().find(|(key, value)| {
            let runs = matches!(
                key.as_str(),
                "run" | "script" | "command" | "commands" | "run_args" | "cmd" | "run-command"
            );
            runs && !value.text.trim().is_empty()
        });
        if let Some((_, script)) = script {
            sink.gathered.script = script.clone();
        } else if let Some((key, args)) = self
            .with
            .iter()
            .find(|(key, _)| key == "args" || key == "pytest-args")
        {
            let (span, line) = args.place(Span::new(0, args.text.len()));
            if key == "args"
                && let Some(command) = command::parse(&args.text, span)
            {
                sink.gathered.command(line, command);
            }
        }
        if let Some(step) = sink.current() {
            step.uses = Some(Uses {
                action: self.heading.text,
                with: self
                    .with
                    .into_iter()
                    .map(|(key, value)| (key, value.text))
                    .collect(),
            });
        }
    }
}
