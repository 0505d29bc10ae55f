//! Reports inside of reports, and reports of which lines are too long, cut or picked out.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn a_message_in_the_summary_that_is_a_report_of_its_own() {
    check(
        r##"==================== test session starts ====================
collected 3 items

t.py FFF                                               [100%]

========================= FAILURES ==========================
__________________________ test_a ___________________________

>   raise RuntimeError(report)
E   RuntimeError: ==================== test session starts ====================
E   1 failed

t.py:3: RuntimeError
__________________________ test_b ___________________________

>   assert 0
E   assert 0

t.py:6: AssertionError
__________________________ test_c ___________________________

>   raise ValueError("c")
E   ValueError: c

t.py:9: ValueError
================== short test summary info ==================
FAILED t.py::test_a - RuntimeError: ==================== test session starts ====================
collected 1 item

========================= FAILURES ==========================
________________________ test_inner _________________________
E   assert 1
inner.py:2: AssertionError
================== short test summary info ==================
FAILED inner.py::test_inner - assert 1
===================== 1 failed in 0.01s =====================
FAILED t.py::test_b - assert 0
===================== 1 failed in 0.01s =====================
FAILED t.py::test_c - ValueError: c
===================== 3 failed in 0.12s =====================
"##,
        expect![[r#"
            t.py::test_a (call, exception) line 7
              RuntimeError: ==================== test session starts ====================
                1 failed
              at t.py:3
            t.py::test_b (call, assertion) line 14
              AssertionError: assert 0
              expected a true value, actual 0
              at t.py:6
            t.py::test_c (call, exception) line 20
              ValueError: c
              at t.py:9
        "#]],
    );
}

#[test]
fn a_report_behind_the_last_entry_ends_the_session() {
    check(
        r##"==================== test session starts ====================
collected 1 item

t.py F                                                 [100%]

================== short test summary info ==================
FAILED t.py::test_a - assert 0
===================== 1 failed in 0.01s =====================
==================== test session starts ====================
collected 1 item

u.py F                                                 [100%]

================== short test summary info ==================
FAILED u.py::test_b - assert 1
===================== 1 failed in 0.01s =====================
"##,
        expect![[r#"
            t.py::test_a (call, assertion) line 7
              AssertionError: assert 0
              expected a true value, actual 0
            u.py::test_b (call, assertion) line 15
              AssertionError: assert 1
        "#]],
    );
}

#[test]
fn an_outcome_behind_an_id_with_an_open_bracket() {
    check(
        r##"==================== test session starts ====================
collected 1 item

t.py::test_x[[] FAILED                                 [ 50%]
t.py::test_x[1@2] FAILED                               [100%]

===================== 2 failed in 0.01s =====================
"##,
        expect![[r#"
            t.py::test_x[[] (call, unknown) line 4
            t.py::test_x[1@2] (call, unknown) line 5
        "#]],
    );
}

#[test]
fn headers_that_are_too_long_for_a_narrow_terminal() {
    check(
        r##"========= test session starts ==========
collected 2 items

t.py EE                            [100%]

================ ERRORS ================
____ ERROR at setup of TestA.test_a ____

>   raise KeyError("a")
E   KeyError: 'a'

t.py:3: KeyError
--------- Captured stdout setup --------
out
_ ERROR at setup of TestClass.test_with_a_name _

>   raise KeyError("b")
E   KeyError: 'b'

t.py:6: KeyError
====== short test summary info =======
ERROR t.py::TestA::test_a - KeyErr...
ERROR t.py::TestClass::test_with_a_name
========== 2 errors in 0.01s ===========
"##,
        expect![[r#"
            t.py::TestA::test_a (setup, fixture-error) line 7
              KeyError: 'a'
              at t.py:3
            t.py::TestClass::test_with_a_name (setup, fixture-error) line 15
              KeyError: 'b'
              at t.py:6
        "#]],
    );
}

#[test]
fn a_line_of_tb_line_that_ends_with_a_colon() {
    check(
        r##"FF                                                   [100%]
========================= FAILURES =========================
/repo/t.py:3: ValueError: bad document:
/repo/t.py:6: ValueError: other
================= short test summary info ==================
FAILED t.py::test_yaml - ValueError: bad document:
FAILED t.py::test_other - ValueError: other
2 failed in 0.1s
"##,
        expect![[r#"
            t.py::test_yaml (call, exception) line 3
              ValueError: bad document:
              at /repo/t.py:3
            t.py::test_other (call, exception) line 4
              ValueError: other
              at /repo/t.py:6
        "#]],
    );
}

#[test]
fn the_end_of_a_section_that_the_job_did_not_begin() {
    check(
        "==================== test session starts ====================
collected 2 items

t.py FF                                                [100%]

========================= FAILURES ==========================
__________________________ test_a ___________________________

>   assert 0
E   assert 0

t.py:3: AssertionError
-------------------- Captured stdout call -------------------
section_end:1560896353:build\r\x1b[0K
__________________________ test_b ___________________________

>   assert 1
E   assert 1

t.py:6: AssertionError
================== short test summary info ==================
FAILED t.py::test_a - assert 0
FAILED t.py::test_b - assert 1
===================== 2 failed in 0.01s =====================
",
        expect![[r#"
            t.py::test_a (call, assertion) line 7
              AssertionError: assert 0
              expected a true value, actual 0
              at t.py:3
            t.py::test_b (call, assertion) line 15
              AssertionError: assert 1
              at t.py:6
        "#]],
    );
}

#[test]
fn lines_that_were_picked_out_of_a_report() {
    check(
        r##"==================================== ERRORS ====================================
__________________________ ERROR at setup of test_bad __________________________
FAILED t.py::test_one - assert 1 == 2
ERROR t.py::test_bad - ValueError: bad
"##,
        expect![[r#"
            t.py::test_one (call, assertion) line 3
              AssertionError: assert 1 == 2
              expected 2, actual 1
            t.py::test_bad (setup, fixture-error) line 4
              ValueError: bad
        "#]],
    );
}

#[test]
fn source_and_documents_are_no_crash() {
    check(
        r##"        self.assertRegex(err, b'Fatal Python error: Segmentation fault')
        expected = "Fatal Python error: PyThreadState_Get: "
        regex = r'^Windows fatal exception: access violation'
"##,
        expect![[r#""#]],
    );
}

#[test]
fn a_difference_that_holds_a_report() {
    check(
        r##"+++ b/tests/expected.txt
@@ -0,0 +1,9 @@
+==================== test session starts ====================
+platform linux -- Python 3.13.0, pytest-9.0.3
+========================= FAILURES ==========================
+__________________________ test_a ___________________________
+E   assert 0
+t.py:3: AssertionError
+================== short test summary info ==================
+FAILED t.py::test_a - assert 0
+===================== 1 failed in 0.12s =====================
"##,
        expect![[r#""#]],
    );
}

#[test]
fn a_summary_alone_behind_a_prefix() {
    check(
        r##"web_1  | FE                                                  [100%]
web_1  | ================= short test summary info ==================
web_1  | FAILED t.py::test_a - KeyError: 'a'
web_1  | ERROR t.py::test_b - ValueError: b
web_1  | 1 failed, 1 error in 0.1s
"##,
        expect![[r#"
            t.py::test_a (call, exception) line 3
              KeyError: 'a'
            t.py::test_b (setup, fixture-error) line 4
              ValueError: b
        "#]],
    );
}

#[test]
fn the_end_of_the_open_section_in_a_coloured_message() {
    check(
        "\x1b[0Ksection_start:1560896352:step_script\r\x1b[0K
==================== test session starts ====================
collected 2 items

t.py FF                                                [100%]

========================= FAILURES ==========================
__________________________ test_a ___________________________

\x1b[1m\x1b[31mE   RuntimeError: cut\x1b[0m
\x1b[1m\x1b[31mE   section_end:1560896353:step_script\x1b[0m

t.py:3: RuntimeError
__________________________ test_b ___________________________

E   assert 1

t.py:6: AssertionError
================== short test summary info ==================
FAILED t.py::test_a - RuntimeError: cut
FAILED t.py::test_b - assert 1
===================== 2 failed in 0.01s =====================
\x1b[0Ksection_end:1560896353:step_script\r\x1b[0K\x1b[31;1mERROR: Job failed: exit code 1\x1b[0;m
",
        expect![[r#"
            t.py::test_a (call, exception) line 8
              RuntimeError: cut
                section_end:1560896353:step_script
              at t.py:3
            t.py::test_b (call, assertion) line 14
              AssertionError: assert 1
              at t.py:6
        "#]],
    );
}
