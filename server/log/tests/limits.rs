//! However much a log tells, what is kept of it is bounded, and the log says what was left out.

extern crate reprolens_log as log;

use std::fmt::Write;

use log::{Limits, Log, Parser};

fn read(text: &str, kept: usize) -> Log {
    let mut parser = Parser::new(Limits {
        kept,
        ..Limits::default()
    });
    parser.push(text.as_bytes());
    parser.finish()
}

/// A session of that many failures with a long message each.
fn session(failures: usize) -> String {
    let mut text =
        "============================= test session starts ==============================\n\
        =================================== FAILURES ===================================\n"
            .to_owned();
    for n in 0..failures {
        let title = format!(" test_x[{n}] ");
        writeln!(
            text,
            "{title:_^80}\n\n    def test_x(n):\n        \"\"\"Checks n.\"\"\"\n>       check(n)\n"
        )
        .unwrap_or_default();
        writeln!(text, "E       ValueError: case {n}").unwrap_or_default();
        for line in 0..20 {
            writeln!(text, "E       line {line} of the message").unwrap_or_default();
        }
        writeln!(text, "\ntests/test_x.py:7: ValueError").unwrap_or_default();
    }
    text += "=========================== short test summary info ============================\n";
    for n in 0..failures {
        writeln!(
            text,
            "FAILED tests/test_x.py::test_x[{n}] - ValueError: case {n}"
        )
        .unwrap_or_default();
    }
    writeln!(
        text,
        "======================== {failures} failed in 0.12s ========================="
    )
    .unwrap_or_default();
    text
}

#[test]
fn failures_past_the_room_for_text_keep_what_names_them() {
    let log = read(&session(100), 320 << 10);
    assert_eq!(log.failures.len(), 100);
    let lines = |at: usize| {
        let failure = &log.failures[at];
        let message = failure
            .exception
            .as_ref()
            .map_or("", |it| it.message.as_str());
        assert_eq!(failure.id, format!("tests/test_x.py::test_x[{at}]"));
        assert_eq!(message.lines().next(), Some(format!("case {at}").as_str()));
        let location = failure.location.as_ref();
        let place = location.map(|it| (it.line, it.function.as_str()));
        assert_eq!(place, Some((7, "test_x")));
        message.lines().count()
    };
    assert_eq!((lines(0), lines(99)), (21, 1));
    let told = log
        .problems
        .iter()
        .any(|it| it.message.contains("keep only their name"));
    assert!(told, "{:?}", log.problems);
}

#[test]
fn failures_past_all_room_are_counted() {
    let log = read(&session(100), 30 << 10);
    let kept = log.failures.len();
    assert!((16..100).contains(&kept), "{kept}");
    let wanted = format!("{} more failures are only counted", 100 - kept);
    let told = log
        .problems
        .iter()
        .any(|it| it.message.starts_with(&wanted));
    assert!(told, "{:?}", log.problems);
}

#[test]
fn many_sessions_and_steps_are_counted() {
    let one = session(2);
    let text: String = (0..200)
        .map(|n| format!("##[group]Run pytest {n}\nshell: sh\n##[endgroup]\n{one}"))
        .collect();
    let log = read(&text, 64 << 10);
    assert!(log.failures.len() < 100, "{}", log.failures.len());
    assert!(log.sessions.len() < 100, "{}", log.sessions.len());
    let last = log.failures.iter().filter_map(|it| it.session).max();
    assert!(last < Some(log.sessions.len()), "{last:?}");
    assert!(log.problems.len() >= 2, "{:?}", log.problems);
}

#[test]
fn steps_past_the_most_are_counted_once_each() {
    const STEPS: usize = 16_384 + 100;
    let one = session(1);
    let text: String = (0..STEPS)
        .map(|n| format!("##[group]Run make {n}\nshell: sh\n##[endgroup]\nnothing FAILED\n"))
        .chain([one])
        .collect();
    let log = read(&text, 256 << 20);
    assert_eq!(log.steps.len(), 16_384);
    assert_eq!(log.failures.len(), 1);
    let problems: Vec<&str> = log.problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        problems,
        ["100 more steps are left out, as the log has too many to keep"]
    );
}
