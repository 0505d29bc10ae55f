//! GitHub Actions: groups, the block that each step begins with, and what the runner says of the job.
//!
//! `##[group]Run ...` is followed by the echoed script in cyan, or by `with:`, then `shell:` and `env:`. See
//! `ScriptHandler.PrintActionDetails` of <https://github.com/actions/runner>. A copy from the web page has neither timestamps
//! nor markers: there the block is indented under `Run ...`.

mod block;

use text::{OriginKind, Value};

use super::{Role, facts};
use crate::Fact;
use crate::env::{docker, is_name, origin, words};
use crate::line::Line;
use crate::sink::{Sink, fact};
use block::{Block, CYAN};

/// Longest `docker create` that is kept.
const LONGEST_COMMAND: usize = 16 << 10;

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
    /// Whether columns, or files of steps, tell which job's the lines are.
    sorted: bool,
    /// Workflow files of `Reusable workflow chain:` follow.
    chain: bool,
    /// Lines since the job began without a step.
    idle: u32,
    /// Whether a script was echoed in cyan: then all of the log's are.
    coloured: bool,
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
        self.sorted = true;
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
        self.sorted = true;
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
            return self.marker(rest, line, stamped, sink);
        }
        if let Some(group) = self.group {
            group_line(group, line, sink);
        }
        if self.chain {
            self.chain = facts::chain_link(line, sink);
        }
        // A copy of the web page has no markers.
        if !stamped && text.starts_with("Run ") && text.len() < 4096 {
            self.place = Place::Block(Box::new(Block::copied(line, "Run ".len())));
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
            _ if text.starts_with(facts::RUNNER) => {
                // Where the lines are sorted, this one is seldom its job's first.
                if !self.sorted {
                    sink.start_job(line.raw.start, false);
                }
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
    fn marker(&mut self, rest: &str, line: &Line<'_>, stamped: bool, sink: &mut Sink) -> Role {
        if let Some(title) = rest.strip_prefix("group]") {
            self.group = match title.trim() {
                "Operating System" => Some(Group::System),
                "Runner Image" | "Virtual Environment" => Some(Group::Image),
                "Inputs" => Some(Group::Inputs),
                "Starting job container" => Some(Group::JobContainer),
                _ => None,
            };
            if title.starts_with("Run ") {
                let from = "##[group]Run ".len();
                self.place = Place::Block(Box::new(Block::new(line, from, stamped)));
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
        // A log that was cut inside its block goes on with the next step.
        if line.text.starts_with("##[group]") && !raw.starts_with(CYAN) {
            return false;
        }
        self.coloured |= raw.starts_with(CYAN);
        block.take(line, raw, stamped, self.coloured)
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
    let command = from..line.text.len();
    job.container = (command.len() < LONGEST_COMMAND).then(|| fact(line, command));
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
