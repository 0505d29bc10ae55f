//! A line of any length costs no memory, and what follows it is read.

extern crate reprolens_log as log;

use log::{Limits, Parser};

#[test]
fn a_line_past_the_limit_is_passed_over_and_told_of() {
    let mut parser = Parser::new(Limits {
        line: 1000,
        ..Limits::default()
    });
    let session = "============================= test session starts ==============================\n\
        tests/test_a.py::test_a ";
    parser.push(session.as_bytes());
    for _ in 0..200 {
        parser.push(&[b'x'; 4096]);
    }
    let rest = "\n=========================== short test summary info ============================\n\
        FAILED tests/test_a.py::test_a - assert 1 == 2\n\
        ========================= 1 failed in 0.12s =========================\n";
    parser.push(rest.as_bytes());
    let log = parser.finish();
    let ids: Vec<&str> = log.failures.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["tests/test_a.py::test_a"]);
    assert_eq!(log.failures[0].line, 4);
    assert_eq!(log.lines, 5);
    let told: Vec<&str> = log.problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        told,
        ["1 lines are longer than 1000 bytes; the rest of them is passed over"]
    );
}
