//! Evidence to a repro folder, and a repro folder back to what it holds; signatures and verdicts.
//!
//! Values in, values out: the face reads the files and writes them.

mod compare;
mod model;
mod normal;
pub mod quote;

pub use compare::{compare, compare_signatures, signature};
pub use model::*;
pub use normal::MARK;

/// The three files of a repro folder.
pub fn generate(_evidence: &Evidence, _slice: &python::Slice, _config: &Config) -> Files {
    Files::default()
}
