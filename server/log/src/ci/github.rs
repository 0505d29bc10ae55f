//! GitHub Actions: groups, the block that each step begins with, and what the runner says of the job.
//!
//! `##[group]Run ...` is followed by the echoed script in cyan, or by `with:`, then `shell:` and `env:`. See
//! `ScriptHandler.PrintActionDetails` of <https://github.com/actions/runner>. A copy from the web page has neither timestamps
//! nor markers: there the block is indented under `Run ...`.

use text::{OriginKind, Value, Variable};

use super::{Role, facts};
use crate::env::script::Script;
use crate::env::{command, docker, is_name, origin, words};
use crate::line::Line;
use crate::sink::{Sink, fact};
use crate::{Fact, Uses};

/// Longest value of an input or a variable that is put together from several lines.
const LONGEST_VALUE: usize = 64 << 10;
/// Lines that an indented block of a web page's copy may have before its `shell:`.
const LONGEST_COPY: usize = 300;

/// Where in the log the machine is.
#[derive(Debug, Default)]
pub(crate) struct GitHub {
    place: Place,
    /// The open group's title, lower case, where its lines are of interest.
    group: Option<Group>,
    /// `gh`'s job and step of the last line.
    column: (String, String),
    /// Whether the open step came from `gh`'s column and has no block yet.
    bare: bool,
    /// Workflow files of `Reusable workflow chain:` follow.
    chain: bool,
    /// Lines since the job began without a step.
    idle: u32,
}

#[derive(Debug, Default)]
enum Place {
    /// In a step's output, or between steps.
    #[default]
    Output,
    Block(Box<Block>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    System,
    Image,
    Inputs,
    JobContainer,
}

/// A step's heading that is being read.
#[derive(Debug)]
struct Block {
    heading: Fact,
    raw: text::Span,
    /// A web page's copy: the block's lines are indented.
    copied: bool,
    /// Whether something proved that the group is a step's.
    proven: bool,
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

impl GitHub {
    /// Whether every line matters now.
    pub(crate) fn is_hungry(&self) -> bool {
        self.group.is_some() || self.chain || matches!(self.place, Place::Block(_))
    }

    /// `gh`'s columns: another job, another step.
    pub(crate) fn columns(&mut self, job: &str, step: &str, line: &Line<'_>, sink: &mut Sink) {
        if self.column.0 == job && self.column.1 == step {
            return;
        }
        self.flush(line, sink);
        if self.column.0 != job {
            sink.start_job(line.raw.start, true);
            sink.job().name = Some(Fact {
                text: job.to_owned(),
                span: text::Span::new(line.raw.start, line.raw.start + job.len()),
                line: line.number,
            });
        }
        self.column = (job.to_owned(), step.to_owned());
        self.bare = step != "UNKNOWN STEP";
        if self.bare {
            sink.start_step(step, line);
            sink.output_begins(line);
        }
    }

    /// Another step begins, whose name is known.
    pub(crate) fn step(&mut self, name: &str, line: &Line<'_>, sink: &mut Sink) {
        self.flush(line, sink);
        self.bare = true;
        sink.start_step(name, line);
        sink.output_begins(line);
    }

    /// Takes a line; `raw` is what it looks like behind its prefix.
    pub(crate) fn line(
        &mut self,
        line: &Line<'_>,
        raw: &[u8],
        stamped: bool,
        sink: &mut Sink,
    ) -> Role {
        if let Place::Block(_) = &self.place {
            if self.block_line(line, raw, stamped, sink) {
                return Role::Structure;
            }
            self.flush(line, sink);
        }
        let text = line.text;
        if let Some(rest) = text.strip_prefix("##[") {
            return self.marker(rest, line, sink);
        }
        if let Some(group) = self.group {
            group_line(group, line, sink);
        }
        if self.chain {
            self.chain = facts::chain_link(line, sink);
        }
        // A copy of the web page has no markers.
        if !stamped && text.starts_with("Run ") && text.len() < 4096 {
            self.open(line, 4, true);
            return Role::Structure;
        }
        if !stamped && let Some(code) = text.strip_prefix("Error: ").and_then(exit_code) {
            sink.exit(code);
            return Role::Structure;
        }
        match text {
            "Post job cleanup."
            | "Cleaning up orphan processes"
            | "Evaluate and set job outputs" => {
                sink.end_step(line.raw.start);
                Role::Structure
            }
            "Reusable workflow chain:" => {
                self.chain = true;
                Role::Structure
            }
            _ if facts::header(line, sink) => Role::Structure,
            _ => Role::Output,
        }
    }

