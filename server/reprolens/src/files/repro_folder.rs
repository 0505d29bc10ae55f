//! Repro folders on the disk: where they are, what they hold.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use repro::{Folder, FolderFile, FolderLog};

use super::{FilesError, write_atomically};

/// A file larger than this is no script, test or README.
const LARGEST: u64 = 4 << 20;

/// Folders that hold no repro folder, and much else.
const SKIPPED: [&str; 6] = [
    ".git",
    "node_modules",
    ".venv",
    "venv",
    "target",
    "__pycache__",
];

/// The repro folders at, around or below a path, sorted.
pub(crate) fn repro_folders(path: &Path) -> Result<Vec<PathBuf>, FilesError> {
    let metadata = path
        .metadata()
        .map_err(|source| FilesError::io("read", path, source))?;
    if metadata.is_file() {
        let around = path
            .ancestors()
            .skip(1)
            .take(3)
            .find(|folder| is_repro_folder(folder));
        return Ok(around.map(Path::to_owned).into_iter().collect());
    }
    let walk = ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .filter_entry(|entry| {
            !entry
                .file_name()
                .to_str()
                .is_some_and(|name| SKIPPED.contains(&name) || super::folders::is_staging(name))
        })
        .build();
    // What cannot be read below the path holds nothing that could be checked.
    let entries = walk.filter_map(Result::ok);
    let folders = entries.filter(|entry| entry.file_type().is_some_and(|it| it.is_dir()));
    let mut found: Vec<PathBuf> = folders
        .map(ignore::DirEntry::into_path)
        .filter(|folder| is_repro_folder(folder))
        .collect();
    found.sort_unstable();
    Ok(found)
}

/// A folder with a `run_test.sh`, or with the two folders that every repro has.
fn is_repro_folder(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_dir();
    has("logs") && (has("tests") || folder.join("README.md").is_file())
        || folder.join("run_test.sh").is_file() && (has("tests") || has("logs"))
}

/// What a repro folder's files are read from: the disk, or the disk with what an editor has open over it. Paths are relative
/// to the folder.
pub(crate) trait Source {
    /// The names in a folder, sorted (`""` is the repro folder itself).
    fn names(&self, folder: &str) -> Vec<String>;
    fn file(&self, path: &str) -> Option<FolderFile>;
    fn log(&self, path: &str) -> Option<FolderLog>;
}

/// Why something of the folder that is there cannot be looked at: it would be taken for missing. `None` where all can.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads folders"
)]
pub(crate) fn unreadable(dir: &Path) -> Option<FilesError> {
    for folder in ["", "logs", "tests"] {
        let inner = dir.join(folder);
        if let Err(source) = std::fs::read_dir(&inner)
            && source.kind() != std::io::ErrorKind::NotFound
        {
            return Some(FilesError::io("read", &inner, source));
        }
        for name in Disk(dir).names(folder) {
            let is_log = folder == "logs" && is_log(&name);
            let is_text = match folder {
                "" => matches!(name.as_str(), "run_test.sh" | "README.md"),
                "tests" => name.ends_with(".py"),
                _ => false,
            };
            let path = inner.join(&name);
            if !(is_log || is_text) || !path.is_file() {
                continue;
            }
            match std::fs::File::open(&path) {
                Err(source) => return Some(FilesError::io("read", &path, source)),
                Ok(_) if is_text && path.metadata().is_ok_and(|it| it.len() > LARGEST) => {
                    let why = "more than 4 MiB, which no script, test or README does".to_owned();
                    return Some(FilesError::TooLarge { path, why });
                }
                Ok(_) => {}
            }
        }
    }
    None
}

fn is_log(name: &str) -> bool {
    name.ends_with(".log") || name.ends_with(".txt")
}

