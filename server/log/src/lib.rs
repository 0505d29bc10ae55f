//! CI log text to steps and failures.
//!
//! A log is a byte stream of one job, as a CI service kept it, or a terminal's pytest output. [`parse`] takes a whole one;
//! [`Parser`] takes it in pieces, in constant memory. Any bytes are fine: what was not understood is in [`Log::problems`].
//!
//! It knows no file system, no CI configuration and no Python beyond what pytest prints.

mod line;
mod model;
mod pytest;

pub use model::*;

/// Reads a whole log.
pub fn parse(bytes: &[u8]) -> Log {
    let mut parser = Parser::new(Limits::default());
    parser.push(bytes);
    parser.finish()
}

/// Reads a log in pieces of any size, split anywhere.
#[derive(Debug)]
pub struct Parser {}

impl Parser {
    pub fn new(_limits: Limits) -> Self {
        Self {}
    }

    /// Takes the next bytes.
    pub fn push(&mut self, _bytes: &[u8]) {}

    /// The log, when all bytes were taken.
    pub fn finish(self) -> Log {
        Log::default()
    }
}
