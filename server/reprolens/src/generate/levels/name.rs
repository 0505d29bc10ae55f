//! What the repro's test function is called: by its folder, or as the original where the name is a part of the failure.

use log::Exception;
use python::{Fixture, Test};

use crate::generate::place;

/// Fixtures that make tests, which are named by the function that requests them.
const PYTESTER: [&str; 2] = ["pytester", "testdir"];

/// The name of the test function in the repro folder `folder`.
pub(super) fn of_function(
    original: Option<&Test>,
    exception: Option<&Exception>,
    folder: &str,
) -> String {
    let original = original.filter(|test| test.function.starts_with("test"));
    if let (Some(test), Some(exception)) = (original, exception)
        && is_part_of_failure(test, exception)
    {
        return test.function.clone();
    }
    format!("test_{}_repro", place::python_name(folder))
}

fn is_part_of_failure(test: &Test, exception: &Exception) -> bool {
    let name = &test.function;
    // Where pytest shortened the message in the middle of the name, only a test of that name can give the same message.
    let is_cut = exception.message.match_indices("...").any(|(at, _)| {
        let before = &exception.message[..at];
        (4..name.len())
            .filter(|end| name.is_char_boundary(*end))
            .any(|end| before.ends_with(&name[..end]))
    });
    // pytest puts the test's name into this exception, though it prints it without.
    let is_lookup = exception.type_name.ends_with("FixtureLookupError");
    // A file of the name that the repro's own module has could not be imported beside it.
    let makes_tests = |fixture: &Fixture| PYTESTER.contains(&fixture.name.as_str());
    is_cut || is_lookup || test.fixtures.iter().any(makes_tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fixtures: &[&str], type_name: &str, message: &str, expected: &str) {
        let fixture = |name: &&str| Fixture {
            name: (*name).to_owned(),
            ..Fixture::default()
        };
        let test = Test {
            function: "test_plugin".to_owned(),
            fixtures: fixtures.iter().map(fixture).collect(),
            ..Test::default()
        };
        let exception = Exception {
            type_name: type_name.to_owned(),
            message: message.to_owned(),
            ..Exception::default()
        };
        assert_eq!(of_function(Some(&test), Some(&exception), "f1"), expected);
    }

    #[test]
    fn a_name_that_the_failure_does_not_hold_is_the_folders() {
        check(
            &["tmp_path"],
            "AssertionError",
            "assert 1 == 2",
            "test_f1_repro",
        );
    }

    #[test]
    fn a_message_that_ends_within_the_name_keeps_it() {
        check(
            &[],
            "ValueError",
            "no <TestCase test_plu...>",
            "test_plugin",
        );
    }

    #[test]
    fn a_missing_fixture_is_told_with_the_name() {
        check(
            &[],
            "_pytest.fixtures.FixtureLookupError",
            "fixture 'a' not found",
            "test_plugin",
        );
    }

    #[test]
    fn tests_that_pytester_makes_are_named_by_the_function() {
        check(
            &["testdir"],
            "AssertionError",
            "assert 1 == 2",
            "test_plugin",
        );
    }
}
