//! The values that the stage returns.

use shell::PytestCommand;
use text::{Origin, Problem, Value, Variable};

/// What a person configures of this stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `env.ignore`: names (`*` allowed) that are set apart as noise besides the CI services' own.
    pub ignore: Vec<String>,
    /// `env.runner-labels`: label -> variables.
    pub runner_labels: Vec<(String, Vec<(String, String)>)>,
}

/// The job of a log, for one of its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct JobConfiguration {
    /// The configuration file, relative to the workspace; `None` where none fits.
    pub path: Option<String>,
    /// The job's key in it.
    pub job: Option<String>,
    /// 1-based line of that key.
    pub line: Option<u32>,
    /// Why this one: `the log names the workflow file`, `the job's name gives "caller / x (3.11)"`, ...
    pub why: Vec<String>,
    /// Variables that the test can see, sorted by name; each with the value in effect and what it replaced.
    pub variables: Vec<Variable>,
    /// The same for the CI service's own variables (`GITHUB_*`, `RUNNER_*`, `HOME`, `PATH`, ...) and ignored ones.
    pub noise: Vec<Variable>,
    pub inputs: Vec<(String, Value, Origin)>,
    pub matrix: Vec<(String, Value, Origin)>,
    pub runner_labels: Vec<(String, Origin)>,
    pub container: Option<Container>,
    /// `/usr/bin/bash -e {0}`.
    pub shell: Option<String>,
    /// Virtual environments that the job activated, as written.
    pub activates: Vec<(String, Origin)>,
    /// The pytest command as it really ran, and where it is written.
    pub command: Option<(PytestCommand, Origin)>,
    pub obstacles: Vec<Obstacle>,
    pub problems: Vec<Problem>,
}

/// The container that the job ran in.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    pub image: Value,
    pub options: Option<Value>,
    pub volumes: Vec<String>,
    pub origin: Origin,
}

/// Something of the CI run that this machine cannot replicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Obstacle {
    pub kind: ObstacleKind,
    /// What it is: `runner label N300`, `image ghcr.io/...`.
    pub what: String,
    /// Why it matters for this failure, or why it does not.
    pub why: String,
    /// What would stand in for it.
    pub stand_in: String,
    pub origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObstacleKind {
    Hardware,
    Container,
    Mount,
    Service,
    Secret,
    Path,
    OperatingSystem,
    Python,
}

impl ObstacleKind {
    /// The name in JSON and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hardware => "hardware",
            Self::Container => "container",
            Self::Mount => "mount",
            Self::Service => "service",
            Self::Secret => "secret",
            Self::Path => "path",
            Self::OperatingSystem => "operating-system",
            Self::Python => "python",
        }
    }
}
