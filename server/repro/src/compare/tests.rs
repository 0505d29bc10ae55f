//! Verdicts: what makes two failures the same.

use super::*;
use log::{Exception, Frame, Phase};

fn failure(phase: Phase, exception: &str, message: &str, source: &str) -> Failure {
    Failure {
        id: "tests/test_a.py::test_thing[3]".to_owned(),
        path: Some("tests/test_a.py".to_owned()),
        phase,
        exception: Some(Exception {
            type_name: exception.to_owned(),
            message: message.to_owned(),
            ..Exception::default()
        }),
        location: Some(Frame {
            source: Some(source.to_owned()),
            ..Frame::default()
        }),
        ..Failure::default()
    }
}

fn verdict(expected: &Failure, actual: Option<Failure>) -> Verdict {
    let failed = actual.is_some();
    let log = log::Log {
        failures: actual.into_iter().collect(),
        ..log::Log::default()
    };
    let run = RunOutcome {
        exit_code: Some(i32::from(failed)),
        log,
        ..RunOutcome::default()
    };
    compare(&signature(expected), &run).verdict
}

#[test]
fn a_missing_fixture_has_no_line_that_fails() {
    let missing = |name: &str, source: &str| {
        let message = format!("fixture '{name}' not found");
        failure(Phase::Setup, "FixtureLookupError", &message, source)
    };
    let mut expected = missing("loop", "");
    expected.location = None;
    let actual = missing("loop", "def testapp(loop):  # <- fails here");
    assert_eq!(verdict(&expected, Some(actual)), Verdict::Same);
    let other = missing("app", "def testapp(app):");
    assert_eq!(verdict(&expected, Some(other)), Verdict::Different);
}

#[test]
fn a_test_that_is_refused_has_no_line_that_fails() {
    let refused = |name: &str| {
        let message = format!("'yield' keyword is allowed in fixtures, but not in tests ({name})");
        let mut failure = failure(Phase::Collect, "Failed", &message, "");
        failure.location = None;
        failure
    };
    let expected = refused("test_extra");
    assert_eq!(
        verdict(&expected, Some(refused("test_extra"))),
        Verdict::Same
    );
    assert_eq!(
        verdict(&expected, Some(refused("test_more"))),
        Verdict::Different
    );
    let mut failed = refused("test_extra");
    failed.phase = Phase::Call;
    assert_eq!(
        verdict(&failed, Some(failed.clone())),
        Verdict::InsufficientEvidence
    );
}

#[test]
fn a_failure_without_traceback_is_known_by_its_message() {
    let untraced = |message: &str, section: (usize, usize)| {
        let mut failure = failure(Phase::Call, "Failed", message, "");
        failure.location = None;
        failure.span = text::Span::new(section.0, section.1);
        failure.exception.as_mut().unwrap().span = text::Span::new(20, 40);
        failure
    };
    let shown = untraced("too many: 5", (0, 60));
    for (actual, expected) in [
        (untraced("too many: 5", (10, 40)), Verdict::Same),
        (untraced("too many: 7", (10, 40)), Verdict::Different),
        // Of a summary's line.
        (
            untraced("too many: 5", (20, 40)),
            Verdict::InsufficientEvidence,
        ),
        (
            failure(Phase::Call, "Failed", "too many: 5", "pytest.fail(text)"),
            Verdict::InsufficientEvidence,
        ),
    ] {
        assert_eq!(verdict(&shown, Some(actual)), expected);
    }
    assert_eq!(signature(&shown).in_common(), "same error");
}

#[test]
fn a_file_that_pytest_refuses_for_its_name_is_known_by_that() {
    let refused = |module: &str, root: &str| {
        let log = format!(
            "\
==================================== ERRORS ====================================
______________________ ERROR collecting tests/b/test_a.py ______________________
import file mismatch:
imported module '{module}' has this __file__ attribute:
  {root}/tests/a/test_a.py
which is not the same as the test file we want to collect:
  {root}/tests/b/test_a.py
HINT: remove __pycache__ / .pyc files and/or use a unique basename for your test file modules
=========================== short test summary info ============================
ERROR tests/b/test_a.py
=============================== 1 error in 0.12s ===============================
"
        );
        log::parse(log.as_bytes()).failures.remove(0)
    };
    let expected = refused("test_a", "/home/runner/work/r/r");
    let here = refused("test_a", "/repo");
    assert_eq!(verdict(&expected, Some(here)), Verdict::Same);
    let other = refused("a.test_b", "/repo");
    assert_eq!(verdict(&expected, Some(other)), Verdict::Different);
}

