//! Subtests, of pytest 9 and of the plugin before it.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn subtests_of_the_plugin() {
    check(
        r##"u.                                                   [100%]
========================= FAILURES =========================
___________________ test_s [part] (i=1) ____________________
test_sub.py:3: in test_s
    assert 1 == 2
E   assert 1 == 2
-------------------- Captured log call ---------------------

================= short test summary info ==================
[part] (i=1) SUBFAIL test_sub.py::test_s - assert 1 == 2
1 failed, 1 passed in 0.03s
"##,
        expect![[r#"
            test_sub.py::test_s (call, assertion) line 3
              AssertionError: assert 1 == 2
              expected 2, actual 1
              at test_sub.py:3 test_s
              Captured log call
        "#]],
    );
}

#[test]
fn subtests_of_pytest_9() {
    check(
        r##"=================== test session starts ====================
collecting ... collected 1 item

test_sub.py::test_s SUBFAILED[part] (i=1)            [100%]
test_sub.py::test_s FAILED                           [100%]

========================= FAILURES =========================
___________________ test_s [part] (i=1) ____________________
test_sub.py:3: in test_s
    assert 1 == 2
E   assert 1 == 2
__________________________ test_s __________________________
contains 1 failed subtest
================= short test summary info ==================
SUBFAILED[part] (i=1) test_sub.py::test_s - assert 1 == 2
FAILED test_sub.py::test_s - contains 1 failed subtest
==================== 2 failed in 0.03s =====================
"##,
        expect![[r#"
            test_sub.py::test_s (call, assertion) line 8
              AssertionError: assert 1 == 2
              expected 2, actual 1
              at test_sub.py:3 test_s
        "#]],
    );
}

#[test]
fn subtests_with_brackets_in_their_messages() {
    check(
        r##"FFF                                                  [100%]
================= short test summary info ==================
SUBFAILED[custom [x]] (i=2) t/test_sub.py::test_s - assert 2 == 1
SUBFAILED[[r]] (k='[r]') t/test_sub.py::test_p[[r]] - KeyError: ']'
FAILED t/test_sub.py::test_s - contains 1 failed subtest
FAILED t/test_sub.py::test_p[[r]] - contains 1 failed subtest
4 failed in 0.03s
"##,
        expect![[r#"
            t/test_sub.py::test_s (call, assertion) line 3
              AssertionError: assert 2 == 1
              expected 1, actual 2
            t/test_sub.py::test_p[[r]] (call, exception) line 4
              KeyError: ']'
        "#]],
    );
}

#[test]
fn subtests_of_pytest_9_whose_messages_hold_brackets() {
    check(
        r##"F                                                      [100%]
================== short test summary info ==================
SUBFAILED[brackets [a] (b)] t.py::test_a - ValueError: in sub
SUBFAILED[brackets [a] b] (i=[1]) t.py::test_b - ValueError: in sub
SUBFAILED(<subtest>) t.py::test_c - assert 0
FAILED [0.1234s] t.py::test_d - assert 1
4 failed in 0.1s
"##,
        expect![[r#"
            t.py::test_a (call, exception) line 3
              ValueError: in sub
            t.py::test_b (call, exception) line 4
              ValueError: in sub
            t.py::test_c (call, assertion) line 5
              AssertionError: assert 0
              expected a true value, actual 0
            t.py::test_d (call, assertion) line 6
              AssertionError: assert 1
        "#]],
    );
}
