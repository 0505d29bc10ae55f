//! From one failure of a log to its repro folder: evidence, slices from small to safe, each run until one fails like CI did,
//! then the folder, whole or not at all.
//!
//! It blocks, prints nothing and knows no face: values in, values out. A face calls it on a thread that may wait.

mod levels;
mod place;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use repro::{Comparison, Signature, Verdict};
use thiserror::Error;
use workflow::Obstacle;

use crate::checked::Checked;
use crate::config::Config;
use crate::evidence;
use crate::files::folders::FolderLock;
use crate::files::{DiskWorkspace, FilesError, LogSource};
use crate::printed;
use crate::reading::Reading;

use self::levels::Plan;

/// A log as a face has it.
#[derive(Debug, Clone)]
pub(crate) struct LogInput {
    pub(crate) source: LogSource,
    pub(crate) log: Arc<log::Log>,
    /// The raw text, where the source cannot be read a second time (standard input, an editor's unsaved document).
    pub(crate) text: Option<Arc<[u8]>>,
}

/// What to generate.
#[derive(Clone)]
pub(crate) struct Request<'a> {
    pub(crate) workspace: &'a DiskWorkspace,
    /// What is read of that workspace, for all failures that are asked about together.
    pub(crate) reading: &'a Reading<'a>,
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
    /// The failure's node id, or what failed where the log names no test.
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
    /// What is known of CI's failure to compare a run with.
    pub(crate) expected: Signature,
    /// How the last run compares with CI's failure; `None` if none was made.
    pub(crate) comparison: Option<Comparison>,
    /// What of CI's run cannot be had here.
    pub(crate) obstacles: Vec<Obstacle>,
    /// The folder held to the checklist, as `check` does it.
    pub(crate) checked: Checked,
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
    #[error("the log names no test that ends in it")]
    NoTest,
    #[error("{0}")]
    Name(String),
    #[error("another process generates in {} right now; try again when it is done", .0.display())]
    Locked(PathBuf),
    #[error("the run could not be started")]
    Run(#[from] runner::Error),
    #[error("cancelled")]
    Cancelled,
}

/// Writes the repro folder of one failure.
pub(crate) fn generate(request: &Request<'_>, job: Job<'_>) -> Result<Repro, GenerateError> {
    let log = &request.log.log;
    let failure = log
        .failures
        .get(request.failure)
        .ok_or(GenerateError::NoSuchFailure(request.failure + 1))?;
    if !has_test(failure) {
        return Err(GenerateError::NoTest);
    }
    let root = root(request.workspace, request.config, request.into.as_deref());
    let name = match &request.name {
        Some(name) => place::valid_name(name)?,
        None => place::free_name(&root, failure),
    };
    let dir = root.join(&name);
    let _lock =
        FolderLock::take(&root, &name)?.ok_or_else(|| GenerateError::Locked(dir.clone()))?;
    (job.progress)("reading the test and the CI configuration");
    let mut evidence = evidence::of_failure_in(
        request.reading,
        request.config,
        &place::log_name(request, &dir),
        log,
        request.failure,
    )
    .ok_or(GenerateError::NoSuchFailure(request.failure + 1))?;
    evidence.printed = printed::of(request.log, failure)?;
    let mut plan = Plan::new(request, job, evidence, &root, &name);
    let chosen = if request.run {
        plan.verified()?
    } else {
        plan.unverified()
    };
    (job.progress)("writing the folder");
    let written = place::write(&plan, &chosen, &dir)?;
    let checked = place::checked(&plan, &dir, &written);
    Ok(plan.repro(chosen, dir, written.kept, checked))
}

/// Whether pytest can be asked for the failure again.
pub(crate) fn has_test(failure: &log::Failure) -> bool {
    !(failure.id.is_empty() && failure.kind == log::Kind::Traceback)
}

/// The folder that holds repro folders.
pub(crate) fn root(workspace: &DiskWorkspace, config: &Config, into: Option<&Path>) -> PathBuf {
    into.map_or_else(|| workspace.root().join(&config.root), Path::to_owned)
}

impl Repro {
    /// Whether a run was made and did not show CI's failure, whatever it showed instead.
    pub(crate) fn is_unlike_ci(&self) -> bool {
        let verdict = self.comparison.as_ref().map(|it| it.verdict);
        verdict.is_some_and(|verdict| verdict != Verdict::Same)
    }
}
