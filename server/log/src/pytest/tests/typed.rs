//! Reports that someone copied, typed or cut: documentation, pages, tools that show a part.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn rules_of_as_many_marks_whatever_their_titles() {
    let report = r##"======= FAILURES ========
_______ test_a_long_name ________

    def test_a_long_name():
        print("out")
>       assert f() == 4
E       assert 3 == 4

test_a.py:5: AssertionError
------- Captured stdout call --------
out
_______ test_b ________

    def test_b():
>       {}["k"]
E       KeyError: 'k'

test_a.py:9: KeyError
======= 2 failed in 0.12 seconds ========
"##;
    let expected = expect![[r#"
        test_a_long_name (call, assertion) line 8
          AssertionError: assert 3 == 4
          expected 4, actual 3
          at test_a.py:5 test_a_long_name
          Captured stdout call
        test_b (call, exception) line 18
          KeyError: 'k'
          at test_a.py:9 test_b
    "#]];
    let header = "======= test session starts ========\nplatform linux -- Python 3.5.1, pytest-2.9.2, py-1.4.31, pluggy-0.3.1\ncollected 2 items\n\ntest_a.py FF\n\n";
    expected.assert_eq(&shown(&format!("{header}{report}")));
    check(
        report,
        expect![[r#"
        test_a_long_name (call, assertion) line 2
          AssertionError: assert 3 == 4
          expected 4, actual 3
          at test_a.py:5 test_a_long_name
          Captured stdout call
        test_b (call, exception) line 12
          KeyError: 'k'
          at test_a.py:9 test_b
    "#]],
    );
}

#[test]
fn rules_whose_marks_were_not_counted() {
    check(
        r##"=================================== FAILURES ===================================
___________________________ test_fetch ___________________________

    def test_fetch():
>       fetch("x")
E       ValueError: invalid

tests/test_api.py:4: ValueError
====================== ERRORS =======================
______________________ ERROR at setup of test_query ___________________________

    def conn():
>       raise RuntimeError("db down")
E       RuntimeError: db down

tests/test_db.py:6: RuntimeError
=========================== short test summary info ===================
FAILED tests/test_api.py::test_fetch - ValueError: invalid
ERROR tests/test_db.py::test_query - RuntimeError: db down
========================= 1 failed, 1 error in 0.26s =================
"##,
        expect![[r#"
            tests/test_api.py::test_fetch (call, exception) line 2
              ValueError: invalid
              at tests/test_api.py:4 test_fetch
            tests/test_db.py::test_query (setup, fixture-error) line 10
              RuntimeError: db down
              at tests/test_db.py:6 conn
        "#]],
    );
}

#[test]
fn a_page_without_indentation() {
    check(
        r##"$ pytest -vv test_a.py
================================ test session starts ================================
platform darwin -- Python 3.7.1, pytest-4.1.1, py-1.7.0, pluggy-0.8.1
collected 1 item
test_a.py::TestA::test_one FAILED [100%]
===================================== FAILURES ======================================
__________________________________ TestA.test_one ___________________________________
self = <test_a.TestA testMethod=test_one>
def test_one(self):
> assert left == right
E AssertionError: assert {'a': 1} == {'a': 2}
E Differing items:
E {'a': 1} != {'a': 2}
test_a.py:12: AssertionError
============================= 1 failed in 0.05 seconds ==============================
"##,
        expect![[r#"
            test_a.py::TestA::test_one (call, assertion) line 7
              AssertionError: assert {'a': 1} == {'a': 2}
                Differing items:
                {'a': 1} != {'a': 2}
              expected {'a': 2}, actual {'a': 1}
              at test_a.py:12
        "#]],
    );
}

#[test]
fn a_type_of_which_only_its_name_is_left() {
    check(
        r##"=========================== short test summary info ============================
FAILED tests/test_a.py::test_with_quite_a_long_name_indeed - TypeError...
FAILED tests/test_a.py::test_with_quite_another_long_name_ - Exception...
=========================== 2 failed, 173 passed in 8.11s ======================
"##,
        expect![[r#"
            tests/test_a.py::test_with_quite_a_long_name_indeed (call, type-error) line 2
              TypeError: ...
            tests/test_a.py::test_with_quite_another_long_name_ (call, exception) line 3
              : Exception...
        "#]],
    );
}

#[test]
fn verbose_runs_without_headers() {
    check(
        r##"$ pytest -v

tests/test_a.py::test_a PASSED
tests/test_b.py::test_b PASSED

=============== 2 passed in 2.34s ===============

$ pytest -v

tests/test_a.py::test_a FAILED
tests/test_b.py::test_b ERROR

=============== 1 failed, 1 error in 1.23s ===============
"##,
        expect![[r#"
            tests/test_a.py::test_a (call, unknown) line 10
            tests/test_b.py::test_b (setup, fixture-error) line 11
        "#]],
    );
}

#[test]
fn a_value_is_no_place() {
    check(
        r##"=================================== FAILURES ===================================
____________________________________ test_a ____________________________________

    def test_a():
>       check(3)
E       AssertionError: True is not false
index      = -1
self       = test_a.py:22: AssertionError
=========================== 1 failed in 0.01 seconds ===========================
"##,
        expect![[r#"
            test_a (call, assertion) line 2
              AssertionError: True is not false
              expected a false value, actual True
        "#]],
    );
}

#[test]
fn strings_of_a_program() {
    check(
        r##"    result.stdout.fnmatch_lines(
        [
            "INTERNALERROR> Traceback (most recent call last):",
            'INTERNALERROR>   File "/repo/conftest.py", line 4, in pytest_sessionstart',
            "INTERNALERROR> SystemExit: boom",
            "ImportError while loading conftest '{}'.",
            "E   KeyError: 'a'",
        ]
    )
"##,
        expect![[r#""#]],
    );
}

#[test]
fn a_summary_before_failures_with_shorter_rules() {
    check(
        r##"======= test session starts ========
platform linux -- Python 3.5.2, pytest-3.0.7, py-1.4.32, pluggy-0.4.0
collected 2 items

test_a.py .F
======= short test summary info ========
XFAIL test_a.py::test_x
  reason: because
======= FAILURES ========
_______ test_a ________

    def test_a():
>       assert 0
E       assert 0

test_a.py:9: AssertionError
======= 1 failed, 1 xfailed in 0.12 seconds ========
"##,
        expect![[r#"
            test_a (call, assertion) line 10
              AssertionError: assert 0
              expected a true value, actual 0
              at test_a.py:9 test_a
        "#]],
    );
}
