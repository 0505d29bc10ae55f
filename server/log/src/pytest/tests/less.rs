//! Outputs that tell less than a section does: `--tb=line`, `--tb=no`, a run that broke off.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn lines_that_fit_no_entry_do_not_shift_the_others() {
    check(
        r##"FFFFFF                                               [100%]
========================= FAILURES =========================
/repo/test_a.py:3: ValueError: 
/repo/test_a.py:6: ValueError: 	tabbed
/repo/test_a.py:9: KeyError: 'x'
no trace
/repo/test_a.py:15: KeyError: 'x'
/repo/test_a.py:18: ValueError
================= short test summary info ==================
FAILED test_a.py::test_empty - ValueError: 
FAILED test_a.py::test_tab - ValueError: 	tabbed
FAILED test_a.py::test_a - KeyError: 'x'
FAILED test_a.py::test_fail - Failed: no trace
FAILED test_a.py::test_b_with_a_name_that_leaves_no_room_in_it
FAILED test_a.py::test_bare - ValueError
6 failed in 0.1s
"##
        .replace("\\t", "\t")
        .as_str(),
        expect![[r#"
            test_a.py::test_empty (call, exception) line 3
              ValueError: 
              at /repo/test_a.py:3
            test_a.py::test_tab (call, exception) line 4
              ValueError: tabbed
              at /repo/test_a.py:6
            test_a.py::test_a (call, exception) line 5
              KeyError: 'x'
              at /repo/test_a.py:9
            test_a.py::test_b_with_a_name_that_leaves_no_room_in_it (call, exception) line 7
              KeyError: 'x'
              at /repo/test_a.py:15
            test_a.py::test_bare (call, exception) line 8
              ValueError: 
              at /repo/test_a.py:18
            test_a.py::test_fail (call, assertion) line 13
              Failed: no trace
        "#]],
    );
}

#[test]
fn what_an_entry_tells_of_its_type() {
    check(
        r##"FFF                                                  [100%]
================= short test summary info ==================
FAILED test_a.py::test_x - [XPASS(strict)] should fail
FAILED test_a.py::test_g - ValueError('one') [single exception in ExceptionGroup]
FAILED test_a.py::test_l[]] - x] - ValueError: id ']] - x'
3 failed in 0.1s
"##,
        expect![[r#"
            test_a.py::test_x (call, unexpected-pass) line 3
              Failed: [XPASS(strict)] should fail
            test_a.py::test_g (call, exception) line 4
              ExceptionGroup: ValueError('one') [single exception in ExceptionGroup]
            test_a.py::test_l[]] - x] (call, exception) line 5
              ValueError: id ']] - x'
        "#]],
    );
}

