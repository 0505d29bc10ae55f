//! What the checklist asks of a `run_test.sh`: its shebang, what it sets and runs, which variables it reads, and with which
//! status it ends when a command of it fails.
//!
//! The last question is answered by following the script once more with that status supposed: pytest ends with a status that
//! nothing else has, every other command works, and what the script ends with is looked at. So `set -e`, `||`, pipes,
//! `$?` kept in a variable, `${PIPESTATUS[0]}`, traps and conditions all count as they do in bash.

use text::Span;

use crate::run::{Machine, Status};
use crate::{Command, Context, Evaluation, VariableRead, Word};

/// A script as the checklist looks at it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    pub shebang: Option<Shebang>,
    pub evaluation: Evaluation,
    /// Every place where a variable is read, in the order in which they are reached.
    pub reads: Vec<VariableRead>,
}

/// The first line, if it names an interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shebang {
    /// `bash`, without folder, through `env` too.
    pub interpreter: String,
    /// Options after it: `-e`.
    pub options: Vec<String>,
    pub span: Span,
}

impl Shebang {
    /// Whether bash reads the script.
    pub fn is_bash(&self) -> bool {
        self.interpreter == "bash"
    }
}

/// With which status the script ends when the command that was asked about fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// With the command's own, at the end of the script or at an `exit`.
    Kept,
    /// With the command's own, because `set -e` ends the script right there: what follows does not run.
    EndsThere,
    /// With another failure: `if pytest; then ...; else exit 1; fi`.
    Replaced(i32),
    /// With 0: whoever runs the script sees a success.
    Lost,
    /// It depends on what is not known.
    Unknown,
}

/// What follows the failing command.
#[derive(Debug, Clone, PartialEq)]
pub struct AfterFailure {
    pub status: ExitStatus,
    /// Where the script ends: the failing command under `set -e`, an `exit`; `None` at its end.
    pub ended_at: Option<Span>,
    /// The commands that still run after it, in order.
    pub commands: Vec<Command>,
    /// Where `$?` or `${PIPESTATUS[...]}` is read after it, on the way that is taken.
    pub status_reads: Vec<VariableRead>,
}

/// Looks at a script. `path` is what it is started as, for `$0` and `${BASH_SOURCE[0]}`.
pub fn inspect(script: &str, path: Option<&str>, ctx: &Context<'_>) -> Script {
    let mut machine = Machine::new(ctx);
    machine.state.options.errexit = shebang(script).is_some_and(|it| has_errexit(&it.options));
    machine.run(script, path);
    Script {
        shebang: shebang(script),
        evaluation: machine.result,
        reads: machine.reads,
    }
}

/// What the script does when the first command that `fails` picks ends with a failure, and every other one works. `None` if
/// it runs no such command.
pub fn after_failure(
    script: &str,
    path: Option<&str>,
    ctx: &Context<'_>,
    fails: &dyn Fn(&Command) -> bool,
) -> Option<AfterFailure> {
    // Two statuses that no command gives by itself: what ends with each of them ends with the command's.
    let [first, second] = [93, 94].map(|code| supposed(script, path, ctx, fails, code));
    let (first, second) = (first?, second?);
    let status = match (first.0, second.0) {
        (Status::Known(93), Status::Known(94)) if first.2 => ExitStatus::EndsThere,
        (Status::Known(93), Status::Known(94)) => ExitStatus::Kept,
        (Status::Known(0) | Status::Ordinary, Status::Known(0) | Status::Ordinary) => {
            ExitStatus::Lost
        }
        (Status::Known(code), Status::Known(other)) if code == other => ExitStatus::Replaced(code),
        (_, _) => ExitStatus::Unknown,
    };
    Some(AfterFailure { status, ..first.1 })
}

/// One run with the status `code` supposed: how it ends, what follows, and whether `set -e` ended it at the command itself.
fn supposed(
    script: &str,
    path: Option<&str>,
    ctx: &Context<'_>,
    fails: &dyn Fn(&Command) -> bool,
    code: i32,
) -> Option<(Status, AfterFailure, bool)> {
    let failed = std::cell::Cell::new(None);
    let status_of = |command: &Command| {
        if failed.get().is_none() && fails(command) {
            failed.set(Some((command.span, command.options)));
            return code;
        }
        0
    };
    let mut machine = Machine::new(ctx);
    machine.state.options.errexit = shebang(script).is_some_and(|it| has_errexit(&it.options));
    machine.supposed = Some(&status_of);
    machine.run(script, path);
    let (span, options) = failed.get()?;
    let at = machine
        .result
        .commands
        .iter()
        .position(|it| it.span == span)?;
    let commands = machine.result.commands.split_off(at + 1);
    let ended_at = machine.ended_at;
    let there = options.errexit
        && ended_at.is_some_and(|end| end.start <= span.start && span.end <= end.end);
    let reads = machine.reads.into_iter();
    let after = AfterFailure {
        status: ExitStatus::Unknown,
        ended_at,
        commands,
        status_reads: reads
            .filter(|it| matches!(it.name.as_str(), "?" | "PIPESTATUS"))
            .filter(|it| it.path.is_empty() && it.span.start >= span.start)
            .collect(),
    };
    Some((machine.state.status, after, there))
}

impl Script {
    /// The variables that a command sees because the script sets them, with the last assignment of each: what has no
    /// assignment here came with the environment.
    pub fn exports(&self) -> Vec<&crate::Assignment> {
        let mut exports: Vec<&crate::Assignment> = Vec::new();
        for assignment in &self.evaluation.assignments {
            if assignment.kind == crate::AssignmentKind::GithubEnv {
                continue;
            }
            exports.retain(|it| it.name != assignment.name);
            if assignment.exported {
                exports.push(assignment);
            }
        }
        exports
    }

    /// The places where all of the script's own arguments are passed on (`"$@"`).
    pub fn forwards(&self) -> impl Iterator<Item = &VariableRead> {
        self.reads.iter().filter(|it| it.name == "@")
    }

    /// The commands that activate a virtual environment: `source .venv/bin/activate`.
    pub fn activations(&self) -> impl Iterator<Item = &Command> {
        self.evaluation.commands.iter().filter(|command| {
            let words: Vec<&str> = command.argv.iter().map(Word::text).collect();
            matches!(words[..], ["source" | ".", file, ..] if file.trim_end_matches('"').ends_with("/activate") || file == "activate")
                || matches!(words[..], ["conda" | "mamba" | "micromamba", "activate", ..])
        })
    }
}

fn shebang(script: &str) -> Option<Shebang> {
    let line = script.lines().next()?;
    let mut words = line.strip_prefix("#!")?.split_whitespace();
    let mut program = words.next()?;
    if program.ends_with("/env") {
        program = words.find(|it| !it.starts_with('-') && !it.contains('='))?;
    }
    Some(Shebang {
        interpreter: program.rsplit('/').next().unwrap_or(program).to_owned(),
        options: words.map(str::to_owned).collect(),
        span: Span::new(0, line.len()),
    })
}

fn has_errexit(options: &[String]) -> bool {
    options
        .iter()
        .any(|it| it.starts_with('-') && !it.starts_with("--") && it.contains('e'))
}
