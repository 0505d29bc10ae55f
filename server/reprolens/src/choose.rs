//! Which failures of some logs are meant: what both faces choose with, so that a name means the same in both.

use std::collections::BTreeSet;

use log::{Failure, Log, Phase};
use thiserror::Error;

use crate::generate;

/// Ids that an ambiguous name is answered with.
const SHOWN: usize = 5;

/// A failure of one of several logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Index into the logs.
    pub(crate) log: usize,
    /// Index into that log's failures.
    pub(crate) failure: usize,
}

/// Why a name chooses nothing.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ChooseError {
    #[error("there is no failure {number}, the log holds {count}")]
    NoSuchNumber { number: usize, count: usize },
    #[error("no failure's id holds {0:?}")]
    NoSuchPart(String),
    #[error(
        "{count} failures' ids hold {part:?}; give a longer part or a number, among them:\n  {}",
        among.join("\n  ")
    )]
    Several {
        part: String,
        count: usize,
        among: Vec<String>,
    },
}

/// Every failure. Its number for a person is its place here, counted from 1 through all logs.
pub(crate) fn all(logs: &[&Log]) -> Vec<Choice> {
    let of = |(log, it): (usize, &&Log)| {
        (0..it.failures.len()).map(move |failure| Choice { log, failure })
    };
    logs.iter().enumerate().flat_map(of).collect()
}

/// The first failure of each group: a repro of one is a repro of the others. What has no test is left out, unless there is
/// nothing else.
pub(crate) fn one_of_each(logs: &[&Log]) -> Vec<Choice> {
    let mut seen = Vec::new();
    let mut chosen = all(logs);
    let has_test = |choice: &Choice| generate::has_test(failure(logs, *choice));
    if chosen.iter().any(has_test) {
        chosen.retain(has_test);
    }
    chosen.retain(|&choice| {
        let group = repro::Group::of(failure(logs, choice));
        let is_new = !group.is_told() || !seen.contains(&group);
        seen.push(group);
        is_new
    });
    chosen
}

/// The failure that a person names: by its node id, its number, or a part of one id alone. Of a test that failed, and whose fixtures
/// did too behind it, it is the test's own.
pub(crate) fn named(logs: &[&Log], wanted: &str) -> Result<Choice, ChooseError> {
    let all = all(logs);
    let id = |choice: &Choice| failure(logs, *choice).id.as_str();
    let exact = all.iter().filter(|choice| id(choice) == wanted);
    if let Some(exact) = exact.min_by_key(|choice| failure(logs, **choice).phase == Phase::Teardown)
    {
        return Ok(*exact);
    }
    if let Ok(number) = wanted.parse() {
        return numbered(logs, number);
    }
    let mut titled = all
        .iter()
        .filter(|choice| is_titled(failure(logs, **choice), wanted));
    if let (Some(only), None) = (titled.next(), titled.next()) {
        return Ok(*only);
    }
    let mut seen = BTreeSet::new();
    let parts: Vec<(usize, &Choice)> = all
        .iter()
        .enumerate()
        .filter(|(_, choice)| id(choice).contains(wanted) && seen.insert(id(choice)))
        .collect();
    match parts.as_slice() {
        [] => Err(ChooseError::NoSuchPart(wanted.to_owned())),
        [(_, only)] => Ok(**only),
        several => Err(ChooseError::Several {
            part: wanted.to_owned(),
            count: several.len(),
            among: several
                .iter()
                .take(SHOWN)
                .map(|(at, choice)| format!("{}  {}", at + 1, id(choice)))
                .collect(),
        }),
    }
}

/// Whether a failure of which the log shows no more than the title of its section, `TestA.test_b[1]`, has that node id.
fn is_titled(failure: &Failure, id: &str) -> bool {
    let Some((path, name)) = id.split_once("::").filter(|_| !failure.id_complete) else {
        return false;
    };
    let (name, parameters) = name.split_at(name.find('[').unwrap_or(name.len()));
    let is_path = |own: &str| own.ends_with(path) || path.ends_with(own);
    failure.id == format!("{}{parameters}", name.replace("::", "."))
        && failure.path.as_deref().is_none_or(is_path)
}

