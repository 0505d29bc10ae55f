//! The values that the stage returns. Spans are byte ranges of the script that was given, or of the sourced file that `path` names.

use std::sync::Arc;

use text::{Problem, Span, Value};

/// What a script is evaluated with.
pub struct Context<'a> {
    /// The environment at its start.
    pub env: &'a [(String, Value)],
    /// Positional arguments `$1`, ...
    pub arguments: &'a [String],
    /// The working directory on the machine that ran it, where known: what `$(pwd)` and `$PWD` give.
    pub cwd: Option<&'a str>,
    /// The text of a script that `source f` or `./f` names (as written, variables filled in), and the path to report it by.
    pub read: &'a dyn Fn(&str) -> Option<(String, String)>,
}

/// What a script does, as far as it is known without running it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    pub assignments: Vec<Assignment>,
    /// In the order in which they run; of branches whose condition is not known, all, marked `conditional`.
    pub commands: Vec<Command>,
    pub problems: Vec<Problem>,
}

/// A variable that the script sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    pub name: String,
    pub value: Value,
    /// Whether commands after it see it in their environment.
    pub exported: bool,
    /// In a branch or loop of which it is not known whether it runs.
    pub conditional: bool,
    pub kind: AssignmentKind,
    /// The value gives way to one that the caller has set: `X=${X:-v}`, `: "${X:=v}"`.
    pub overridable: bool,
    /// The sourced file that holds it; empty for the script itself.
    pub path: String,
    /// The whole assignment, and its value alone.
    pub span: Span,
    pub value_span: Span,
}

/// How a variable was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentKind {
    /// `export X=v`, `declare -x X=v`, or `X=v` under `set -a`.
    Export,
    /// `X=v`: seen by the script alone, unless the name was exported before.
    Plain,
    /// `unset X`.
    Unset,
    /// A line written to `$GITHUB_ENV`: later steps see it, this one does not.
    GithubEnv,
}

/// One simple command.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Command {
    /// The words after expansion, the command's name first.
    pub argv: Vec<Word>,
    /// `X=v command`, and `env X=v command`.
    pub env: Vec<Assignment>,
    /// The whole exported environment in which it runs, own `env` included, in the order of first assignment.
    pub environment: Arc<Vec<(String, Value)>>,
    /// Variables may be set besides that nobody can name: `export $(cat f)`, a sourced file that cannot be read.
    pub open: bool,
    /// The working directory in effect, as far as `cd` is known; relative to the script's start where that is not known.
    pub cwd: Option<String>,
    pub conditional: bool,
    /// The shell's options in effect.
    pub options: ShellOptions,
    /// The command as written, inline variables included.
    pub source: String,
    pub path: String,
    pub span: Span,
}

/// What `set` has switched on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShellOptions {
    /// `-e`: the script ends at the first command that fails.
    pub errexit: bool,
    /// A pipeline fails if any part of it does.
    pub pipefail: bool,
    /// `-u`
    pub nounset: bool,
    /// `-a`: what is assigned is exported.
    pub allexport: bool,
    /// `-x`
    pub xtrace: bool,
}

impl ShellOptions {
    /// What is on for certain after two ways.
    pub(crate) fn both(self, other: Self) -> Self {
        Self {
            errexit: self.errexit && other.errexit,
            pipefail: self.pipefail && other.pipefail,
            nounset: self.nounset && other.nounset,
            allexport: self.allexport && other.allexport,
            xtrace: self.xtrace && other.xtrace,
        }
    }
}

/// A place where a script reads a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableRead {
    pub name: String,
    pub kind: ReadKind,
    pub path: String,
    pub span: Span,
}

/// What a script does where the variable that it reads is unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadKind {
    /// `$X`
    Plain,
    /// `${X:-v}`, `${X:=v}`, `${X:+v}`
    Default,
    /// `${X:?message}`
    Required,
}

/// A word of a command. A `***` in it stands for a secret, as CI printed it.
#[derive(Debug, Clone, PartialEq)]
pub enum Word {
    Known(String),
    /// The expression as written.
    Unresolved(String),
}

impl Word {
    pub fn text(&self) -> &str {
        match self {
            Self::Known(text) | Self::Unresolved(text) => text,
        }
    }
}

/// A pytest command line in its parts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PytestCommand {
    /// As written, inline variables included.
    pub source: String,
    /// From the launcher on: `["python", "-m", "pytest", "-x", "tests"]`.
    pub argv: Vec<String>,
    pub launcher: Launcher,
    /// Words before the launcher (`xvfb-run`, `timeout 60`, `coverage run`).
    pub wrapper: Vec<String>,
    /// Arguments that can decide the outcome (`-m`, `-p`, `-o`, `-W`, `--timeout`, `--import-mode`, `-n`, project options, ...), values with them.
    pub outcome_flags: Vec<Vec<String>>,
    /// Arguments that only change what is printed or written (`-v`, `--tb`, `-r`, `--cov`, `--junitxml`, ...).
    pub reporting_flags: Vec<Vec<String>>,
    /// Arguments that choose the tests (`-k`, `--splits`, `--deselect`, `--ignore`, `-x`, `--maxfail`, ...).
    pub selection_flags: Vec<Vec<String>>,
    /// Paths and node ids.
    pub paths: Vec<String>,
    /// The directory it ran in, where known.
    pub cwd: Option<String>,
    /// Where it stands: in the script that was evaluated, or in the file `path`.
    pub path: String,
    pub span: Span,
}

/// How pytest was started; it decides `sys.path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Launcher {
    /// `pytest`, `py.test`.
    #[default]
    Program,
    /// `python -m pytest`: the working directory is on `sys.path`.
    Module,
}
