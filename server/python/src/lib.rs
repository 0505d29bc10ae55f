//! pytest source to items, parameters, fixtures and slices, without running it.
//!
//! Tolerant of syntax that it does not know. It reads the workspace only through [`text::Workspace`].

mod builtins;
mod edits;
mod find;
mod fixtures;
mod items;
mod marks;
mod model;
mod params;
pub mod project;
pub mod reduce;
pub mod review;
pub mod scope;
mod slice;
pub mod source;

pub use find::{find, find_in, find_observed};
pub use model::*;

/// The part of the test that the failing line depends on, as a test module of its own.
pub fn slice(
    sources: &project::Sources<'_>,
    test: &Test,
    criterion: &Criterion,
    observed: Option<&Observed>,
    level: Level,
) -> Slice {
    slice::slice(sources, test, criterion, observed, level)
}
