//! A folder of the disk as a workspace. No path leads out of it, not even through a link.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use text::Workspace;

/// Files larger than this are no source, script or configuration.
const LARGEST: u64 = 32 << 20;

/// A workspace on the disk.
#[derive(Debug, Clone)]
pub(crate) struct DiskWorkspace {
    root: PathBuf,
}

impl DiskWorkspace {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.canonicalize().unwrap_or_else(|_| root.to_owned()),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file in the workspace, links followed; `None` if it is not there or leads outside.
    fn resolve(&self, path: &str) -> Option<PathBuf> {
        let relative = Path::new(path);
        let plain = relative
            .components()
            .all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
        if !plain || path.contains('\0') {
            return None;
        }
        let full = self.root.join(relative).canonicalize().ok()?;
        full.starts_with(&self.root).then_some(full)
    }
}

impl Workspace for DiskWorkspace {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place that reads the workspace"
    )]
    fn read(&self, path: &str) -> Option<Arc<str>> {
        let full = self.resolve(path)?;
        let metadata = full.metadata().ok()?;
        if !metadata.is_file() || metadata.len() > LARGEST {
            return None;
        }
        let bytes = std::fs::read(full).ok()?;
        Some(Arc::from(String::from_utf8_lossy(&bytes)))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place that reads the workspace"
    )]
    fn list(&self, folder: &str) -> Vec<String> {
        let entries = self
            .resolve(folder)
            .and_then(|full| std::fs::read_dir(full).ok());
        let mut names: Vec<String> = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name().into_string().ok()?;
                let is_folder = entry.path().metadata().ok()?.is_dir();
                Some(if is_folder { format!("{name}/") } else { name })
            })
            .collect();
        names.sort_unstable();
        names
    }
}

/// The git work tree that holds `folder`, or `folder` itself where there is none.
pub(crate) fn enclosing_work_tree(folder: &Path) -> PathBuf {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder
        .ancestors()
        .find(|ancestor| ancestor.join(".git").exists())
        .unwrap_or(&folder)
        .to_owned()
}
