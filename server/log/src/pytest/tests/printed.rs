//! What a test prints, and what other programs put before pytest's lines.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

const RUN: &str = "\
=================== test session starts ====================
platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.7.0
collected 2 items

test_a.py F.                                         [100%]

========================= FAILURES =========================
__________________________ test_a __________________________

    def test_a():
>       assert 1 == 2
E       assert 1 == 2

test_a.py:2: AssertionError
================= short test summary info ==================
FAILED test_a.py::test_a - assert 1 == 2
=============== 1 failed, 1 passed in 0.02s ================
";

/// Behind other lines of the same program, which another one interrupts.
#[track_caller]
fn check_prefix(prefix: impl Fn(usize) -> String) {
    let mut log = format!("{}building\nStarting\n", prefix(0));
    for (idx, line) in RUN.lines().enumerate() {
        log += format!("{}{line}", prefix(idx + 1)).trim_end();
        log += "\n";
        if idx == 9 {
            log += "db-1  | ready\n";
        }
    }
    let lines = shown(&log);
    let expected = shown(RUN).replace("line 8", "line 10");
    let mut expected = expected.lines();
    assert!(
        lines.lines().all(|line| Some(line) == expected.next()),
        "{lines}"
    );
    assert!(
        lines.starts_with("test_a.py::test_a (call, assertion)"),
        "{lines}"
    );
}

#[test]
fn prefixes_of_other_programs() {
    check_prefix(|_| "tests-1  | ".to_owned());
    check_prefix(|line| format!("#12 {}.{:03} ", 9 + line / 4, 37 * line % 1000));
    check_prefix(|_| "Step #1 - \"test\": ".to_owned());
    check_prefix(|_| "[CI/test]   | ".to_owned());
    check_prefix(|_| "[unit] ".to_owned());
    check_prefix(|line| format!("{:>3}: ", 95 + line));
    check_prefix(|line| format!("2024-06-05T12:45:{line:02}.123456+00:00 app[run.12]: "));
    check_prefix(|_| "               +test | ".to_owned());
    check_prefix(|_| "> ".to_owned());
    check_prefix(|line| format!("{:>4}  ", 7 + line));
    check_prefix(|line| format!("{:>6}\t", 1 + line));
    check_prefix(|line| format!("{:>3} | ", 96 + line));
    check_prefix(|line| format!("{}:", 96 + line));
}

