//! All that was gathered of a step, settled into its environment and its command.

use std::collections::BTreeMap;
use std::rc::Rc;

use shell::{Assignment, AssignmentKind, Context, Evaluation, PytestCommand};
use text::{OriginKind, Span, Value, Variable};

use super::script::Script;
use super::{docker, origin, set};
use crate::{Fact, Step};

/// Commands of pytest that are kept of one step's output.
const MOST_COMMANDS: usize = 64;

/// What was gathered of a step while its lines came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gathered {
    /// The script as echoed so far.
    pub(crate) script: Script,
    /// Whether the script is a transcript: each of its lines ran when it was echoed.
    pub(crate) transcript: bool,
    /// The environment that the CI printed.
    pub(crate) block: Vec<Variable>,
    /// What traces, dumps and options of containers showed later, in their order.
    pub(crate) found: Vec<Variable>,
    /// Pytest's commands that the output showed, with their lines.
    pub(crate) commands: Vec<(u32, PytestCommand)>,
    /// The last command that a trace showed, before pytest's first session.
    pub(crate) last_trace: Option<Fact>,
    /// The last line of a transcript before pytest's first session.
    pub(crate) last_prompt: Option<Fact>,
    /// pytest's sessions so far.
    pub(crate) sessions: usize,
}

impl Gathered {
    pub(crate) fn command(&mut self, line: u32, command: PytestCommand) {
        if self.commands.len() < MOST_COMMANDS {
            self.commands.push((line, command));
        }
    }
}

/// Evaluations of scripts that came before: composite actions and matrices repeat theirs.
#[derive(Debug, Default)]
pub(crate) struct Evaluated {
    /// Scripts differ early: comparing a few is less work than hashing one.
    known: BTreeMap<String, Rc<Known>>,
    bytes: usize,
}

/// What an evaluated script tells of its step: much less than all that it does.
#[derive(Debug)]
struct Known {
    /// What it sets for certain.
    assignments: Vec<Assignment>,
    /// Its commands that run a container with variables.
    containers: Vec<(Span, Vec<(String, String)>)>,
    runs: Vec<Run>,
}

/// A command that runs pytest.
#[derive(Debug)]
struct Run {
    span: Span,
    env: Vec<Assignment>,
    command: PytestCommand,
}

impl Known {
    fn new(evaluation: Evaluation) -> Self {
        let own = evaluation.commands.iter().filter(|it| it.path.is_empty());
        let containers = own.filter_map(|command| {
            let variables = container(command)?;
            Some((command.span, variables))
        });
        let runs = evaluation.commands.iter().filter_map(|command| {
            Some(Run {
                span: command.span,
                env: command.env.clone(),
                command: shell::pytest_command(command)?,
            })
        });
        Self {
            containers: containers.collect(),
            runs: runs.collect(),
            assignments: evaluation
                .assignments
                .into_iter()
                .filter(|it| {
                    let certain = it.path.is_empty() && !it.conditional;
                    certain && it.kind != AssignmentKind::GithubEnv
                })
                .collect(),
        }
    }
}

impl Evaluated {
    const MOST_BYTES: usize = 3 << 20;

    fn get(&mut self, script: &str, block: &[Variable], cwd: Option<&str>) -> Rc<Known> {
        let mut key = script.to_owned();
        for variable in block {
            key.extend(["\0", &variable.name, "=", variable.value.text()]);
        }
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let env: Vec<(String, Value)> = block
            .iter()
            .map(|variable| (variable.name.clone(), variable.value.clone()))
            .collect();
        let evaluation = shell::evaluate(
            script,
            &Context {
                env: &env,
                arguments: &[],
                cwd,
                read: &|_| None,
            },
        );
        let known = Rc::new(Known::new(evaluation));
        // What a script tells can be some times as large as the script.
        let size = 8 * key.len() + 1024;
        if self.bytes + size > Self::MOST_BYTES {
            self.known.clear();
            self.bytes = 0;
        }
        self.bytes += size;
        self.known.insert(key, Rc::clone(&known));
        known
    }
}

