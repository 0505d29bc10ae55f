//! Where a fact was read. Every claim about a failure carries one.

use crate::Span;

/// Where a fact was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub kind: OriginKind,
    /// The file: relative to the workspace, or the log's own path. The stage that reads a log leaves it empty, as it
    /// knows only text; the face that read the file fills it in.
    pub path: String,
    /// 1-based, in the file as it is on disk.
    pub line: u32,
    pub span: Span,
}

/// The kind of place that a fact was read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OriginKind {
    /// The `env:` block that GitHub prints before a step's output.
    LogEnvBlock,
    /// The log's own words elsewhere: job name, inputs, runner, pytest's header.
    LogHeader,
    /// `export X=v` in a script, in the log or in the workspace.
    Export,
    /// `X=v command`, also through `env X=v command`.
    Inline,
    /// A `set -x` trace line.
    Xtrace,
    /// A list of variables that a job printed (`env`, `printenv`, `export -p`).
    Dump,
    /// `-e X=v` of `docker create` or `docker run`, `container.env`, `container.options`.
    Container,
    /// `env:` (`variables:`) of the whole workflow.
    WorkflowEnv,
    /// `env:` (`variables:`) of a job.
    JobEnv,
    /// `env:` of a step.
    StepEnv,
    /// An input of a reusable workflow or an action.
    Input,
    /// A value of the matrix leg.
    Matrix,
    /// A line that a step wrote to `$GITHUB_ENV`.
    GithubEnv,
    /// Added by an action such as setup-python; the workflow does not name it.
    SetupAction,
    /// Mapped from a runner label by the configuration `env.runner-labels`.
    RunnerLabel,
    /// Set by the CI service itself (`CI`, `GITHUB_*`, `RUNNER_*`, ...).
    CiDefault,
    /// The configuration of pytest or of a tool that runs it (`pytest.ini`, `tox.ini`, `Makefile`, ...).
    ToolConfig,
}

impl OriginKind {
    /// The kind's name in JSON and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::LogEnvBlock => "log-env-block",
            Self::LogHeader => "log-header",
            Self::Export => "export",
            Self::Inline => "inline",
            Self::Xtrace => "xtrace",
            Self::Dump => "dump",
            Self::Container => "container",
            Self::WorkflowEnv => "workflow-env",
            Self::JobEnv => "job-env",
            Self::StepEnv => "step-env",
            Self::Input => "input",
            Self::Matrix => "matrix",
            Self::GithubEnv => "github-env",
            Self::SetupAction => "setup-action",
            Self::RunnerLabel => "runner-label",
            Self::CiDefault => "ci-default",
            Self::ToolConfig => "tool-config",
        }
    }
}
