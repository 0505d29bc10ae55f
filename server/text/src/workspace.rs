//! The workspace's files as the stages see them. No stage opens a file: the face that calls it hands one of these in.

use std::sync::Arc;

/// Read access to the files of a workspace. Paths are relative to its root, with `/`, without `.` or `..`.
pub trait Workspace: Sync {
    /// The text of a file; `None` where there is none, where it is outside the workspace, or where it cannot be read.
    /// Invalid UTF-8 is replaced.
    fn read(&self, path: &str) -> Option<Arc<str>>;

    /// The names in a folder (`""` is the root), sorted, folders with a `/` at the end; empty where there is none.
    fn list(&self, folder: &str) -> Vec<String>;
}
