//! Reports that are not pytest's own form: plugins that write them otherwise, other test runners, and messages that hold a
//! whole report.

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
fn pytest_instafail_while_it_collects() {
    check(
        r##"==================== test session starts ====================
rootdir: /repo
plugins: instafail-0.5.0
collecting ... _______________ ERROR collecting test_bad.py ________________
test_bad.py:1: in <module>
    import missing
E   ModuleNotFoundError: No module named 'missing'
collected 1 item / 1 error

t.py::test_a FAILED                                    [100%]

================== short test summary info ==================
FAILED t.py::test_a - assert 0
ERROR test_bad.py
================ 1 failed, 1 error in 0.12s =================
"##,
        expect![[r#"
            test_bad.py (collect, collection-error) line 4
              ModuleNotFoundError: No module named 'missing'
              at test_bad.py:1 <module>
            t.py::test_a (call, assertion) line 13
              AssertionError: assert 0
              expected a true value, actual 0
        "#]],
    );
}

#[test]
fn pytest_tldr_with_files_that_it_cannot_collect() {
    check(
        r##"==============================================================================
CRITICAL: tests/test_bad.py
------------------------------------------------------------------------------
ImportError while importing test module '/repo/tests/test_bad.py'.
Traceback:
tests/test_bad.py:1: in <module>
    import missing
E   ModuleNotFoundError: No module named 'missing'
.FE
==============================================================================
ERROR: tests/t.py::test_a
------------------------------------------------------------------------------
Traceback (most recent call last):
  File "/repo/tests/t.py", line 3, in test_a
    raise KeyError("a")
KeyError: 'a'

==============================================================================
ERROR: tests/t.py::test_b
------------------------------------------------------------------------------
file /repo/tests/t.py, line 5
  def test_b(nothing): pass
E       fixture 'nothing' not found
>       available fixtures: tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/repo/tests/t.py:5

------------------------------------------------------------------------------
Ran 2 tests in 0.75s

FAILED (errors=2)
"##,
        expect![[r#"
            tests/test_bad.py (collect, collection-error) line 2
              ModuleNotFoundError: No module named 'missing'
              at tests/test_bad.py:1 <module>
            tests/t.py::test_a (call, exception) line 11
              KeyError: 'a'
              at /repo/tests/t.py:3 test_a
            tests/t.py::test_b (setup, fixture-error) line 19
              FixtureLookupError: fixture 'nothing' not found
              at /repo/tests/t.py:5
        "#]],
    );
}

#[test]
fn headings_of_testtools() {
    check(
        r##"Tests running...
======================================================================
FAIL: pkg.test_a.Case.test_equal
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/repo/pkg/test_a.py", line 6, in test_equal
    self.assertEqual(1, 2)
testtools.matchers._impl.MismatchError: 1 != 2
======================================================================
ERROR: setUpClass (pkg.test_a.Other)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/repo/pkg/test_a.py", line 9, in setUpClass
    raise KeyError("a")
KeyError: 'a'

Ran 2 tests in 0.125s
FAILED (failures=2)
"##,
        expect![[r#"
            pkg.test_a.Case.test_equal (call, assertion) line 3
              testtools.matchers._impl.MismatchError: 1 != 2
              expected 2, actual 1
              at /repo/pkg/test_a.py:6 test_equal
            pkg.test_a.Other.setUpClass (setup, fixture-error) line 10
              KeyError: 'a'
              at /repo/pkg/test_a.py:9 setUpClass
        "#]],
    );
}

#[test]
fn what_a_loader_did_not_find() {
    check(
        r##"EE
======================================================================
ERROR: Nope (unittest.loader._FailedTest.Nope)
----------------------------------------------------------------------
AttributeError: module 'test_a' has no attribute 'Nope'

======================================================================
ERROR: test_b (nose2.loader.ModuleImportFailure.test_b)
----------------------------------------------------------------------
ImportError: Failed to import test module: test_b
Traceback (most recent call last):
  File "/repo/test_b.py", line 1, in <module>
    import missing
ModuleNotFoundError: No module named 'missing'

----------------------------------------------------------------------
Ran 2 tests in 0.001s

FAILED (errors=2)
"##,
        expect![[r#"
            Nope (collect, collection-error) line 3
              AttributeError: module 'test_a' has no attribute 'Nope'
            test_b (collect, collection-error) line 8
              ModuleNotFoundError: No module named 'missing'
              at /repo/test_b.py:1 <module>
        "#]],
    );
}

#[test]
fn a_heading_that_a_test_of_unittest_prints() {
    check(
        r##".FAIL: test_fake (a.B.test_fake)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "x.py", line 1, in <module>
ValueError: printed
FAIL: test_other (a.B.test_other)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "x.py", line 1, in <module>
ValueError: printed
E
======================================================================
ERROR: test_real (a.B.test_real)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/repo/a.py", line 9, in test_real
    raise KeyError("a")
KeyError: 'a'

----------------------------------------------------------------------
Ran 2 tests in 0.001s

FAILED (errors=1)
"##,
        expect![[r#"
            a.B.test_real (call, exception) line 13
              KeyError: 'a'
              at /repo/a.py:9 test_real
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
fn checks_of_pytest_check() {
    check(
        r##"==================== test session starts ====================
collected 2 items

t.py FF                                                [100%]

========================= FAILURES ==========================
__________________________ test_a ___________________________
t.py::test_a:0: check 1 == 2

FAILURE: check 1 == 2
t.py:4 in test_a() -> same(1, 2)
helpers.py:9 in same() -> check.equal(one, other)

FAILURE: check bool(False): not true
------------------------------------------------------------
Failed Checks: 2
__________________________ test_b ___________________________
FAILURE: 
assert [1] == [2]
  At index 0 diff: 1 != 2
  t.py, line 7, in test_b() -> check.equal([1], [2])
------------------------------------------------------------
Failed Checks: 1
================== short test summary info ==================
FAILED t.py::test_a - check 1 == 2
FAILED t.py::test_b
===================== 2 failed in 0.01s =====================
"##,
        expect![[r#"
            t.py::test_a (call, assertion) line 7
              AssertionError: check 1 == 2
              at helpers.py:9 same
            t.py::test_b (call, assertion) line 17
              AssertionError: assert [1] == [2]
                  At index 0 diff: 1 != 2
              expected [2], actual [1]
              at t.py:7 test_b
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

#[test]
fn groups_of_xdist_behind_ids() {
    check(
        r##"==================== test session starts ====================
2 workers [3 items]

FFE                                                    [100%]
=========================== ERRORS ==========================
______________ ERROR at setup of TestG.test_c _______________
[gw0] linux -- Python 3.13.0 /usr/bin/python

>   raise OSError("bad")
E   OSError: bad

t.py:11: OSError
========================= FAILURES ==========================
________________________ test_b[u v] ________________________
[gw1] linux -- Python 3.13.0 /usr/bin/python

>   raise ValueError(x)
E   ValueError: u v

t.py:6: ValueError
__________________________ test_a ___________________________
[gw0] linux -- Python 3.13.0 /usr/bin/python

>   assert 0
E   assert 0

t.py:3: AssertionError
================== short test summary info ==================
FAILED t.py::test_b[u v]@two b - ValueError: u v
FAILED t.py::test_a@one - assert 0
ERROR t.py::TestG::test_c@one - OSError: bad
================ 2 failed, 1 error in 0.12s =================
"##,
        expect![[r#"
            t.py::TestG::test_c@one (setup, fixture-error) line 6
              OSError: bad
              at t.py:11
            t.py::test_b[u v]@two b (call, exception) line 14
              ValueError: u v
              at t.py:6
            t.py::test_a@one (call, assertion) line 21
              AssertionError: assert 0
              expected a true value, actual 0
              at t.py:3
        "#]],
    );
}

#[test]
fn notebooks() {
    check(
        r##"==================== test session starts ====================
collected 2 items

one.ipynb FF                                           [100%]

========================= FAILURES ==========================
______________________ /repo/one.ipynb ______________________
---------------------------------------------------------------------------
f()
---------------------------------------------------------------------------
ZeroDivisionError                         Traceback (most recent call last)
Cell In[3], line 2
      1 def f(): return 1/0
----> 2 f()

ZeroDivisionError: division by zero
_____________________ two.ipynb::Cell 1 _____________________
Notebook cell execution failed
Cell 1: Cell execution caused an exception

Input:
assert x

Traceback:

---------------------------------------------------------------------------
AssertionError                            Traceback (most recent call last)
Cell In[1], line 1
----> 1 assert x

AssertionError:

================== short test summary info ==================
FAILED one.ipynb::one.ipynb - ZeroDivisionError: division by zero
FAILED two.ipynb::Cell 1
===================== 2 failed in 6.60s =====================
"##,
        expect![[r#"
            one.ipynb::one.ipynb (call, exception) line 7
              ZeroDivisionError: division by zero
            two.ipynb::Cell 1 (call, assertion) line 17
              AssertionError: 
        "#]],
    );
}

#[test]
fn what_an_item_of_a_plugin_says_above_its_place() {
    check(
        r##"F                                                      [100%]
========================= FAILURES =========================
_________________ doc.rst line=4 column=1 __________________

Example at /repo/doc.rst, line 4, column 1 did not evaluate as expected:
Expected:
    3
Got:
    2

doc.rst:4: SybilFailure
================= short test summary info ==================
FAILED doc.rst::line:4,column:1
1 failed in 0.1s
"##,
        expect![[r#"
            doc.rst::line:4,column:1 (call, exception) line 3
              SybilFailure: Example at /repo/doc.rst, line 4, column 1 did not evaluate as expected:
                Expected:
                    3
                Got:
                    2
              at doc.rst:4
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

/// unittest's report as another program shows it.
fn behind(prefix: impl Fn(usize) -> String, before: &str) -> String {
    let report = "test_one (a.T.test_one) ... ERROR

======================================================================
ERROR: test_one (a.T.test_one)
----------------------------------------------------------------------
Traceback (most recent call last):
  File \"/repo/a.py\", line 4, in test_one
    raise KeyError(\"k\")
KeyError: 'k'

----------------------------------------------------------------------
Ran 1 test in 0.002s

FAILED (errors=1)
";
    let lines = before.lines().chain(report.lines()).enumerate();
    lines
        .map(|(idx, line)| format!("{}{line}\n", prefix(idx)))
        .collect()
}

#[test]
fn unittest_behind_the_prefix_of_another_program() {
    let session = "\
==================== test session starts ====================
platform linux -- Python 3.13.0, pytest-9.0.3
collected 1 item

t.py .                                                 [100%]

===================== 1 passed in 0.12s =====================
";
    let expected =
        "a.T.test_one (call, exception) line N\n  KeyError: 'k'\n  at /repo/a.py:4 test_one\n";
    for before in ["", session] {
        let compose = shown(&behind(|_| "web_1  | ".to_owned(), before));
        let docker = shown(&behind(|idx| format!("#12 {idx}.345 "), before));
        let line = if before.is_empty() {
            "line 4"
        } else {
            "line 11"
        };
        for found in [compose, docker] {
            assert_eq!(found.replace(line, "line N"), expected);
        }
    }
}

#[test]
fn trial_behind_the_prefix_of_another_program() {
    let report = "\
===============================================================================
[FAIL]
Traceback (most recent call last):
  File \"/repo/a.py\", line 12, in test_one
    assert 1 == 2
builtins.AssertionError: one

a.T.test_one
-------------------------------------------------------------------------------
Ran 1 test in 0.131s

FAILED (failures=1)
";
    let prefixed = report.lines().map(|line| format!("web_1  | {line}\n"));
    assert_eq!(
        shown(&prefixed.collect::<String>()),
        "a.T.test_one (call, assertion) line 2\n  AssertionError: one\n  at /repo/a.py:12 test_one\n"
    );
}

#[test]
fn a_printed_traceback_behind_counting_prefixes() {
    let printed = "\
Traceback (most recent call last):
  File \"x.py\", line 1, in <module>
ValueError: printed
";
    let found = shown(&behind(|idx| format!("#12 {idx}.345 "), printed));
    assert_eq!(
        found,
        "a.T.test_one (call, exception) line 7\n  KeyError: 'k'\n  at /repo/a.py:4 test_one\n"
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

#[test]
fn trial() {
    check(
        r##"a
  T
    test_one ...                                                         [FAIL]
    test_todo ...                                                        [TODO]
    test_two ...                                                        [ERROR]
    test_three ...                                                      [ERROR]

===============================================================================
[TODO]
Reason: 'later'
Traceback (most recent call last):
  File "/repo/a.py", line 9, in test_todo
    self.fail("todo")
twisted.trial.unittest.FailTest: todo

a.T.test_todo
===============================================================================
[FAIL]
Traceback (most recent call last):
  File "/repo/a.py", line 12, in test_one
    self.assertEqual(1, 2)
  File "/usr/lib/python3/site-packages/twisted/trial/_synctest.py", line 433, in assertEqual
    super().assertEqual(first, second, msg)
twisted.trial.unittest.FailTest: 1 != 2

a.T.test_one
===============================================================================
[ERROR]
Traceback (most recent call last):
  File "/repo/b.py", line 4, in helper
    raise KeyError("k")
builtins.KeyError: 'k'

a.T.test_two
a.T.test_three
===============================================================================
[ERROR]
Traceback (most recent call last):
Failure: twisted.internet.defer.TimeoutError: still running at 0.1 secs

a.T.test_four
-------------------------------------------------------------------------------
Ran 5 tests in 0.131s

FAILED (expectedFailures=1, failures=1, errors=3)
"##,
        expect![[r#"
            a.T.test_one (call, assertion) line 18
              twisted.trial.unittest.FailTest: 1 != 2
              expected 2, actual 1
              at /repo/a.py:12 test_one
            a.T.test_two (call, exception) line 28
              KeyError: 'k'
              at /repo/b.py:4 helper
            a.T.test_three (call, exception) line 28
              KeyError: 'k'
              at /repo/b.py:4 helper
            a.T.test_four (call, exception) line 37
              twisted.internet.defer.TimeoutError: still running at 0.1 secs
        "#]],
    );
}