/// Reads a repro folder. `path` is what it is called.
pub(crate) fn load(source: &dyn Source, path: &str) -> Folder {
    let mut folder = Folder {
        path: path.to_owned(),
        ..Folder::default()
    };
    for name in source.names("") {
        match name.as_str() {
            "run_test.sh" => folder.script = source.file(&name),
            "README.md" => folder.readme = source.file(&name),
            // What a script sources.
            _ if name.ends_with(".sh") || name.ends_with(".env") || name == "env" => {
                folder.others.extend(source.file(&name));
            }
            _ => {}
        }
    }
    for name in source.names("tests") {
        if name.ends_with(".py") {
            folder.tests.extend(source.file(&format!("tests/{name}")));
        }
    }
    for name in source.names("logs") {
        let own = name
            .strip_prefix("reproduction.")
            .is_some_and(|rest| rest.ends_with("log"));
        if name == "reproduction.log" {
            folder.reproduction = source.log(&format!("logs/{name}"));
        } else if !own && is_log(&name) {
            folder.logs.extend(source.log(&format!("logs/{name}")));
        }
    }
    folder
}

/// Reads a repro folder of the disk. `path` is what it is called.
pub(crate) fn read_folder(dir: &Path, path: &str) -> Folder {
    load(&Disk(dir), path)
}

/// The CI logs of the repro folders right below a root.
pub(crate) fn logs_below(root: &Path) -> Vec<PathBuf> {
    let names = Disk(root).names("");
    let folders = names.iter().filter(|name| !name.starts_with('.'));
    folders
        .map(|name| root.join(name))
        .filter(|folder| folder.join("logs").is_dir())
        .flat_map(|folder| super::folders::ci_logs(&folder))
        .collect()
}

/// A repro folder of the disk.
pub(crate) struct Disk<'a>(pub(crate) &'a Path);

impl Source for Disk<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place that reads folders"
    )]
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.join(folder)).into_iter().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort_unstable();
        names
    }

    fn file(&self, path: &str) -> Option<FolderFile> {
        let full = self.0.join(path);
        let metadata = full
            .metadata()
            .ok()
            .filter(|it| it.is_file() && it.len() <= LARGEST)?;
        let bytes = super::folders::bytes(&full).ok()?;
        Some(FolderFile {
            path: path.to_owned(),
            text: Arc::from(String::from_utf8_lossy(&bytes)),
            executable: mode_is_executable(&metadata),
            modified: seconds(&metadata),
        })
    }

    fn log(&self, path: &str) -> Option<FolderLog> {
        // What is no plain file (a pipe, `/dev/zero`) may never end.
        let full = Some(self.0.join(path)).filter(|it| it.is_file())?;
        let log = super::LogSource::File(full.clone())
            .parse(&mut |_| true)
            .ok()??;
        Some(FolderLog {
            path: path.to_owned(),
            log: Arc::new(log),
            modified: modified(&full),
        })
    }
}

/// Whether somebody may run the file.
pub(crate) fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|it| mode_is_executable(&it))
}

/// When a file was written, in seconds since the epoch.
pub(crate) fn modified(path: &Path) -> Option<u64> {
    path.metadata().ok().as_ref().and_then(seconds)
}

/// Replaces a text that was there, with the permissions that it had.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), FilesError> {
    if std::str::from_utf8(&super::folders::bytes(path)?).is_err() {
        let why = "it is no UTF-8, and its other characters would be lost; save it as UTF-8 first";
        let source = std::io::Error::new(std::io::ErrorKind::InvalidData, why);
        return Err(FilesError::io("change", path, source));
    }
    let permissions = path.metadata().ok().map(|it| it.permissions());
    write_atomically(path, text.as_bytes())?;
    match permissions {
        Some(permissions) => std::fs::set_permissions(path, permissions)
            .map_err(|source| FilesError::io("write", path, source)),
        None => Ok(()),
    }
}

fn seconds(metadata: &std::fs::Metadata) -> Option<u64> {
    let since = metadata
        .modified()
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    Some(since.as_secs())
}

#[cfg(unix)]
fn mode_is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn mode_is_executable(_: &std::fs::Metadata) -> bool {
    true
}
