//! Runs of pytest inside a test: what they print is no failure of the log's.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

/// An inner run that does not tell its folder.
const INNER: &str = "\
=================== test session starts ====================
platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.7.0
collected 1 item

test_i.py F                                          [100%]

========================= FAILURES =========================
__________________________ test_i __________________________
E   KeyError: 'i'

test_i.py:2: KeyError
================= short test summary info ==================
FAILED test_i.py::test_i - KeyError: 'i'
==================== 1 failed in 0.02s =====================
";

/// The same in the folder that pytest made for its test.
fn inner(root: &str) -> String {
    INNER.replace("collected", &format!("rootdir: {root}\ncollected"))
}

const QUIET: &str = "\
F                                                    [100%]
========================= FAILURES =========================
__________________________ test_q __________________________
E   KeyError: 'q'

test_q.py:2: KeyError
================= short test summary info ==================
FAILED test_q.py::test_q - KeyError: 'q'
1 failed in 0.02s
";

const CRASH: &str = "\
running: python -mpytest
     in: /tmp/pytest-of-u/pytest-3/test_c0
=================== test session starts ====================
platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.7.0
rootdir: /tmp/pytest-of-u/pytest-3/test_c0
collected 1 item

test_c.py Fatal Python error: Aborted

Current thread 0x00007f (most recent call first):
  File \"/tmp/pytest-of-u/pytest-3/test_c0/test_c.py\", line 3 in test_c
  File \"/venv/site-packages/_pytest/python.py\", line 157 in pytest_pyfunc_call
";

const REPORT: &str = "\
========================= FAILURES =========================
__________________________ test_o __________________________
E   KeyError: 'o'

test_o.py:2: KeyError
================= short test summary info ==================
FAILED test_o.py::test_o - KeyError: 'o'
";

const HEAD: &str = "\
=================== test session starts ====================
platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.7.0
rootdir: /repo
collected 5 items

test_o.py ";

