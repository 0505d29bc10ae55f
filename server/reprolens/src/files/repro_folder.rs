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
                .is_some_and(|name| SKIPPED.contains(&name))
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

/// Reads a repro folder. `path` is what it is called.
pub(crate) fn read_folder(dir: &Path, path: &str) -> Folder {
    let mut folder = Folder {
        path: path.to_owned(),
        ..Folder::default()
    };
    for name in names(dir) {
        match name.as_str() {
            "run_test.sh" => folder.script = file(dir, &name),
            "README.md" => folder.readme = file(dir, &name),
            _ if name.ends_with(".sh") || name.ends_with(".env") || name == "env" => {
                folder.others.extend(file(dir, &name));
            }
            _ => {}
        }
    }
    for name in names(&dir.join("tests")) {
        if name.ends_with(".py") {
            folder.tests.extend(file(dir, &format!("tests/{name}")));
        }
    }
    for name in names(&dir.join("logs")) {
        let own = name
            .strip_prefix("reproduction.")
            .is_some_and(|rest| rest.ends_with("log"));
        if name == "reproduction.log" {
            folder.reproduction = log(dir, &format!("logs/{name}"));
        } else if !own && (name.ends_with(".log") || name.ends_with(".txt")) {
            folder.logs.extend(log(dir, &format!("logs/{name}")));
        }
    }
    folder
}

/// Replaces a text that was there, with the permissions that it had.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), FilesError> {
    let permissions = path.metadata().ok().map(|it| it.permissions());
    write_atomically(path, text.as_bytes())?;
    match permissions {
        Some(permissions) => std::fs::set_permissions(path, permissions)
            .map_err(|source| FilesError::io("write", path, source)),
        None => Ok(()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads folders"
)]
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    names
}

fn file(dir: &Path, name: &str) -> Option<FolderFile> {
    let full = dir.join(name);
    let metadata = full
        .metadata()
        .ok()
        .filter(|it| it.is_file() && it.len() <= LARGEST)?;
    let bytes = super::folders::bytes(&full).ok()?;
    Some(FolderFile {
        path: name.to_owned(),
        text: Arc::from(String::from_utf8_lossy(&bytes)),
        executable: is_executable(&metadata),
        modified: seconds(&metadata),
    })
}

fn log(dir: &Path, name: &str) -> Option<FolderLog> {
    let full = dir.join(name);
    let mut parser = log::Parser::new(log::Limits::default());
    super::LogSource::File(full.clone())
        .read(&mut |piece| parser.push(piece))
        .ok()?;
    Some(FolderLog {
        path: name.to_owned(),
        log: Arc::new(parser.finish()),
        modified: full.metadata().ok().as_ref().and_then(seconds),
    })
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
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}
