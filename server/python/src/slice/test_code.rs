//! Which files are test code, and what pytest finds of it from where the repro stands.

use crate::project::{ancestors, split};

/// Whether a file belongs to the tests, so that a repro may not import it.
pub(super) fn is_test_code(path: &str) -> bool {
    let (folder, file) = split(path);
    let stem = file.strip_suffix(".py").unwrap_or(file);
    stem == "conftest"
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || folder.split('/').any(|part| {
            matches!(part, "tests" | "test" | "testsuite" | "t")
                || part.starts_with("test_")
                || part.ends_with("_tests")
        })
}

/// Whether a folder is none of the workspace.
pub(super) fn is_outside(destination: &str) -> bool {
    destination.starts_with('/') || destination.get(1..3) == Some(":/")
}

/// Whether pytest finds the fixtures of a conftest from `destination` by itself.
pub(super) fn is_visible(conftest: &str, destination: &str) -> bool {
    let (folder, file) = split(conftest);
    !is_outside(destination)
        && file == "conftest.py"
        && ancestors(destination).any(|above| above == folder)
}
