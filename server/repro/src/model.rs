//! The values that the stage takes and returns.

use std::sync::Arc;

use log::{Failure, Phase};
use text::Problem;
use workflow::JobConfiguration;

/// What the log shows that a test printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Line of the log, 1-based, of the first line that is kept.
    pub line: usize,
    pub lines: Vec<String>,
}

/// All that is known of one failure.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The log as named by the person, and the name of its copy in `logs/`.
    pub log_path: String,
    pub job: log::Job,
    pub failure: Failure,
    pub session: Option<log::Session>,
    pub step: Option<log::Step>,
    /// The best candidate first; never empty.
    pub configurations: Vec<JobConfiguration>,
    /// The original test, or why it was not found.
    pub test: Result<python::Test, python::NotFound>,
    /// The failing source line as the workspace has it now.
    pub workspace_source: Option<String>,
    /// What the test printed before it failed.
    pub printed: Vec<Printed>,
    /// Ids of the log's other failures of the same group.
    pub same_failure: Vec<String>,
    /// The file of pytest's configuration that CI used: its path relative to the workspace, and its text.
    pub ini: Option<(String, String)>,
    /// The folder, relative to the workspace, that pytest's import mode put on `sys.path` for the original test: the nearest
    /// one without `__init__.py`. `None` for `importlib`, or where it is not known.
    pub import_root: Option<String>,
    /// The conftest files above the original test that define options of pytest.
    pub conftests: Vec<crate::Conftest>,
}

/// What a person configures of this stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The workspace's absolute path; it is written down only where `root` is outside of it.
    pub workspace: String,
    /// Where repro folders are: relative to the workspace, or absolute where that is outside of it.
    pub root: String,
    /// The repro folder's name; the test's and the README's title come from it.
    pub name: String,
    /// Candidates of virtual environments, relative to the workspace or absolute.
    pub venv: Vec<String>,
    /// Bound of a run.
    pub max_seconds: u32,
    /// The script runs the original test, which stands where CI ran it, and none of the folder.
    pub runs_original: bool,
    /// Overrides of the templates, by file name.
    pub templates: Vec<(String, String)>,
}

/// The contents of a generated folder.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Files {
    pub script: String,
    /// `test_<name>_repro.py`.
    pub test_name: String,
    pub test: String,
    pub readme: String,
    pub problems: Vec<Problem>,
}

/// What makes two failures the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    pub phase: Phase,
    /// Unqualified: pytest prints `E   ValueError` and `E   pkg.ValueError` for the same class in different styles.
    pub exception: Option<String>,
    /// Normalised: addresses, temporary and absolute paths, UUIDs, the test module's name, white space.
    pub message: Option<String>,
    /// Whether the log cuts the message.
    pub message_cut: bool,
    /// The source line of the failing frame, white space normalised.
    pub source: Option<String>,
    /// It did not end.
    pub hung: bool,
    /// The process died.
    pub crashed: bool,
    /// It passed, and was expected to fail.
    pub passed: bool,
    /// Its section holds a message and no traceback: `pytest.fail(..., pytrace=False)`, and plugins that do the same.
    pub untraced: bool,
    /// Where it died, if that is not in the test's own file: a dump shows places, and no source.
    pub died_at: Option<DiedAt>,
}

impl Signature {
    /// What another failure with this signature has in common with it, in words.
    pub fn in_common(&self) -> &'static str {
        if self.passed {
            "it passes, too"
        } else if self.source.is_some() || self.died_at.is_some() {
            "same error, same line"
        } else {
            "same error"
        }
    }
}

/// The frame that a process died in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiedAt {
    /// The file with its folder, which is the same wherever the project lies: `ttnn/operations.py`.
    pub file: String,
    pub function: String,
    /// 1-based.
    pub line: u32,
}

impl std::fmt::Display for DiedAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}, in {}", self.file, self.line, self.function)
    }
}

/// What one run of a repro gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunOutcome {
    /// `None`: killed by a signal or by the time limit.
    pub exit_code: Option<i32>,
    pub timed_out: bool,
    /// It was ended because it took more than so many bytes of memory.
    pub out_of_memory: Option<u64>,
    pub seconds: f64,
    /// The run's output through the `log` stage.
    pub log: log::Log,
    /// The line of its output that says why no test ran.
    pub complaint: Option<String>,
}

/// How a run compares with CI's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Same,
    Different,
    Passed,
    /// `k` of `n` runs were the same.
    Flaky {
        k: u32,
        n: u32,
    },
    /// The log does not hold enough to tell.
    InsufficientEvidence,
    /// Cannot run here.
    Blocked,
}

impl Verdict {
    /// The name in JSON and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Passed => "passed",
            Self::Flaky { .. } => "flaky",
            Self::InsufficientEvidence => "insufficient-evidence",
            Self::Blocked => "blocked",
        }
    }

    /// What it says of a repro, for a person.
    pub fn words(self) -> String {
        match self {
            Self::Same => "fails like CI".to_owned(),
            Self::Different => "fails, but not like CI".to_owned(),
            Self::Passed => "passed".to_owned(),
            Self::Flaky { k, n } => format!("fails like CI in {k} of {n} runs"),
            Self::InsufficientEvidence => "fails, CI's log tells too little to compare".to_owned(),
            Self::Blocked => "blocked, no test ran".to_owned(),
        }
    }
}

/// A verdict and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
}

/// One part of the signature that differs or is missing, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// `phase`, `exception`, `message`, `source`, or what blocked the run.
    pub part: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
    /// The sentence for a person.
    pub text: String,
}

/// A repro folder as it is on disk, generated or made by hand.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// Relative to the workspace.
    pub path: String,
    pub script: Option<FolderFile>,
    /// `tests/*.py`.
    pub tests: Vec<FolderFile>,
    pub readme: Option<FolderFile>,
    /// CI logs of `logs/`, parsed; `reproduction.log` is not among them.
    pub logs: Vec<FolderLog>,
    /// `logs/reproduction.log`.
    pub reproduction: Option<FolderLog>,
    /// Other files that the folder holds, by path relative to it (files that the script sources among them).
    pub others: Vec<FolderFile>,
}

/// A text file of a folder.
#[derive(Debug, Clone)]
pub struct FolderFile {
    /// Relative to the folder.
    pub path: String,
    pub text: Arc<str>,
    pub executable: bool,
    /// Seconds since the epoch.
    pub modified: Option<u64>,
}

/// A log of a folder.
#[derive(Debug, Clone)]
pub struct FolderLog {
    /// Relative to the folder.
    pub path: String,
    pub log: Arc<log::Log>,
    pub modified: Option<u64>,
}
