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
