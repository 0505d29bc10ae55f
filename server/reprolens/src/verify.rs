//! Runs a repro's script, keeps its output, and says how it compares with CI's failure.
//!
//! It blocks, prints nothing and knows no face.

use std::path::{Path, PathBuf};

use repro::{Reason, Signature, Verdict};
use thiserror::Error;

use crate::config::Config;
use crate::files::{FilesError, folders};
use crate::generate::Job;
use crate::manifest::Manifest;
use crate::trial;

/// What to verify.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
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
    let script = request.folder.join("run_test.sh");
    if !script.is_file() {
        return Err(VerifyError::NoScript(request.folder.to_owned()));
    }
    let script = script
        .canonicalize()
        .map_err(|source| FilesError::io("read", &script, source))?;
    let expected = ci_failure(request.folder).map(|failure| repro::signature(&failure));
    let log = request.folder.join("logs").join("reproduction.log");
    let mut runs = Vec::new();
    for number in 1..=request.runs.max(1) {
        (job.progress)(&format!("run {number} of {}", request.runs.max(1)));
        if log.exists() {
            folders::set_aside(&log)?;
        }
        folders::make_folder(log.parent().unwrap_or(request.folder))?;
        let trial = trial::run(&script, &[], Vec::new(), &log, request.config, job)?;
        if trial.cancelled {
            return Err(VerifyError::Cancelled);
        }
        let comparison = match &expected {
            Some(expected) => repro::compare(expected, &trial.outcome),
            None => nothing_to_compare(),
        };
        runs.push(Run {
            verdict: comparison.verdict,
            reasons: comparison.reasons,
            seconds: trial.outcome.seconds,
            signature: trial.outcome.log.failures.first().map(repro::signature),
            exit_code: trial.outcome.exit_code,
        });
    }
    let (verdict, reasons) = overall(&runs);
    Ok(Verified {
        verdict,
        reasons,
        runs,
        expected: expected.unwrap_or_default(),
        log,
    })
}

/// CI's failure that a repro folder is about: the one that its manifest names, or else the log's first.
pub(crate) fn ci_failure(folder: &Path) -> Option<log::Failure> {
    let manifest = Manifest::read(folder);
    let logs: Vec<log::Log> = folders::ci_logs(folder)
        .iter()
        .filter_map(|path| folders::bytes(path).ok())
        .map(|bytes| log::parse(&bytes))
        .collect();
    let all = || logs.iter().flat_map(|log| &log.failures);
    let named = all()
        .find(|failure| manifest.is_about(failure))
        .or_else(|| all().find(|failure| failure.id == manifest.failure));
    named.or_else(|| all().next()).cloned()
}

fn nothing_to_compare() -> repro::Comparison {
    let text = "the folder's logs/ holds no CI log with a failure to compare with; put the job's log there".to_owned();
    repro::Comparison {
        verdict: Verdict::InsufficientEvidence,
        reasons: vec![Reason {
            part: "log".to_owned(),
            expected: None,
            actual: None,
            text,
        }],
    }
}

/// One verdict of several runs: theirs where all agree, else `flaky`.
fn overall(runs: &[Run]) -> (Verdict, Vec<Reason>) {
    let Some(first) = runs.first() else {
        return (Verdict::Blocked, Vec::new());
    };
    let differs = runs
        .iter()
        .find(|run| run.verdict != first.verdict || run.signature != first.signature);
    let Some(other) = differs else {
        return (first.verdict, first.reasons.clone());
    };
    let same = runs
        .iter()
        .filter(|run| run.verdict == Verdict::Same)
        .count();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let reasons = if first.reasons.is_empty() {
        &other.reasons
    } else {
        &first.reasons
    };
    (
        Verdict::Flaky {
            k: count(same),
            n: count(runs.len()),
        },
        reasons.clone(),
    )
}