    /// The log is over.
    pub(crate) fn finish(&mut self, end: &Line<'_>, sink: &mut Sink) {
        self.flush(end, sink);
    }

    /// `##[group]title` and its kin, without `##[`.
    fn marker(&mut self, rest: &str, line: &Line<'_>, sink: &mut Sink) -> Role {
        if let Some(title) = rest.strip_prefix("group]") {
            self.group = match title.trim() {
                "Operating System" => Some(Group::System),
                "Runner Image" | "Virtual Environment" => Some(Group::Image),
                "Inputs" => Some(Group::Inputs),
                "Starting job container" => Some(Group::JobContainer),
                _ => None,
            };
            if title.starts_with("Run ") {
                self.open(line, "##[group]Run ".len(), false);
            }
            return Role::Structure;
        }
        if rest.starts_with("endgroup]") {
            self.group = None;
            return Role::Structure;
        }
        if let Some(command) = rest.strip_prefix("command]") {
            if self.group == Some(Group::JobContainer) && command.contains("docker") {
                job_container(line, line.text.len() - command.len(), sink);
            }
            return Role::Structure;
        }
        if let Some(message) = rest.strip_prefix("error]") {
            if let Some(code) = exit_code(message) {
                sink.exit(code);
                return Role::Structure;
            }
            return Role::Output;
        }
        Role::Output
    }

    /// A group that may be a step's heading; its title begins at `from`.
    fn open(&mut self, line: &Line<'_>, from: usize, copied: bool) {
        self.place = Place::Block(Box::new(Block {
            heading: fact(line, from..line.text.len()),
            raw: line.raw,
            copied,
            proven: false,
            part: Part::Script,
            script: Script::default(),
            shell: None,
            with: Vec::new(),
            env: Vec::new(),
            lines: 0,
        }));
    }

    /// A line of the block; false where the block is over without it.
    fn block_line(&mut self, line: &Line<'_>, raw: &[u8], stamped: bool, sink: &mut Sink) -> bool {
        let Place::Block(block) = &mut self.place else {
            return false;
        };
        if line.text.starts_with("##[endgroup]") {
            self.flush(line, sink);
            sink.output_begins(line);
            return true;
        }
        block.take(line, raw, stamped)
    }

