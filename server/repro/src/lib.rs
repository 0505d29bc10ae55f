//! Evidence to a repro folder, and a repro folder back to what it holds; signatures and verdicts.
//!
//! Values in, values out: the face reads the files and writes them.

mod model;

pub use model::*;

/// The three files of a repro folder.
pub fn generate(_evidence: &Evidence, _slice: &python::Slice, _config: &Config) -> Files {
    Files::default()
}

/// What makes a failure the same as another one.
pub fn signature(_failure: &log::Failure) -> Signature {
    Signature::default()
}

/// How one run compares with CI's failure.
pub fn compare(_expected: &Signature, _run: &RunOutcome) -> Comparison {
    Comparison {
        verdict: Verdict::InsufficientEvidence,
        reasons: Vec::new(),
    }
}
