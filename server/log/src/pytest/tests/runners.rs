//! Reports of testtools and trial, and of unittest where another program writes before each line.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
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

const OF_STESTR: &str = r##"
==============================
Failed 3 tests - output below:
==============================

pkg.tests.test_it.A.test_fail
-----------------------------

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):

      File "/repo/pkg/tests/test_it.py", line 6, in test_fail
    self.assertEqual({'a': 1}, {'a': 2}, "differs")

      File "/usr/lib/python3.11/unittest/case.py", line 703, in fail
    raise self.failureException(msg)

    AssertionError: {'a': 1} != {'a': 2}
- {'a': 1}
?       ^

+ {'a': 2}
 : differs


Captured stdout:
~~~~~~~~~~~~~~~~
    to out


setUpClass (pkg.tests.test_it.C)
--------------------------------

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):
      File "/repo/pkg/tests/test_it.py", line 18, in setUpClass
        raise RuntimeError("class setup")
    RuntimeError: class setup


pkg.tests.test_it.X.test_unexpected
-----------------------------------


======
Totals
======
Ran: 8 tests in 0.1312 sec.
 - Passed: 1
 - Failed: 2
"##;

#[test]
fn stestr() {
    let running = r##"{0} pkg.tests.test_it.A.test_ok [0.000082s] ... ok
{1} pkg.tests.test_it.A.test_fail [0.000498s] ... FAILED

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):

      File "/repo/pkg/tests/test_it.py", line 6, in test_fail
    self.assertEqual({'a': 1}, {'a': 2}, "differs")

    AssertionError: {'a': 1} != {'a': 2} : differs

{1} pkg.tests.test_it.A.test_sub [0.000144s] ... FAILED

Captured traceback (i=0):
~~~~~~~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):
  File "/repo/pkg/tests/test_it.py", line 12, in test_sub
    with self.subTest(i=i): self.assertEqual(i, 1)
                            ^^^^^^^^^^^^^^^^^^^^^^
AssertionError: 0 != 1


Captured traceback (i=2):
~~~~~~~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):
  File "/repo/pkg/tests/test_it.py", line 12, in test_sub
    with self.subTest(i=i): self.assertEqual(i, 1)
AssertionError: 2 != 1

{0} pkg.tests.test_it.A.test_skip ... SKIPPED: why
"##;
    check(
        &format!("{running}{OF_STESTR}"),
        expect![[r#"
        pkg.tests.test_it.A.test_fail (call, assertion) line 2
          AssertionError: {'a': 1} != {'a': 2} : differs
          expected {'a': 2}, actual {'a': 1}
          at /repo/pkg/tests/test_it.py:6 test_fail
        pkg.tests.test_it.A.test_sub (call, assertion) line 13
          AssertionError: 0 != 1
          expected 1, actual 0
          at /repo/pkg/tests/test_it.py:12 test_sub
        pkg.tests.test_it.A.test_sub (call, assertion) line 13
          AssertionError: 2 != 1
          expected 1, actual 2
          at /repo/pkg/tests/test_it.py:12 test_sub
        pkg.tests.test_it.C.setUpClass (setup, fixture-error) line 63
          RuntimeError: class setup
          at /repo/pkg/tests/test_it.py:18 setUpClass
        pkg.tests.test_it.X.test_unexpected (call, unknown) line 74
    "#]],
    );
    check(
        OF_STESTR,
        expect![[r#"
        pkg.tests.test_it.A.test_fail (call, assertion) line 6
          AssertionError: {'a': 1} != {'a': 2}
            - {'a': 1}
            ?       ^
            + {'a': 2}
             : differs
          expected {'a': 2}, actual {'a': 1}
          at /repo/pkg/tests/test_it.py:6 test_fail
        pkg.tests.test_it.C.setUpClass (setup, fixture-error) line 32
          RuntimeError: class setup
          at /repo/pkg/tests/test_it.py:18 setUpClass
        pkg.tests.test_it.X.test_unexpected (call, unknown) line 43
    "#]],
    );
}