#[test]
fn in_a_session_with_a_header() {
    let inner = inner("/tmp/pytest-of-u/pytest-3/test_a0");
    check(
        &format!(
            "{HEAD}{inner}.{QUIET}F{CRASH}.{inner}.\n\n{REPORT}================ 1 failed, 4 passed in 1.0s ================\n"
        ),
        expect![[r#"
            test_o.py::test_o (call, exception) line 60
              KeyError: 'o'
              at test_o.py:2
        "#]],
    );
}

#[test]
fn in_a_quiet_session() {
    let inner = inner("/tmp/pytest-of-u/pytest-3/test_a0");
    check(
        &format!("{inner}.{inner}.{QUIET}F{inner}.\n{REPORT}1 failed, 4 passed in 1.0s\n"),
        expect![[r#"
            test_o.py::test_o (call, exception) line 57
              KeyError: 'o'
              at test_o.py:2
        "#]],
    );
    check(
        &format!("{inner}.{QUIET}FF{CRASH}.{inner}.\n{REPORT}1 failed, 4 passed in 1.0s\n"),
        expect![[r#"
            test_o.py::test_o (call, exception) line 54
              KeyError: 'o'
              at test_o.py:2
        "#]],
    );
}

#[test]
fn a_crash_right_before_the_report() {
    check(
        &format!(
            "{HEAD}.{CRASH}F\n\n{REPORT}================ 1 failed, 1 passed in 1.0s ================\n"
        ),
        expect![[r#"
            test_o.py::test_o (call, exception) line 21
              KeyError: 'o'
              at test_o.py:2
        "#]],
    );
}

#[test]
fn behind_the_names_of_a_verbose_session() {
    let inner = inner("/tmp/pytest-of-u/pytest-3/test_a0");
    let head = HEAD.trim_end_matches("test_o.py ");
    let names = format!(
        "{head}test_o.py::test_a {inner}PASSED\ntest_o.py::test_c {CRASH}PASSED\ntest_o.py::test_o {inner}FAILED\n"
    );
    check(
        &format!("{names}\n{REPORT}================ 1 failed, 2 passed in 1.0s ================\n"),
        expect![[r#"
            test_o.py::test_o (call, exception) line 53
              KeyError: 'o'
              at test_o.py:2
              Output
        "#]],
    );
    check(
        &format!("{names}test_o.py::test_p {inner}"),
        expect![[r#"
            test_o.py::test_o (call, unknown) line 50
              Output
        "#]],
    );
}

#[test]
fn a_crash_that_a_test_prints() {
    let dump = CRASH.split_once("test_c.py ").map_or("", |(_, dump)| dump);
    check(
        &format!(
            "{HEAD}.{dump}F\n\n{REPORT}================ 1 failed, 1 passed in 1.0s ================\n"
        ),
        expect![[r#"
            test_o.py::test_o (call, exception) line 14
              KeyError: 'o'
              at test_o.py:2
        "#]],
    );
}

#[test]
fn a_session_of_its_own_in_such_a_folder() {
    check(
        &inner("/tmp/pytest-of-u/pytest-3/test_a0"),
        expect![[r#"
            test_i.py::test_i (call, exception) line 9
              KeyError: 'i'
              at test_i.py:2
        "#]],
    );
}

#[test]
fn entries_that_a_test_prints() {
    check(
        &format!(
            "{HEAD}FAILED tests/test_z.py::test_w - ValueError: x\nERROR tests/test_z.py::test_v\nE   KeyError: printed\nF\n\n{REPORT}================ 1 failed, 4 passed in 1.0s ================\n"
        ),
        expect![[r#"
            test_o.py::test_o (call, exception) line 12
              KeyError: 'o'
              at test_o.py:2
        "#]],
    );
}

#[test]
fn an_error_after_any_outcome_is_of_the_teardown() {
    check(
        r##"=================== test session starts ====================
collected 3 items

test_a.py::test_a SKIPPED (why)                      [ 33%]
test_a.py::test_a ERROR                              [ 33%]
test_a.py::test_b RERUN                              [ 66%]
test_a.py::test_b ERROR                              [ 66%]
test_a.py::test_c PASSED                             [100%]
test_a.py::test_c ERROR                              [100%]
================= short test summary info ==================
ERROR test_a.py::test_a - ValueError: a
ERROR test_a.py::test_b - ValueError: b
ERROR test_a.py::test_c - ValueError: c
========== 1 passed, 1 skipped, 3 errors in 0.1s ===========
"##,
        expect![[r#"
            test_a.py::test_a (teardown, fixture-error) line 11
              ValueError: a
            test_a.py::test_b (setup, fixture-error) line 12
              ValueError: b
            test_a.py::test_c (teardown, fixture-error) line 13
              ValueError: c
        "#]],
    );
}

#[test]
fn words_of_an_end_that_a_test_prints() {
    check(
        r##"=================== test session starts ====================
collected 2 items

test_a.py FF                                         [100%]

========================= FAILURES =========================
__________________________ test_a __________________________
E   KeyError: 'a'

test_a.py:2: KeyError
------------------- Captured stdout call -------------------
##[error]The action has timed out.
+++++++++++ Timeout +++++++++++
__________________________ test_b __________________________
E   KeyError: 'b'

test_a.py:5: KeyError
================= short test summary info ==================
FAILED test_a.py::test_a - KeyError: 'a'
FAILED test_a.py::test_b - KeyError: 'b'
==================== 2 failed in 0.03s =====================
"##,
        expect![[r#"
            test_a.py::test_a (call, exception) line 7
              KeyError: 'a'
              at test_a.py:2
              Captured stdout call
            test_a.py::test_b (call, exception) line 14
              KeyError: 'b'
              at test_a.py:5
        "#]],
    );
}

#[test]
fn inner_runs_behind_names_and_dots() {
    let verbose = format!(
        "=================== test session starts ====================\ncollected 3 items\n\ntest_o.py::test_o {INNER}FAILED\ntest_o.py::test_p {INNER}PASSED\n\n{REPORT}================ 1 failed, 1 passed in 1.0s ================\n"
    );
    check(
        &verbose,
        expect![[r#"
            test_o.py::test_o (call, exception) line 36
              KeyError: 'o'
              at test_o.py:2
              Output
        "#]],
    );
    let quiet = format!("F{INNER}.{INNER}\n{REPORT}1 failed, 1 passed in 1.0s\n");
    check(
        &quiet,
        expect![[r#"
        test_o.py::test_o (call, exception) line 31
          KeyError: 'o'
          at test_o.py:2
    "#]],
    );
}

#[test]
fn a_quiet_run_in_a_quiet_one_behind_a_prefix() {
    let section = |title: &str| format!("{title:_^60}").replace('+', " ");
    let log = format!(
        "FF                                                   [100%]\n{failures}\n{o}\nE   KeyError: 'o'\n\ntest_o.py:9: KeyError\n{captured}\n{failures}\n{i}\nE   ValueError: inner\n\ntest_i.py:5: ValueError\n{short}\nFAILED test_i.py::test_i - ValueError: inner\n1 failed, 1 passed in 0.19s\n{p}\nE   KeyError: 'p'\n\ntest_o.py:12: KeyError\n{short}\nFAILED test_o.py::test_o - KeyError: 'o'\nFAILED test_o.py::test_p - KeyError: 'p'\n2 failed in 0.45s\n",
        failures = "========================= FAILURES =========================",
        captured = "------------------- Captured stdout call -------------------",
        short = "================= short test summary info ==================",
        o = section("+test_o+"),
        i = section("+test_i+"),
        p = section("+test_p+"),
    );
    let prefixed = log.lines().map(|line| format!("web-1  | {line}\n"));
    assert_eq!(shown(&prefixed.collect::<String>()), shown(&log));
    check(
        &log,
        expect![[r#"
        test_o.py::test_o (call, exception) line 3
          KeyError: 'o'
          at test_o.py:9
          Captured stdout call
        test_o.py::test_p (call, exception) line 16
          KeyError: 'p'
          at test_o.py:12
    "#]],
    );
}