    /// Makes a step of the block, if it is one.
    fn flush(&mut self, line: &Line<'_>, sink: &mut Sink) {
        let Place::Block(block) = std::mem::take(&mut self.place) else {
            return;
        };
        if !block.proven && !is_action(&block.heading.text) {
            return;
        }
        self.idle = 0;
        if self.bare {
            self.bare = false;
        } else {
            let runs = [(0, block.heading.span.start)];
            let heading = Line {
                number: block.heading.line,
                raw: block.raw,
                text: &block.heading.text,
                runs: &runs,
            };
            sink.start_step(&format!("Run {}", block.heading.text), &heading);
        }
        sink.output_begins(line);
        if block.copied
            && let Some(step) = sink.current()
        {
            step.output = text::Span::at(line.raw.start);
        }
        block.fill(sink);
    }
}

impl Block {
    fn take(&mut self, line: &Line<'_>, raw: &[u8], stamped: bool) -> bool {
        self.lines += 1;
        let indent = if self.copied { 2 } else { 0 };
        let text = line.text;
        if self.copied && (!text.starts_with("  ") || (!self.proven && self.lines > LONGEST_COPY)) {
            return text.is_empty() && !self.proven;
        }
        // Script lines are cyan, whatever they hold.
        if raw.starts_with(b"\x1b[36;1m") {
            self.proven = true;
            self.script.push(line, 0);
            return true;
        }
        let inner = &text[indent..];
        // Lines of a value have no timestamp of their own.
        let continues = !stamped && !self.copied && self.part != Part::Script;
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
            Part::Script => {
                // Without colours there is no telling before `shell:` comes.
                self.script.push(line, indent);
                return self.copied || self.proven || self.lines < LONGEST_COPY;
            }
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
    fn fill(mut self, sink: &mut Sink) {
        for (name, mut value) in std::mem::take(&mut self.env) {
            let (span, line) = value.place(text::Span::new(0, value.text.len()));
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
                let (_, line) = value.place(text::Span::at(0));
                for (name, text) in docker::variables(&words::split(&value.text)) {
                    let written = format!("{name}={text}");
                    let (span, line) = match value.text.find(&written) {
                        Some(at) => value.place(text::Span::new(at, at + written.len())),
                        None => (value.place(text::Span::new(0, value.text.len())).0, line),
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
            let (span, line) = args.place(text::Span::new(0, args.text.len()));
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

/// `Process completed with exit code 1.`
fn exit_code(message: &str) -> Option<i32> {
    let heads = [
        "Process completed with exit code ",
        // Azure's.
        "Bash exited with code ",
        "PowerShell exited with code ",
        "Cmd.exe exited with code ",
    ];
    let code = heads.iter().find_map(|head| message.strip_prefix(head))?;
    code.trim_end()
        .trim_end_matches('.')
        .trim_matches('\'')
        .parse()
        .ok()
}

/// Whether a title names an action: a step without inputs and environment has an empty block.
fn is_action(title: &str) -> bool {
    let title = title.trim();
    !title.contains(' ')
        && (title.starts_with("./")
            || title.starts_with("docker://")
            || (title.contains('/') && title.contains('@')))
}

/// A line of a group that tells of the job.
fn group_line(group: Group, line: &Line<'_>, sink: &mut Sink) {
    let text = line.text.trim_end();
    match group {
        Group::System => facts::system(line, sink),
        Group::Image => {
            if let Some(image) = text
                .strip_prefix("Image: ")
                .or_else(|| text.strip_prefix("Environment: "))
            {
                let from = text.len() - image.len();
                let job = sink.job();
                if job.runner_labels.is_empty() {
                    job.runner_labels.push(fact(line, from..text.len()));
                }
            }
        }
        Group::Inputs => {
            if let Some((key, _)) = text.trim_start().split_once(':')
                && !key.contains(' ')
            {
                let from =
                    (text.len() - text.trim_start().len() + key.len() + 2).min(line.text.len());
                let value = fact(line, from..line.text.len());
                if sink.job().inputs.len() < 1000 {
                    sink.job().inputs.push((key.to_owned(), value));
                }
            }
        }
        Group::JobContainer => {}
    }
}

/// `docker create` of the container that the job's steps run in.
fn job_container(line: &Line<'_>, from: usize, sink: &mut Sink) {
    let words = words::split(&line.text[from..]);
    if !words.iter().any(|word| word == "create") {
        return;
    }
    let job = sink.job();
    if let Some(image) = docker::image(&words)
        && let Some(at) = line.text.find(image)
    {
        job.image = Some(fact(line, at..at + image.len()));
    }
    for (name, value) in docker::variables(&words) {
        let span = match line.text.find(&format!("{name}={value}")) {
            Some(at) => line.span(at..at + name.len() + 1 + value.len()),
            None => line.raw,
        };
        if is_name(&name) {
            crate::env::set(
                &mut job.container_env,
                &name,
                Value::printed(value),
                origin(OriginKind::Container, line.number, span),
            );
        }
    }
}
