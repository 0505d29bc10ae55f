//! A workspace folder as the editor has it: texts that are open stand for the files of the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use text::Workspace;

use super::cache::Stamp;
use super::snapshot::Snapshot;
use crate::files::DiskWorkspace;

/// A workspace folder with the open documents over it.
pub(crate) struct Overlay<'a> {
    /// As the client calls it; the disk's own name for it may be another (links).
    root: PathBuf,
    disk: DiskWorkspace,
    snapshot: &'a Snapshot,
}

impl<'a> Overlay<'a> {
    pub(crate) fn new(root: &Path, snapshot: &'a Snapshot) -> Self {
        Self {
            root: root.to_owned(),
            disk: DiskWorkspace::new(root),
            snapshot,
        }
    }

    /// As the client calls it.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file of the workspace, relative to it, with `/`; `None` for one that is outside.
    pub(crate) fn relative(&self, path: &Path) -> Option<String> {
        let relative = path.strip_prefix(&self.root).ok()?;
        let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
        Some(parts?.join("/"))
    }

    pub(crate) fn absolute(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// What tells that a file or folder is still the same.
    pub(crate) fn stamp(&self, path: &str) -> Stamp {
        let full = self.root.join(path);
        match self.snapshot.open_at(&full) {
            Some((_, document)) => Stamp::Open(document.text.text.clone()),
            None => Stamp::of_disk(&full),
        }
    }

    pub(crate) fn is_file(&self, path: &str) -> bool {
        let full = self.root.join(path);
        self.snapshot.open_at(&full).is_some() || full.is_file()
    }
}

impl Workspace for Overlay<'_> {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        match self.snapshot.open_at(&self.root.join(path)) {
            Some((_, document)) => Some(document.text.text.clone()),
            None => self.disk.read(path),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.disk.list(folder)
    }
}