/// Fills the step's environment and command.
pub(crate) fn settle(
    step: &mut Step,
    gathered: &mut Gathered,
    evaluated: &mut Evaluated,
    cwd: Option<&str>,
) {
    step.env = std::mem::take(&mut gathered.block);
    step.env.shrink_to_fit();
    let mut command = None;
    if worth_evaluating(&gathered.script.text) {
        let known = evaluated.get(&gathered.script.text, &step.env, cwd);
        command = from_script(&mut step.env, gathered, &known);
    }
    for variable in std::mem::take(&mut gathered.found) {
        let Variable {
            name,
            value,
            origin,
            ..
        } = variable;
        set(&mut step.env, &name, value, origin);
    }
    step.command = command
        .or_else(|| {
            gathered
                .commands
                .first()
                .map(|(_, command)| command.clone())
        })
        .or_else(|| wrapper(gathered));
}

/// Whether a script can tell anything: most steps of a log check out, install and upload.
fn worth_evaluating(script: &str) -> bool {
    [
        "pytest", "py.test", "export", "docker", "declare", "set -a", "=",
    ]
    .iter()
    .any(|word| memchr::memmem::find(script.as_bytes(), word.as_bytes()).is_some())
}

/// The environment that the script makes for its pytest command, and that command.
fn from_script(
    env: &mut Vec<Variable>,
    gathered: &Gathered,
    known: &Known,
) -> Option<PytestCommand> {
    // A script that stops at its first failure failed in the last session that it began.
    let chosen = gathered.sessions.clamp(1, known.runs.len().max(1)) - 1;
    let run = known.runs.get(chosen);
    let script = &gathered.script;
    for assignment in &known.assignments {
        if run.is_some_and(|run| assignment.span.start > run.span.start) {
            continue;
        }
        if assignment.kind == AssignmentKind::Unset {
            env.retain(|variable| variable.name != assignment.name);
            continue;
        }
        let is_known = env.iter().any(|variable| variable.name == assignment.name);
        if assignment.exported || is_known {
            let (span, line) = script.place(assignment.span);
            let place = origin(OriginKind::Export, line, span);
            set(env, &assignment.name, assignment.value.clone(), place);
        }
    }
    for (span, variables) in &known.containers {
        let (span, line) = script.place(*span);
        for (name, value) in variables {
            let place = origin(OriginKind::Container, line, span);
            set(env, name, Value::printed(value.clone()), place);
        }
    }
    let run = run?;
    for assignment in &run.env {
        let (span, line) = script.place(assignment.span);
        let place = origin(OriginKind::Inline, line, span);
        set(env, &assignment.name, assignment.value.clone(), place);
    }
    let mut command = run.command.clone();
    command.span = script.place(command.span).0;
    Some(command)
}

/// The variables of `docker run -e X=v image pytest`.
fn container(command: &shell::Command) -> Option<Vec<(String, String)>> {
    let mut words = command.argv.iter().map(shell::Word::text);
    let is_docker = words.next().is_some_and(|word| {
        matches!(
            word.rsplit('/').next(),
            Some("docker" | "podman" | "docker-compose")
        )
    });
    let runs = || {
        words
            .take(3)
            .any(|word| matches!(word, "run" | "exec" | "create"))
    };
    if !(is_docker && runs()) {
        return None;
    }
    let words: Vec<String> = command
        .argv
        .iter()
        .map(|word| word.text().to_owned())
        .collect();
    Some(docker::variables(&words))
}

/// What ran pytest, where its own command is nowhere to be seen.
fn wrapper(gathered: &Gathered) -> Option<PytestCommand> {
    if gathered.sessions == 0 {
        return None;
    }
    let last_line = || {
        let script = &gathered.script;
        let last = script.text.lines().rev().find(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        })?;
        // What ends a block ran nothing itself.
        if matches!(last.trim(), "fi" | "done" | "esac" | "}" | ")" | "EOF") {
            return None;
        }
        let start = last.as_ptr() as usize - script.text.as_ptr() as usize;
        let (span, line) = script.place(Span::new(start, start + last.len()));
        Some(Fact {
            text: last.trim().to_owned(),
            span,
            line,
        })
    };
    let fact = gathered
        .last_trace
        .clone()
        .or_else(|| gathered.last_prompt.clone())
        .or_else(last_line)?;
    Some(PytestCommand {
        source: fact.text,
        span: fact.span,
        ..PytestCommand::default()
    })
}
