//! pytest source to items, parameters, fixtures and slices, without running it.
//!
//! Tolerant of syntax that it does not know. It reads the workspace only through [`text::Workspace`].

mod model;
mod params;
pub mod project;
pub mod scope;
mod slice;
pub mod source;

pub use model::*;

/// The test that a node id names. The id's path may be relative to any of `roots` (the root of pytest's session, its working
/// directory, both relative to the workspace; the workspace's own root is tried too).
pub fn find(
    _workspace: &dyn text::Workspace,
    _roots: &[String],
    _id: &str,
) -> Result<Test, NotFound> {
    Err(NotFound::File)
}

/// The part of the test that the failing line depends on, as a test module of its own.
pub fn slice(
    workspace: &dyn text::Workspace,
    test: &Test,
    criterion: &Criterion,
    observed: Option<&Observed>,
    level: Level,
) -> Slice {
    slice::slice(workspace, test, criterion, observed, level)
}
