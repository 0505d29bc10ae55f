//! Which files are test code, and what pytest finds of it from where the repro stands.

use crate::project::{ancestors, split};

/// Whether a file belongs to the tests, so that a repro may not import it: by its name, or because the test that failed is in it
/// or in the same folder of tests.
pub(super) fn is_test_code(path: &str, test: Option<&str>) -> bool {
    let beside = |test: &str| {
        let folder = folder_of_tests(test);
        path == test || folder.is_some_and(|folder| ancestors(split(path).0).any(|it| it == folder))
    };
    is_called_so(path) || test.is_some_and(beside)
}

/// The innermost folder above a test that tests have their name from: `ropetest`, `testing`. Of any other file such a name tells
/// nothing: a product may be called so.
fn folder_of_tests(test: &str) -> Option<&str> {
    ancestors(split(test).0).find(|folder| {
        let name = split(folder).1;
        name.ends_with("test") || name.ends_with("tests") || name == "testing"
    })
}

fn is_called_so(path: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::is_test_code;

    #[test]
    fn a_folder_called_after_tests_is_test_code_where_the_failing_test_is_in_it() {
        let test = Some("ropetest/refactor/renametest.py");
        assert!(is_test_code("ropetest/testutils.py", test));
        assert!(is_test_code("ropetest/refactor/renametest.py", test));
        assert!(!is_test_code("rope/base.py", test));
        assert!(!is_test_code("webtest/app.py", Some("checks/app.py")));
        assert!(!is_test_code(
            "webtest/app.py",
            Some("webtest/tests/test_app.py")
        ));
    }
}
