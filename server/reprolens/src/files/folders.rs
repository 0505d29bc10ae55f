//! Writing repro folders: whole or not at all, one process at a time, and never over what a person edited.

use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::FilesError;

/// Held while a repro folder is written. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct FolderLock {
    file: File,
    path: PathBuf,
}

impl FolderLock {
    /// Takes the lock of the folder `name` below `root`; `None` if another process holds it.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place that writes folders"
    )]
    pub(crate) fn take(root: &Path, name: &str) -> Result<Option<Self>, FilesError> {
        let path = root.join(format!(".{name}.lock"));
        let failed = |source| FilesError::io("lock", &path, source);
        std::fs::create_dir_all(root)
            .map_err(|source| FilesError::io("make the folder", root, source))?;
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            // Whoever held it has removed the file meanwhile: what is locked then is nobody's.
            Ok(()) if !is_at(&file, &path) => Ok(None),
            Ok(()) => {
                clear_staging(root, name);
                Ok(Some(Self { file, path }))
            }
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(source)) => Err(FilesError::io("lock", &path, source)),
        }
    }
}

impl Drop for FolderLock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place that writes folders"
    )]
    fn drop(&mut self) {
        // A lock file that stays is empty and locks nothing.
        drop(std::fs::remove_file(&self.path));
        drop(self.file.unlock());
    }
}

/// Whether the open file is the one of that path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of =
        |metadata: std::io::Result<std::fs::Metadata>| metadata.map(|it| (it.dev(), it.ino())).ok();
    of(file.metadata()) == of(path.metadata())
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// What ends the name of a temporary folder.
const SUFFIX: usize = 6;

/// Whether a folder is a temporary one beside a repro folder: `.name-Ab3dE5`.
pub(crate) fn is_staging(folder: &str) -> bool {
    folder.starts_with('.')
        && folder
            .rsplit_once('-')
            .is_some_and(|(_, end)| is_suffix(end))
}

fn is_suffix(end: &str) -> bool {
    end.len() == SUFFIX && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Removes what a process that was killed left beside the repro folder `name`: whoever holds the lock is the only one at work.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that writes folders"
)]
fn clear_staging(root: &Path, name: &str) {
    let start = format!(".{name}-");
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let folder = entry.file_name();
        let is_left = folder
            .to_str()
            .and_then(|folder| folder.strip_prefix(&start))
            .is_some_and(is_suffix);
        if is_left {
            // What cannot be removed is only in the way of the eye.
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}

/// A temporary folder beside the repro folder `name`: paths that go up from it lead to the same places.
pub(crate) fn sibling(root: &Path, name: &str) -> Result<TempDir, FilesError> {
    tempfile::Builder::new()
        .prefix(&format!(".{name}-"))
        .rand_bytes(SUFFIX)
        .tempdir_in(root)
        .map_err(|source| FilesError::io("make a folder in", root, source))
}

/// A temporary folder of the system's.
pub(crate) fn scratch() -> Result<TempDir, FilesError> {
    TempDir::with_prefix("reprolens-")
        .map_err(|source| FilesError::io("make a folder in", &std::env::temp_dir(), source))
}

/// Gives a finished temporary folder its name. The name must be free.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that writes folders"
)]
pub(crate) fn keep_as(folder: TempDir, path: &Path) -> Result<(), FilesError> {
    open_to_others(folder.path());
    std::fs::rename(folder.path(), path).map_err(|source| FilesError::io("write", path, source))?;
    // What is to be removed is no longer at its old place.
    drop(folder.keep());
    Ok(())
}

/// Temporary folders are for their maker alone; a repro folder is for everybody who may read the workspace.
#[cfg(unix)]
fn open_to_others(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    // Where it fails the folder is still there and whole.
    drop(std::fs::set_permissions(
        folder,
        std::fs::Permissions::from_mode(0o755),
    ));
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) {}

/// The text of a file; `None` where there is none or it is no text.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads folders"
)]
pub(crate) fn text(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// A path as programs see it, links followed; as it is where it is not there.
pub(crate) fn full(path: &Path) -> String {
    let full = path.canonicalize();
    full.as_deref().unwrap_or(path).display().to_string()
}

/// The bytes of a file.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads folders"
)]
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, FilesError> {
    std::fs::read(path).map_err(|source| FilesError::io("read", path, source))
}

/// Moves a file out of the way to the first free `<stem>.<n>.<extension>` beside it.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that writes folders"
)]
pub(crate) fn set_aside(path: &Path) -> Result<PathBuf, FilesError> {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or("old");
    let free = (1u32..)
        .map(|number| path.with_extension(format!("{number}.{extension}")))
        .find(|candidate| !candidate.exists())
        .expect("some number is free");
    std::fs::rename(path, &free)
        .map_err(|source| FilesError::io("keep a copy of", path, source))?;
    Ok(free)
}

/// The `.log` and `.txt` files of a repro folder's `logs/` that CI wrote: not those of its own runs.
pub(crate) fn ci_logs(folder: &Path) -> Vec<PathBuf> {
    let logs = super::log_sources(&folder.join("logs")).unwrap_or_default();
    let paths = logs.into_iter().filter_map(|source| match source {
        super::LogSource::File(path) => Some(path),
        super::LogSource::Stdin
        | super::LogSource::Steps { .. }
        | super::LogSource::Entry { .. } => None,
    });
    paths.filter(|path| !is_reproduction(path)).collect()
}

/// `reproduction.log`, `reproduction.3.log`.
fn is_reproduction(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name.strip_prefix("reproduction.")
        .and_then(|rest| rest.strip_suffix("log"))
        .is_some_and(|middle| middle.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// How many bytes of a run's output tell how it ended.
const LAST_WORDS: i64 = 4096;

/// The exit status that `run_test.sh` tells as its last words in a run's output; `None` where it tells none.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads folders"
)]
pub(crate) fn last_status(output: &Path) -> Option<i32> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(output).ok()?;
    // An output shorter than that is read from its start.
    let _ = file.seek(SeekFrom::End(-LAST_WORDS));
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let result = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("Result: "))?;
    if result == "PASSED" {
        return Some(0);
    }
    let (_, status) = result.strip_suffix(')')?.rsplit_once("(exit status ")?;
    status.parse().ok()
}

/// Makes a folder, and those on the way.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that writes folders"
)]
pub(crate) fn make_folder(path: &Path) -> Result<(), FilesError> {
    std::fs::create_dir_all(path).map_err(|source| FilesError::io("make", path, source))
}

/// The repro test of a folder's `tests/`.
pub(crate) fn test_file(tests: &Path) -> Option<PathBuf> {
    let names = text::Workspace::list(&super::DiskWorkspace::new(tests), "");
    let name = names
        .iter()
        .find(|name| name.starts_with("test_") && name.ends_with("_repro.py"))?;
    Some(tests.join(name))
}
