//! CI log text to steps and failures.
//!
//! A log is a byte stream of one job, as a CI service kept it, or a terminal's pytest output. [`parse`] takes a whole one;
//! [`Parser`] takes it in pieces, in constant memory. Any bytes are fine: what was not understood is in [`Log::problems`].
//!
//! It knows no file system, no CI configuration and no Python beyond what pytest prints.

pub mod archive;
mod ci;
mod clean;
pub mod decode;
mod env;
mod find;
mod line;
mod lines;
mod model;
mod output;
mod parser;
mod pytest;
mod scout;
mod shown;
mod sink;

pub use model::*;
pub use parser::Parser;
pub use scout::Scout;
pub use shown::shown;

/// Reads a whole log.
pub fn parse(bytes: &[u8]) -> Log {
    let mut parser = Parser::new(Limits::default());
    parser.push(bytes);
    parser.finish()
}
