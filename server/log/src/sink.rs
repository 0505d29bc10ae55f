//! Where the CI formats put what they read: jobs, steps, and what was gathered of the open step.

use text::{OriginKind, Problem, Span, Value, Variable};

use crate::env::settle::{Evaluated, Gathered, settle};
use crate::env::{origin, set};
use crate::line::Line;
use crate::pytest::Reader;
use crate::{Fact, Job, Limits, Step};

/// Jobs whose facts are kept.
const MOST_JOBS: usize = 64;
/// Steps that are kept, whatever they hold.
const MOST_STEPS: usize = 16_384;
/// Commands of pytest in output that are kept for their sessions.
const MOST_SHOWN: usize = 2048;

/// Jobs and steps so far.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) reader: Reader,
    pub(crate) steps: Vec<Step>,
    pub(crate) jobs: Vec<Job>,
    /// What is gathered of the open step.
    pub(crate) gathered: Gathered,
    /// Index of the open step.
    open: Option<usize>,
    /// The open step is one too many: it has no index, and its lines need no other.
    left_out: bool,
    /// The open step is what a log without steps has instead: how it ended is not told.
    implied: bool,
    /// Whether lines of the open step went to the reader: then the reader may know its index.
    fed: bool,
    /// Commands of pytest that the output showed: line, step, command.
    pub(crate) shown: Vec<(u32, usize, shell::PytestCommand)>,
    evaluated: Evaluated,
    /// Bytes that may still be kept of steps.
    budget: usize,
    dropped: usize,
    thinned: usize,
    dropped_jobs: usize,
}

impl Sink {
    pub(crate) fn new(reader: Reader, limits: Limits) -> Self {
        Self {
            reader,
            steps: Vec::new(),
            jobs: vec![Job::default()],
            gathered: Gathered::default(),
            open: None,
            left_out: false,
            implied: false,
            fed: false,
            shown: Vec::new(),
            evaluated: Evaluated::default(),
            budget: limits.kept / 6,
            dropped: 0,
            thinned: 0,
            dropped_jobs: 0,
        }
    }

    /// The job that is being read.
    pub(crate) fn job(&mut self) -> &mut Job {
        if self.jobs.is_empty() {
            self.jobs.push(Job::default());
        }
        let last = self.jobs.len() - 1;
        &mut self.jobs[last]
    }

    /// Another job begins: its facts are its own.
    pub(crate) fn start_job(&mut self, at: usize, renamed: bool) {
        self.end_step(at);
        // The workflow's file is told before the runner's version: a job without steps is still the same one.
        let current = self.jobs.len().saturating_sub(1);
        let has_steps = self
            .steps
            .last()
            .is_some_and(|step| step.job == Some(current));
        let is_named = renamed && self.job().name.is_some();
        if !has_steps && !is_named {
            return;
        }
        if self.jobs.len() < MOST_JOBS {
            self.jobs.push(Job::default());
        } else {
            self.dropped_jobs += 1;
            *self.job() = Job::default();
        }
    }

    /// The open step.
    pub(crate) fn current(&mut self) -> Option<&mut Step> {
        self.steps.get_mut(self.open?)
    }

    /// A log without steps is one step; what was gathered before it began is its own.
    pub(crate) fn ensure_step(&mut self, line: &Line<'_>) {
        if self.open.is_some() || self.left_out {
            return;
        }
        let gathered = std::mem::take(&mut self.gathered);
        self.start_step("output", line);
        self.implied = true;
        if let Some(step) = self.current() {
            step.output = Span::at(line.raw.start);
        }
        self.gathered = gathered;
    }

    /// Opens a step; its heading is `line`.
    pub(crate) fn start_step(&mut self, name: &str, line: &Line<'_>) {
        self.end_step(line.raw.start);
        if self.steps.len() >= MOST_STEPS {
            self.dropped += 1;
            self.left_out = true;
            return;
        }
        self.open = Some(self.steps.len());
        self.steps.push(Step {
            name: name.to_owned(),
            job: self.jobs.len().checked_sub(1),
            span: line.raw,
            line: line.number,
            output: Span::at(line.raw.end),
            ..Step::default()
        });
    }

    /// The open step's output begins behind `line`.
    pub(crate) fn output_begins(&mut self, line: &Line<'_>) {
        if let Some(step) = self.current() {
            step.output = Span::at(line.raw.end + 1);
        }
    }

    /// The open step's exit code.
    pub(crate) fn exit(&mut self, code: i32) {
        if let Some(step) = self.current() {
            step.exit_code = Some(code);
        }
    }

