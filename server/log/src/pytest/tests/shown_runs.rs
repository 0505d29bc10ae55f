//! Runs of pytest that a test prints, or that its message shows.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn run_inside_captured_output() {
    check(
        r##"=================== test session starts ====================
collected 2 items

test_nested.py FF                                    [100%]

========================= FAILURES =========================
__________________________ test_n __________________________
test_nested.py:8: in test_n
    assert "x" == "y"
E   AssertionError: assert 'x' == 'y'
E
E     - y
E     + x
------------------- Captured stdout call -------------------
=============== test session starts ================
==================== FAILURES ====================
_____________________ test_inner _____________________
=============== short test summary info ================
FAILED test_i.py::test_inner - assert 0
================ 1 failed in 0.01s =================
__________________________ test_o __________________________
test_nested.py:9: in test_o
    def test_o(): assert 3 in [1]
E   assert 3 in [1]
================= short test summary info ==================
FAILED test_nested.py::test_n - AssertionError: assert 'x...
FAILED test_nested.py::test_o - assert 3 in [1]
==================== 2 failed in 0.03s =====================
"##,
        expect![[r#"
            test_nested.py::test_n (call, assertion) line 7
              AssertionError: assert 'x' == 'y'
                  - y
                  + x
              expected 'y', actual 'x'
              at test_nested.py:8 test_n
              Captured stdout call
            test_nested.py::test_o (call, assertion) line 21
              AssertionError: assert 3 in [1]
              expected in [1], actual 3
              at test_nested.py:9 test_o
        "#]],
    );
}

#[test]
fn run_as_wide_as_the_session_in_captured_output() {
    check(
        r##"=================== test session starts ====================
collected 3 items

test_n.py FFF                                        [100%]

========================= FAILURES =========================
__________________________ test_n __________________________
test_n.py:8: in test_n
    assert 0
E   assert 0
------------------- Captured stdout call -------------------
=================== test session starts ====================
test_inner.py F                                      [100%]

========================= FAILURES =========================
________________________ test_inner ________________________
E   ValueError: inner
================= short test summary info ==================
FAILED test_inner.py::test_inner - ValueError: inner
==================== 1 failed in 0.01s =====================
------------------- Captured stderr call -------------------
words
__________________________ test_o __________________________
test_n.py:9: in test_o
    assert 3 == 4
E   assert 3 == 4
------------------- Captured stdout call -------------------
========================= FAILURES =========================
________________________ test_fake _________________________
__________________________ test_p __________________________
test_n.py:12: in test_p
    assert 5 == 6
E   assert 5 == 6
================= short test summary info ==================
FAILED test_n.py::test_n - assert 0
FAILED test_n.py::test_o - assert 3 == 4
FAILED test_n.py::test_p - assert 5 == 6
==================== 3 failed in 0.03s =====================
"##,
        expect![[r#"
            test_n.py::test_n (call, assertion) line 7
              AssertionError: assert 0
              expected a true value, actual 0
              at test_n.py:8 test_n
              Captured stdout call
            test_n.py::test_o (call, assertion) line 23
              AssertionError: assert 3 == 4
              expected 4, actual 3
              at test_n.py:9 test_o
              Captured stdout call
            test_n.py::test_p (call, assertion) line 30
              AssertionError: assert 5 == 6
              expected 6, actual 5
              at test_n.py:12 test_p
        "#]],
    );
}

#[test]
fn run_of_a_test_that_is_not_captured() {
    check(
        r##"=================== test session starts ====================
collected 3 items

test_n.py .=================== test session starts ====================
collected 1 item

test_inner.py F

========================= FAILURES =========================
________________________ test_inner ________________________
E   ValueError: inner
================= short test summary info ==================
FAILED test_inner.py::test_inner - ValueError: inner
==================== 1 failed in 0.01s =====================
.F
========================= FAILURES =========================
________________________ test_quiet ________________________
E   ValueError: quiet
================= short test summary info ==================
FAILED test_q.py::test_quiet - ValueError: quiet
1 failed in 0.01s
F

========================= FAILURES =========================
__________________________ test_o __________________________
test_n.py:9: in test_o
    assert 3 == 4
E   assert 3 == 4
================= short test summary info ==================
FAILED test_n.py::test_o - assert 3 == 4
=============== 1 failed, 2 passed in 0.03s ================
"##,
        expect![[r#"
            test_n.py::test_o (call, assertion) line 25
              AssertionError: assert 3 == 4
              expected 4, actual 3
              at test_n.py:9 test_o
        "#]],
    );
}

/// In CI a message stands whole in the summary: what it shows of another run has rules of another width.
#[test]
fn narrow_summary_in_a_message() {
    check(
        r##"============================= test session starts ==============================
rootdir: /repo
collected 2 items

tests/test_a.py FF                                                       [100%]

=================================== FAILURES ===================================
____________________________________ test_a ____________________________________
tests/test_a.py:2: in test_a
    assert run.returncode == 0, run.stdout
E   AssertionError: === FAILURES ===
E     ____ test_inner ____
E     === short test summary info ===
E     FAILED test_inner.py::test_inner - assert 0
E     === 1 failed in 0.01s ===
____________________________________ test_b ____________________________________
tests/test_a.py:5: in test_b
    assert 0
E   assert 0
=========================== short test summary info ============================
FAILED tests/test_a.py::test_a - AssertionError: === FAILURES ===
____ test_inner ____
=== short test summary info ===
FAILED test_inner.py::test_inner - assert 0
=== 1 failed in 0.01s ===
FAILED tests/test_a.py::test_b - assert 0
============================== 2 failed in 0.12s ===============================
"##,
        expect![[r#"
            tests/test_a.py::test_a (call, assertion) line 8
              AssertionError: === FAILURES ===
                  ____ test_inner ____
                  === short test summary info ===
                  FAILED test_inner.py::test_inner - assert 0
                  === 1 failed in 0.01s ===
              at tests/test_a.py:2 test_a
            tests/test_a.py::test_b (call, assertion) line 16
              AssertionError: assert 0
              expected a true value, actual 0
              at tests/test_a.py:5 test_b
        "#]],
    );
}

/// `--tb=native` puts no mark before a message's lines.
#[test]
fn report_of_a_quiet_run_in_a_message_without_marks() {
    check(
        r##"=================== test session starts ====================
collected 2 items

test_outer.py FF                                     [100%]

========================= FAILURES =========================
__________________________ test_a __________________________
Traceback (most recent call last):
  File "/repo/test_outer.py", line 6, in test_a
    raise AssertionError("inner run failed:\n" + out)
AssertionError: inner run failed:
F                                                    [100%]
========================= FAILURES =========================
_________________________ test_in __________________________
Traceback (most recent call last):
  File "/tmp/pytest-0/test_in.py", line 2, in test_in
    assert 1 == 2
AssertionError: assert 1 == 2
================= short test summary info ==================
FAILED ../tmp/pytest-0/test_in.py::test_in - assert 1 == 2
1 failed in 0.02s

__________________________ test_b __________________________
Traceback (most recent call last):
  File "/repo/test_outer.py", line 9, in test_b
    assert 3 == 4
AssertionError: assert 3 == 4
================= short test summary info ==================
FAILED test_outer.py::test_a - AssertionError: inner run failed:
FAILED test_outer.py::test_b - assert 3 == 4
==================== 2 failed in 0.21s =====================
"##,
        expect![[r#"
            test_outer.py::test_a (call, assertion) line 7
              AssertionError: inner run failed:
                F                                                    [100%]
              at /repo/test_outer.py:6 test_a
            test_outer.py::test_b (call, assertion) line 23
              AssertionError: assert 3 == 4
              expected 4, actual 3
              at /repo/test_outer.py:9 test_b
        "#]],
    );
}
