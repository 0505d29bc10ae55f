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
    let mut temporary = NamedTempFile::new_in(folder).map_err(failed)?;
    temporary.write_all(contents).map_err(failed)?;
    temporary.as_file().sync_all().map_err(failed)?;
    temporary
        .persist(path)
        .map_err(|error| failed(error.error))?;
    Ok(())
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