    /// Closes the open step; its output ends at `at`.
    pub(crate) fn end_step(&mut self, at: usize) {
        let mut gathered = std::mem::take(&mut self.gathered);
        let fed = std::mem::take(&mut self.fed);
        let implied = std::mem::take(&mut self.implied);
        if std::mem::take(&mut self.left_out) {
            self.reader.step_end(None, None, implied);
        }
        let Some(index) = self.open.take() else {
            return;
        };
        let cwd = self
            .jobs
            .last()
            .and_then(|job| job.checkout.as_ref())
            .map(|fact| fact.text.as_str());
        let step = &mut self.steps[index];
        step.span.end = at.max(step.span.end);
        step.output = Span::new(step.output.start.min(at), at);
        if self.budget > 0 || fed {
            settle(step, &mut gathered, &mut self.evaluated, cwd);
            if step.script.is_none() && !gathered.script.is_empty() && step.uses.is_none() {
                step.script = Some(gathered.script.text.clone());
            }
        }
        self.reader.step_end(Some(index), step.exit_code, implied);
        for (line, command) in gathered.commands {
            if self.shown.len() < MOST_SHOWN {
                self.shown.push((line, index, command));
            }
        }
        self.account(index, fed);
    }

    /// Counts what the step keeps, and leaves out what is too much: whole steps of which the reader saw nothing, else scripts
    /// and inputs, last the environment.
    fn account(&mut self, index: usize, fed: bool) {
        let size = size(&self.steps[index]);
        if size <= self.budget {
            self.budget -= size;
            return;
        }
        if !fed {
            self.dropped += 1;
            self.steps.pop();
            return;
        }
        self.thinned += 1;
        self.budget = 0;
        let step = &mut self.steps[index];
        step.script = None;
        step.uses = None;
        step.env = Vec::new();
        step.shell = None;
        step.name.truncate(step.name.floor_char_boundary(80));
        step.name.shrink_to_fit();
        if step
            .command
            .as_ref()
            .is_some_and(|command| command.source.len() > 1024)
        {
            step.command = None;
        }
    }

    /// A line of the open step's output goes to the reader.
    pub(crate) fn feed(&mut self, line: &Line<'_>) {
        self.fed = true;
        self.reader.line(line, self.open);
    }

    /// Whether the reader is inside a failure's section of the open step (see [`Reader::in_body`]).
    pub(crate) fn in_body(&self) -> bool {
        self.fed && self.reader.in_body(self.open)
    }

    /// A line that names a test, of those that are not fed.
    pub(crate) fn name(&mut self, line: &Line<'_>) {
        self.reader.named(line, self.open);
    }

    /// A variable of the environment that the CI printed.
    pub(crate) fn block_variable(&mut self, variable: Variable) {
        self.gathered.block.push(variable);
    }

    /// A variable that the output showed.
    pub(crate) fn found(
        &mut self,
        kind: OriginKind,
        name: &str,
        value: Value,
        line: u32,
        span: Span,
    ) {
        const MOST: usize = 2000;
        if self.gathered.found.len() < MOST {
            set(
                &mut self.gathered.found,
                name,
                value,
                origin(kind, line, span),
            );
        }
    }

    /// What was left out, in words.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut messages = Vec::new();
        if self.dropped > 0 {
            messages.push(format!(
                "{} more steps are left out, as the log has too many to keep",
                self.dropped
            ));
        }
        if self.thinned > 0 {
            messages.push(format!(
                "of {} steps the script and environment are left out, as the log has too many to keep",
                self.thinned
            ));
        }
        if self.dropped_jobs > 0 {
            messages.push(format!(
                "of {} more jobs the name and inputs are left out, as the log has too many to keep",
                self.dropped_jobs
            ));
        }
        messages
            .into_iter()
            .map(|message| Problem {
                message,
                path: String::new(),
                span: Span::at(0),
            })
            .collect()
    }
}

/// A part of a line as a fact.
pub(crate) fn fact(line: &Line<'_>, range: std::ops::Range<usize>) -> Fact {
    Fact {
        text: line.text.get(range.clone()).unwrap_or_default().to_owned(),
        span: line.span(range),
        line: line.number,
    }
}

/// Roughly the bytes that a step keeps.
fn size(step: &Step) -> usize {
    let variables: usize = step
        .env
        .iter()
        .map(|variable| {
            std::mem::size_of::<Variable>()
                + variable.name.len()
                + variable.value.text().len()
                + 160 * variable.overridden.len()
        })
        .sum();
    let uses: usize = step
        .uses
        .iter()
        .flat_map(|uses| &uses.with)
        .map(|(key, value)| 48 + key.len() + value.len())
        .sum();
    let command = step
        .command
        .as_ref()
        .map_or(0, |command| 4 * command.source.len());
    let script = step.script.as_ref().map_or(0, String::len);
    std::mem::size_of::<Step>() + step.name.len() + script + variables + uses + command
}