#[test]
fn same_up_to_what_differs_from_run_to_run() {
    let expected = failure(
        Phase::Call,
        "pkg.Wrong",
        "<test_a.C at 0x7faa01> is bad",
        "check(c)",
    );
    let mut actual = failure(
        Phase::Call,
        "Wrong",
        "<test_x_repro.C at 0x55aa99> is bad",
        "check(c)  # <- fails here",
    );
    actual.path = Some("x/tests/test_x_repro.py".to_owned());
    actual.id = "x/tests/test_x_repro.py::test_x_repro".to_owned();
    assert_eq!(verdict(&expected, Some(actual)), Verdict::Same);
}

#[test]
fn what_the_log_does_not_hold_is_never_the_same() {
    let mut expected = failure(Phase::Call, "E", "message of it", "f()");
    let actual = expected.clone();
    expected.location = None;
    assert_eq!(
        verdict(&expected, Some(actual.clone())),
        Verdict::InsufficientEvidence
    );
    expected.exception = None;
    assert_eq!(
        verdict(&expected, Some(actual)),
        Verdict::InsufficientEvidence
    );
}

fn crash(path: &str, line: u32, function: &str) -> Failure {
    let mut crash = failure(Phase::Call, "Aborted", "Fatal Python error: Aborted", "");
    crash.kind = Kind::Crash;
    crash.location = Some(Frame {
        path: path.to_owned(),
        line,
        function: function.to_owned(),
        ..Frame::default()
    });
    crash
}

#[test]
fn a_crash_is_the_same_at_the_same_place() {
    let expected = crash("/__w/p/p/ttnn/__init__.py", 242, "softmax");
    let here = "/home/me/p/ttnn/__init__.py";
    for (actual, verdict_of_it) in [
        (crash(here, 242, "softmax"), Verdict::Same),
        (crash(here, 245, "softmax"), Verdict::InsufficientEvidence),
        (crash(here, 242, "matmul"), Verdict::Different),
        (
            crash("/home/me/p/ttnn/operations.py", 242, "softmax"),
            Verdict::Different,
        ),
        (
            crash("/home/me/p/x/tests/test_a.py", 9, "test_thing"),
            Verdict::InsufficientEvidence,
        ),
    ] {
        assert_eq!(
            verdict(&expected, Some(actual.clone())),
            verdict_of_it,
            "{actual:?}"
        );
    }
    let mut other = crash(here, 242, "softmax");
    other.exception = Some(Exception {
        type_name: "Segmentation fault".to_owned(),
        ..Exception::default()
    });
    assert_eq!(verdict(&expected, Some(other)), Verdict::Different);
}

#[test]
fn of_a_crash_in_the_tests_own_file_the_line_is_not_known() {
    let expected = crash("/__w/p/p/tests/test_a.py", 77, "test_thing");
    let mut actual = crash("/home/me/p/repro/tests/test_x_repro.py", 29, "test_thing");
    actual.path = Some("repro/tests/test_x_repro.py".to_owned());
    assert_eq!(
        verdict(&expected, Some(actual)),
        Verdict::InsufficientEvidence
    );
}

/// A thousand failures, each of which is another one than CI's in one way.
#[test]
fn a_mutated_failure_is_never_the_same() {
    let phases = [Phase::Collect, Phase::Setup, Phase::Call, Phase::Teardown];
    let messages = [
        "assert 10 == 12\n +  where 10 = f(3)",
        "Tensor shapes differ: [32, 128] vs [32, 64]",
        "assert [1, 2, 3, ...] == [1, 2, 4, ...]",
        "x",
        "",
    ];
    let mut tried = 0;
    for idx in 0..250usize {
        let message = format!(
            "{}{}",
            messages[idx % messages.len()],
            if idx % 5 < 3 {
                idx.to_string()
            } else {
                String::new()
            }
        );
        let source = format!("assert f({idx}) == {}", idx + 2);
        let phase = phases[idx % 4];
        let expected = failure(phase, "AssertionError", &message, &source);
        let changed = |text: &str| {
            let at = text.len() * (idx % 7) / 7;
            format!("{}@{}", &text[..at], &text[at..])
        };
        let mutants = [
            Some(failure(phase, "ValueError", &message, &source)),
            Some(failure(
                phase,
                "AssertionError",
                &changed(&message),
                &source,
            )),
            Some(failure(
                phase,
                "AssertionError",
                &message,
                &changed(&source),
            )),
            Some(failure(
                phases[(idx + 1) % 4],
                "AssertionError",
                &message,
                &source,
            )),
            None,
        ];
        assert_eq!(verdict(&expected, Some(expected.clone())), Verdict::Same);
        for mutant in mutants {
            assert_ne!(
                verdict(&expected, mutant.clone()),
                Verdict::Same,
                "{expected:?} {mutant:?}"
            );
            tried += 1;
        }
    }
    assert!(tried >= 1000);
}