#[test]
fn a_quiet_run_in_what_was_captured() {
    check(
        r##"=================== test session starts ====================
collected 2 items

test_o.py FF                                         [100%]

========================= FAILURES =========================
__________________________ test_o __________________________
E   AssertionError: inner run failed

test_o.py:9: AssertionError
------------------- Captured stdout call -------------------
F.                                                   [100%]
========================= FAILURES =========================
__________________________ test_i __________________________
E   ValueError: inner

/tmp/x/test_i.py:5: ValueError
================= short test summary info ==================
FAILED ../tmp/x/test_i.py::test_i - ValueError: inner
1 failed, 1 passed in 0.19s
__________________________ test_p __________________________
E   KeyError: 'p'

test_o.py:12: KeyError
================= short test summary info ==================
FAILED test_o.py::test_o - AssertionError: inner run failed
FAILED test_o.py::test_p - KeyError: 'p'
==================== 2 failed in 0.45s =====================
"##,
        expect![[r#"
            test_o.py::test_o (call, assertion) line 7
              AssertionError: inner run failed
              at test_o.py:9
              Captured stdout call
            test_o.py::test_p (call, exception) line 21
              KeyError: 'p'
              at test_o.py:12
        "#]],
    );
}

#[test]
fn a_printed_section_is_no_failure_where_the_summary_has_all() {
    check(
        r##"=================== test session starts ====================
collected 1 item

test_o.py F                                          [100%]

========================= FAILURES =========================
__________________________ test_o __________________________
E   KeyError: 'o'

test_o.py:9: KeyError
------------------- Captured stdout call -------------------
__________________________ test_z __________________________
================= short test summary info ==================
FAILED test_o.py::test_o - KeyError: 'o'
==================== 1 failed in 0.45s =====================
"##,
        expect![[r#"
            test_o.py::test_o (call, exception) line 7
              KeyError: 'o'
              at test_o.py:9
              Captured stdout call
        "#]],
    );
}

#[test]
fn a_traceback_behind_dots_does_not_swallow_the_report() {
    check(
        r##"=================== test session starts ====================
collected 3 items

test_o.py .FTraceback (most recent call last):
  File "/w/test_o.py", line 9, in test_p
    1 / 0
ZeroDivisionError: division by zero
.

========================= FAILURES =========================
__________________________ test_o __________________________
E   KeyError: 'o'

test_o.py:9: KeyError
=============== 1 failed, 2 passed in 0.45s ================
"##,
        expect![[r#"
            test_o (call, exception) line 11
              KeyError: 'o'
              at test_o.py:9
        "#]],
    );
}

#[test]
fn an_outcome_is_of_the_test_whose_name_stands_before_its_output() {
    check(
        r##"=================== test session starts ====================
collected 3 items

test_o.py::test_a PASSED
test_o.py::test_b  10%|#         | 1/10
test_o.py::test_c printed
FAILED
test_o.py::test_d no line endPASSED
"##,
        expect![[r#"
            test_o.py::test_c (call, unknown) line 7
              Output
        "#]],
    );
}

#[test]
fn a_progress_bar_does_not_hide_the_running_test() {
    check(
        "=================== test session starts ====================\ncollected 3 items\n\ntest_o.py::test_a PASSED\ntest_o.py::test_b Fetching:  10%|#  | 1/10\rFetching: 100%|###| 10/10\nFAILED\n",
        expect![[r#"
            test_o.py::test_b (call, unknown) line 6
              Output
        "#]],
    );
}

#[test]
fn a_message_with_carriage_returns() {
    check(
        "========================= FAILURES =========================\n__________________________ test_a __________________________\nE   RuntimeError: 10%\r20%\n\ntest_a.py:3: RuntimeError\n================= short test summary info ==================\nFAILED test_a.py::test_a - RuntimeError: 10%\r20%\n1 failed in 0.1s\n",
        expect![[r#"
            test_a.py::test_a (call, exception) line 2
              RuntimeError: 10%20%
              at test_a.py:3
        "#]],
    );
}

#[test]
fn a_message_that_holds_a_traceback() {
    check(
        r##"========================= FAILURES =========================
__________________________ test_a __________________________
Traceback (most recent call last):
  File "/w/test_a.py", line 3, in test_a
    raise ValueError(text)
ValueError: Traceback (most recent call last):
  File "x.py", line 3, in f
    foo()
KeyError: 'x'
1 failed in 0.1s
"##,
        expect![[r#"
            test_a (call, exception) line 2
              ValueError: Traceback (most recent call last):
                  File "x.py", line 3, in f
                    foo()
                KeyError: 'x'
              at /w/test_a.py:3 test_a
        "#]],
    );
}

/// A report that a test prints in the middle of a session, as wide as the session's own.
#[track_caller]
fn check_in_the_middle(before: &str, behind: &str) {
    let log = format!(
        "\
=================== test session starts ====================
platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.7.0
collected 3 items

{before}
________________________ test_other ________________________
E       assert 5 == 6
test_z.py:5: AssertionError
FAILED test_z.py::test_other - assert 5 == 6
==================== 1 failed in 0.10s =====================
{behind}

========================= FAILURES =========================
__________________________ test_a __________________________

    def test_a():
>       assert 1 == 2
E       assert 1 == 2

test_a.py:2: AssertionError
================= short test summary info ==================
FAILED test_a.py::test_a - assert 1 == 2
=============== 1 failed, 2 passed in 0.02s ================
"
    );
    let told = shown(&log);
    let told = told.lines().filter(|it| !it.starts_with("  expected"));
    let told = told
        .map(|it| it.split(" line ").next().unwrap_or(it))
        .collect::<Vec<_>>();
    let own = [
        "test_a.py::test_a (call, assertion)",
        "  AssertionError: assert 1 == 2",
        "  at test_a.py:2 test_a",
    ];
    assert_eq!(told, own, "{log}");
}

#[test]
fn totals_of_less_tests_than_had_to_run_end_nothing() {
    let heading = "========================= FAILURES =========================";
    check_in_the_middle(
        &format!("test_a.py::test_p {heading}"),
        "PASSED\ntest_a.py::test_a FAILED\ntest_a.py::test_q PASSED",
    );
}