/// The failure with that number, counted from 1 through all logs.
pub(crate) fn numbered(logs: &[&Log], number: usize) -> Result<Choice, ChooseError> {
    let all = all(logs);
    let found = number.checked_sub(1).and_then(|at| all.get(at)).copied();
    found.ok_or(ChooseError::NoSuchNumber {
        number,
        count: all.len(),
    })
}

fn failure<'a>(logs: &[&'a Log], choice: Choice) -> &'a Failure {
    &logs[choice.log].failures[choice.failure]
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "\
=================================== FAILURES ===================================
____________________________________ test_a ____________________________________

    def test_a():
>       assert one() == 2
E       assert 1 == 2

tests/test_x.py:3: AssertionError
____________________________________ test_b ____________________________________

    def test_b():
>       assert one() == 2
E       assert 1 == 2

tests/test_x.py:3: AssertionError
=========================== short test summary info ============================
FAILED tests/test_x.py::test_a - assert 1 == 2
FAILED tests/test_x.py::test_b - assert 1 == 2
========================= 2 failed in 0.03s ==========================
";

    fn check(wanted: &str, expected: Result<(usize, usize), &str>) {
        let (first, second) = (log::parse(FIRST.as_bytes()), log::parse(FIRST.as_bytes()));
        let found = named(&[&first, &second], wanted);
        let found = found.map(|choice| (choice.log, choice.failure));
        assert_eq!(
            found.map_err(|error| error.to_string()),
            expected.map_err(str::to_owned)
        );
    }

    #[test]
    fn by_id_number_and_part() {
        check("tests/test_x.py::test_b", Ok((0, 1)));
        check("4", Ok((1, 1)));
        check("0", Err("there is no failure 0, the log holds 4"));
        check("5", Err("there is no failure 5, the log holds 4"));
        // The same id in both logs.
        check("test_b", Ok((0, 1)));
        check("test_c", Err("no failure's id holds \"test_c\""));
        check(
            "test_",
            Err(
                "2 failures' ids hold \"test_\"; give a longer part or a number, among them:\n  1  tests/test_x.py::test_a\n  2  tests/test_x.py::test_b",
            ),
        );
    }

    #[test]
    fn by_the_id_of_a_test_that_also_failed_behind_itself() {
        let error = "\
==================================== ERRORS ====================================
_________________________ ERROR at teardown of test_b __________________________

>       shop.close()
E       OSError

tests/conftest.py:7: OSError
";
        let text = FIRST.replace("= 2 failed", "= 2 failed, 1 error").replace(
            "FAILED tests/test_x.py::test_a",
            "ERROR tests/test_x.py::test_b - OSError\nFAILED tests/test_x.py::test_a",
        );
        let log = log::parse(format!("{error}{text}").as_bytes());
        let found = named(&[&log], "tests/test_x.py::test_b").unwrap();
        assert_eq!(log.failures.len(), 3);
        assert_eq!(log.failures[found.failure].phase, Phase::Call);
    }

    #[test]
    fn by_an_id_that_the_log_does_not_show() {
        let (sections, _) = FIRST
            .split_once("=========================== short")
            .unwrap();
        let text = sections.replace("test_b __", "TestB.test_b[1.5] __");
        let log = log::parse(format!("{text}2 failed in 0.03s\n").as_bytes());
        for (id, expected) in [
            ("tests/test_x.py::test_a", Some(0)),
            ("tests/test_x.py::TestB::test_b[1.5]", Some(1)),
            ("tests/test_x.py::test_b[1.5]", None),
            ("tests/test_y.py::test_a", None),
        ] {
            let found = named(&[&log], id).ok().map(|choice| choice.failure);
            assert_eq!(found, expected, "{id}");
        }
    }

    #[test]
    fn one_of_each_group() {
        let log = log::parse(FIRST.as_bytes());
        assert_eq!(one_of_each(&[&log, &log]), [Choice { log: 0, failure: 0 }]);
        // The same words at another line are another failure.
        let elsewhere = FIRST.replacen("test_x.py:3:", "test_x.py:9:", 1);
        let elsewhere = log::parse(elsewhere.as_bytes());
        assert_eq!(
            one_of_each(&[&log, &elsewhere]),
            [Choice { log: 0, failure: 0 }, Choice { log: 1, failure: 0 }]
        );
    }
}
