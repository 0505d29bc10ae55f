//! The parts of a test module that may go, and the module without some of them.
//!
//! Which parts go is found by running the module ([`Part`] says what stands in a part's place meanwhile); here nothing is run. The
//! line that fails, and what it stands in, is no part.

mod emptied;
mod inlined;
mod lists;
mod parts;
mod rewrite;
#[cfg(test)]
mod tests;
mod whole;

pub use inlined::inlined;
pub use parts::{Edit, Part, PartKind, parts};
pub use rewrite::{imports_only, without};

/// Stands in the comment of the line that fails.
pub const FAILS_HERE: &str = "# <- fails here";