#[test]
fn text_without_traceback_that_looks_like_an_error() {
    check(
        r##"FE                                                   [100%]
========================== ERRORS ==========================
_____________ ERROR at setup of test_recursive _____________
file /repo/test_a.py, line 9
  def test_recursive(a):
E       recursive dependency involving fixture 'a' detected
>       available fixtures: a, b
>       use 'pytest --fixtures [testpath]' for help on them.

/repo/test_a.py:9
_____________ ERROR at setup of test_condition _____________
division by zero

During handling of the above exception, another exception occurred:
Error evaluating 'skipif' condition
    1/0
ZeroDivisionError: division by zero
========================= FAILURES =========================
_________________________ test_fail ________________________
KeyError: 'x'
================= short test summary info ==================
FAILED test_a.py::test_fail - Failed: KeyError: 'x'
ERROR test_a.py::test_recursive
ERROR test_a.py::test_condition
1 failed, 2 errors in 0.1s
"##,
        expect![[r#"
            test_a.py::test_recursive (setup, fixture-error) line 3
              FixtureLookupError: recursive dependency involving fixture 'a' detected
              at /repo/test_a.py:9
            test_a.py::test_condition (setup, fixture-error) line 11
              Failed: Error evaluating 'skipif' condition
                    1/0
                ZeroDivisionError: division by zero
            test_a.py::test_fail (call, assertion) line 22
              Failed: KeyError: 'x'
        "#]],
    );
}

#[test]
fn a_test_that_is_named_again_fails_in_its_teardown() {
    check(
        r##"=================== test session starts ====================
collected 2 items

test_a.py::test_setup                   Metal | INFO     | Opening
ERROR
test_a.py::test_late                   Metal | INFO     | Opening
PASSED                  Metal | INFO     | Closing

test_a.py::test_late ERROR
================= short test summary info ==================
ERROR test_a.py::test_setup - RuntimeError: a
ERROR test_a.py::test_late - RuntimeError: b
================ 1 passed, 2 errors in 0.1s ================
"##,
        expect![[r#"
            test_a.py::test_setup (setup, fixture-error) line 11
              RuntimeError: a
            test_a.py::test_late (teardown, fixture-error) line 12
              RuntimeError: b
        "#]],
    );
}

#[test]
fn the_stack_tells_the_phase() {
    let run = |hook: &str| {
        format!(
            r##"=================== test session starts ====================
collected 1 item

test_a.py::test_f Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/repo/test_a.py", line 13 in f
  File "/venv/site-packages/_pytest/fixtures.py", line 895 in call_fixture_func
  File "/venv/site-packages/_pytest/runner.py", line 160 in {hook}
"##
        )
    };
    check(
        &run("pytest_runtest_setup"),
        expect![[r#"
        test_a.py::test_f (setup, crash) line 4
          Segmentation fault: Fatal Python error: Segmentation fault
          at /repo/test_a.py:13 f
    "#]],
    );
    check(
        &run("pytest_runtest_teardown"),
        expect![[r#"
        test_a.py::test_f (teardown, crash) line 4
          Segmentation fault: Fatal Python error: Segmentation fault
          at /repo/test_a.py:13 f
    "#]],
    );
}

#[test]
fn a_code_that_is_not_pytests_ends_the_running_test() {
    check(
        "\
2024-06-05T12:45:27.3080205Z ##[group]Run pytest -v
2024-06-05T12:45:27.3080205Z \u{1b}[36;1mpytest -v\u{1b}[0m
2024-06-05T12:45:27.3080205Z shell: /usr/bin/bash -e {0}
2024-06-05T12:45:27.3080205Z ##[endgroup]
2024-06-05T12:45:28.3080205Z =================== test session starts ====================
2024-06-05T12:45:28.3080205Z collected 2 items
2024-06-05T12:45:28.3080205Z 
2024-06-05T12:45:28.3080205Z test_a.py::test_a PASSED                             [ 50%]
2024-06-05T12:45:28.3080205Z test_a.py::test_b 
2024-06-05T12:45:29.3080205Z ##[error]Process completed with exit code 42.
",
        expect![[r#"
            test_a.py::test_b (call, crash) line 9
              : exit code 42
        "#]],
    );
}

#[test]
fn pytest_tldr() {
    check(
        r##"test_h.py::test_int ... ERROR
test_h.py::test_p[a (b)] ... FAIL

==============================================================================
ERROR: test_h.py::test_int
------------------------------------------------------------------------------
Traceback (most recent call last):
  File "/venv/site-packages/_pytest/runner.py", line 160, in pytest_runtest_setup
    item.session._setupstate.setup(item)
  File "/repo/conftest.py", line 3, in f
    raise KeyError("f")
KeyError: 'f'
==============================================================================
FAIL: test_h.py::test_p[a (b)]
------------------------------------------------------------------------------
Traceback (most recent call last):
  File "/repo/test_h.py", line 9, in test_p
    assert 0
AssertionError: assert 0
------------------------------------------------------------------------------
Ran 2 tests in 0.04s

FAILED (errors=1, failures=1)
"##,
        expect![[r#"
            test_h.py::test_int (setup, fixture-error) line 5
              KeyError: 'f'
              at /repo/conftest.py:3 f
            test_h.py::test_p[a (b)] (call, assertion) line 14
              AssertionError: assert 0
              expected a true value, actual 0
              at /repo/test_h.py:9 test_p
        "#]],
    );
}

#[test]
fn totals_tell_the_phase_of_errors() {
    let run = |collected: &str, totals: &str| {
        shown(&format!(
            "============================= test session starts ==============================
{collected}

test_a.py .E.E                                                           [100%]

=========================== short test summary info ============================
ERROR test_a.py::test_a - KeyError: 'a'
ERROR test_a.py::test_b - KeyError: 'b'
{totals}
"
        ))
        .lines()
        .filter_map(|it| it.split_once(", fixture").map(|(it, _)| it.to_owned()))
        .collect::<Vec<_>>()
    };
    let of = |phase: &str| {
        [
            format!("test_a.py::test_a ({phase}"),
            format!("test_a.py::test_b ({phase}"),
        ]
    };
    let totals = "========================= 2 passed, 2 errors in 0.10s ==========================";
    assert_eq!(run("collected 2 items", totals), of("teardown"));
    assert_eq!(run("collected 4 items", totals), of("setup"));
    assert_eq!(run("2 workers [2 items]", totals), of("teardown"));
    assert_eq!(
        run("collected 5 items / 1 deselected / 4 selected", totals),
        of("setup")
    );
    assert_eq!(
        run(
            "collected 2 items / 1 skipped",
            "==================== 2 passed, 1 skipped, 2 errors in 0.10s ===================="
        ),
        of("teardown")
    );
    // One of each: not told which.
    assert_eq!(run("collected 3 items", totals), of("setup"));
    // A test that did not run is no error in a setup.
    let stopped = format!(
        "!!!!!!!!!!!!!!!!!!!!!!!!!! stopping after 2 failures !!!!!!!!!!!!!!!!!!!!!!!!!!!\n{totals}"
    );
    assert_eq!(run("collected 3 items", &stopped), of("setup"));
}

#[test]
fn a_file_behind_failed() {
    check(
        r##"=========================== short test summary info ============================
FAILED test_a.py::test_a - assert 0
FAILED test_bad.py - ImportError: cannot import name 'x'
====================== 1 failed, 1 error in 0.10 seconds =======================
"##,
        expect![[r#"
            test_a.py::test_a (call, assertion) line 2
              AssertionError: assert 0
              expected a true value, actual 0
            test_bad.py (collect, collection-error) line 3
              ImportError: cannot import name 'x'
        "#]],
    );
}
