//! Writing without half-written files: a temporary sibling, then a rename.

use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use super::FilesError;

/// Replaces the file by `contents`, whole or not at all; folders on the way are made.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that writes files"
)]
pub(crate) fn write_atomically(path: &Path, contents: &[u8]) -> Result<(), FilesError> {
    let failed = |source| FilesError::io("write", path, source);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut temporary = temporary_in(folder, path).map_err(failed)?;
    temporary.write_all(contents).map_err(failed)?;
    temporary.as_file().sync_all().map_err(failed)?;
    temporary
        .persist(path)
        .map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes a file of a folder that nobody knows of yet: the folder's own rename makes it whole.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that writes files"
)]
pub(crate) fn write_staged(path: &Path, contents: &[u8]) -> Result<(), FilesError> {
    let failed = |source| FilesError::io("write", path, source);
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    std::fs::write(path, contents).map_err(failed)
}

/// With the permissions of the file that it is to replace, or those that the person gives new files.
#[cfg(unix)]
fn temporary_in(folder: &Path, path: &Path) -> std::io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = path.metadata().map_or_else(
        |_| std::fs::Permissions::from_mode(0o666),
        |it| it.permissions(),
    );
    tempfile::Builder::new()
        .permissions(permissions)
        .tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary_in(folder: &Path, _: &Path) -> std::io::Result<NamedTempFile> {
    NamedTempFile::new_in(folder)
}

/// Makes a file executable for everyone who may read it.
#[cfg(unix)]
pub(crate) fn make_executable(path: &Path) -> Result<(), FilesError> {
    use std::os::unix::fs::PermissionsExt;
    let failed = |source| FilesError::io("make executable", path, source);
    let mut permissions = path.metadata().map_err(failed)?.permissions();
    let readable = permissions.mode() & 0o444;
    permissions.set_mode(permissions.mode() | readable >> 2);
    std::fs::set_permissions(path, permissions).map_err(failed)
}

/// There is no such thing here.
#[cfg(not(unix))]
pub(crate) fn make_executable(_: &Path) -> Result<(), FilesError> {
    Ok(())
}
