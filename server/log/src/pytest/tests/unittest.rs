//! unittest's own report. The texts are real.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn unittest_of_3_13() {
    check(
        r##"E.FFE.uFE
======================================================================
ERROR: setUpClass (pkg.test_u.Bad)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 67, in setUpClass
    raise RuntimeError("no class")
RuntimeError: no class

======================================================================
ERROR: tearDownClass (pkg.test_u.BadEnd)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 76, in tearDownClass
    raise RuntimeError("no end")
RuntimeError: no end

======================================================================
ERROR: test_deep (pkg.test_u.Case.test_deep)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 33, in test_deep
    f()
    ~^^
  File "/home/u/p/pkg/test_u.py", line 32, in f
    f()
    ~^^
  File "/home/u/p/pkg/test_u.py", line 32, in f
    f()
    ~^^
  File "/home/u/p/pkg/test_u.py", line 32, in f
    f()
    ~^^
  [Previous line repeated 981 more times]
RecursionError: maximum recursion depth exceeded

======================================================================
ERROR: test_err (pkg.test_u.Case.test_err)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 17, in test_err
    {}["x"]
    ~~^^^^^
KeyError: 'x'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 19, in test_err
    raise ValueError("wrong\nand more\n\nlast") from e
ValueError: wrong
and more

last

======================================================================
ERROR: test_sub2 (pkg.test_u.Case.test_sub2) (i=1, s='a (b)')
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 28, in test_sub2
    raise RuntimeError("x")
RuntimeError: x

======================================================================
FAIL: test_eq (pkg.test_u.Case.test_eq)
Compares two sums.
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 10, in test_eq
    self.assertEqual({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3]})
    ~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
AssertionError: {'a': 1, 'b': [1, 2]} != {'a': 1, 'b': [1, 3]}
- {'a': 1, 'b': [1, 2]}
?                   ^

+ {'a': 1, 'b': [1, 3]}
?                   ^


======================================================================
FAIL: test_multi (pkg.test_u.Case.test_multi)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 13, in test_multi
    self.assertEqual("one\ntwo\n", "one\nthree\n", "with a message")
    ~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
AssertionError: 'one\ntwo\n' != 'one\nthree\n'
  one
- two
+ three
 : with a message

======================================================================
FAIL: test_sub (pkg.test_u.Case.test_sub) [some msg] (i=0)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 24, in test_sub
    self.assertEqual(i, 1)
    ~~~~~~~~~~~~~~~~^^^^^^
AssertionError: 0 != 1

======================================================================
FAIL: test_sub (pkg.test_u.Case.test_sub) [some msg] (i=2)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 24, in test_sub
    self.assertEqual(i, 1)
    ~~~~~~~~~~~~~~~~^^^^^^
AssertionError: 2 != 1

======================================================================
UNEXPECTED SUCCESS: test_xp (pkg.test_u.Case.test_xp)
----------------------------------------------------------------------
Ran 13 tests in 0.032s

FAILED (failures=6, errors=7)
"##,
        expect![[r#"
            pkg.test_u.Bad.setUpClass (setup, fixture-error) line 3
              RuntimeError: no class
              at /home/u/p/pkg/test_u.py:67 setUpClass
            pkg.test_u.BadEnd.tearDownClass (teardown, fixture-error) line 11
              RuntimeError: no end
              at /home/u/p/pkg/test_u.py:76 tearDownClass
            pkg.test_u.Case.test_deep (call, exception) line 19
              RecursionError: maximum recursion depth exceeded
              at /home/u/p/pkg/test_u.py:32 f
            pkg.test_u.Case.test_err (call, exception) line 38
              from KeyError: 'x'
              ValueError: wrong
                and more
                last
              at /home/u/p/pkg/test_u.py:19 test_err
            pkg.test_u.Case.test_sub2 (call, exception) line 57
              RuntimeError: x
              at /home/u/p/pkg/test_u.py:28 test_sub2
            pkg.test_u.Case.test_eq (call, assertion) line 65
              AssertionError: {'a': 1, 'b': [1, 2]} != {'a': 1, 'b': [1, 3]}
                - {'a': 1, 'b': [1, 2]}
                ?                   ^
                + {'a': 1, 'b': [1, 3]}
                ?                   ^
              expected {'a': 1, 'b': [1, 3]}, actual {'a': 1, 'b': [1, 2]}
              at /home/u/p/pkg/test_u.py:10 test_eq
            pkg.test_u.Case.test_multi (call, assertion) line 81
              AssertionError: 'one\ntwo\n' != 'one\nthree\n'
                  one
                - two
                + three
                 : with a message
              expected 'one\nthree\n', actual 'one\ntwo\n'
              at /home/u/p/pkg/test_u.py:13 test_multi
            pkg.test_u.Case.test_sub (call, assertion) line 94
              AssertionError: 0 != 1
              expected 1, actual 0
              at /home/u/p/pkg/test_u.py:24 test_sub
            pkg.test_u.Case.test_sub (call, assertion) line 103
              AssertionError: 2 != 1
              expected 1, actual 2
              at /home/u/p/pkg/test_u.py:24 test_sub
            pkg.test_u.Case.test_xp (call, unknown) line 112
              : unexpected success
        "#]],
    );
}

#[test]
fn unittest_of_3_8() {
    check(
        r##"FE
======================================================================
ERROR: setUpModule (pkg.test_mod)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_mod.py", line 3, in setUpModule
    assert 1 == 2, "module"
AssertionError: module

======================================================================
FAIL: test_eq (pkg.test_u.Case)
Compares two sums.
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_u.py", line 10, in test_eq
    self.assertEqual(1, 2)
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 1 test in 0.000s

FAILED (failures=1, errors=1)
"##,
        expect![[r#"
            pkg.test_mod.setUpModule (setup, fixture-error) line 3
              AssertionError: module
              at /home/u/p/pkg/test_mod.py:3 setUpModule
            pkg.test_u.Case.test_eq (call, assertion) line 11
              AssertionError: 1 != 2
              expected 2, actual 1
              at /home/u/p/pkg/test_u.py:10 test_eq
        "#]],
    );
}

#[test]
fn unittest_module_not_imported() {
    check(
        r##"E
======================================================================
ERROR: test_imp (unittest.loader._FailedTest.test_imp)
----------------------------------------------------------------------
ImportError: Failed to import test module: test_imp
Traceback (most recent call last):
  File "/usr/lib/python3.13/unittest/loader.py", line 137, in loadTestsFromName
    module = __import__(module_name)
  File "/home/u/p/pkg/test_imp.py", line 1, in <module>
    import nothing_here
ModuleNotFoundError: No module named 'nothing_here'


----------------------------------------------------------------------
Ran 1 test in 0.000s

FAILED (errors=1)
"##,
        expect![[r#"
            test_imp (collect, collection-error) line 3
              ModuleNotFoundError: No module named 'nothing_here'
              at /home/u/p/pkg/test_imp.py:1 <module>
        "#]],
    );
}

#[test]
fn unittest_with_exception_group() {
    check(
        r##"EE
======================================================================
ERROR: test_g (pkg.test_grp.G.test_g)
----------------------------------------------------------------------
  + Exception Group Traceback (most recent call last):
  |   File "/home/u/p/pkg/test_grp.py", line 6, in test_g
  |     raise e
  | ExceptionGroup: many (2 sub-exceptions)
  | a note
  +-+---------------- 1 ----------------
    | ValueError: one
    +---------------- 2 ----------------
    | ExceptionGroup: in (1 sub-exception)
    +-+---------------- 1 ----------------
      | TypeError: two
      +------------------------------------

======================================================================
ERROR: test_note (pkg.test_grp.G.test_note)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/pkg/test_grp.py", line 11, in test_note
    raise e
ValueError: with
note one
note two

----------------------------------------------------------------------
Ran 2 tests in 0.001s

FAILED (errors=2)
"##,
        expect![[r#"
            pkg.test_grp.G.test_g (call, exception) line 3
              ExceptionGroup: many (2 sub-exceptions)
                a note
              at /home/u/p/pkg/test_grp.py:6 test_g
            pkg.test_grp.G.test_note (call, exception) line 19
              ValueError: with
                note one
                note two
              at /home/u/p/pkg/test_grp.py:11 test_note
        "#]],
    );
}

#[test]
fn unittest_buffer_and_doctest() {
    check(
        r##"F
Stdout:
hello there

Stderr:
err
F
======================================================================
FAIL: test_b (doct.B.test_b) [only msg]
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/u/p/doct.py", line 13, in test_b
    self.assertEqual(1, 2)
AssertionError: 1 != 2

Stdout:
hello there

Stderr:
err

======================================================================
FAIL: doct ()
Doctest: doct
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/usr/lib/python3.11/doctest.py", line 2241, in runTest
    raise self.failureException(self.format_failure(new.getvalue()))
AssertionError: Failed doctest test for doct
  File "/home/u/p/doct.py", line 0, in doct

----------------------------------------------------------------------
File "/home/u/p/doct.py", line 2, in doct
Failed example:
    1 + 1
Expected:
    3
Got:
    2


----------------------------------------------------------------------
Ran 2 tests in 0.005s

FAILED (failures=2)
"##,
        expect![[r#"
            doct.B.test_b (call, assertion) line 9
              AssertionError: 1 != 2
              expected 2, actual 1
              at /home/u/p/doct.py:13 test_b
              Stdout
              Stderr
            doct (call, assertion) line 23
              AssertionError: Failed doctest test for doct
                  File "/home/u/p/doct.py", line 0, in doct
                ----------------------------------------------------------------------
                File "/home/u/p/doct.py", line 2, in doct
                Failed example:
                    1 + 1
                Expected:
                    3
                Got:
                    2
              at /home/u/p/doct.py:2 doct
        "#]],
    );
}

/// As testtools hands it on where nothing is attached.
#[test]
fn a_traceback_behind_the_type_of_its_framework() {
    check(
        r##"============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.6.0
rootdir: /home/u/p
collected 1 item

tests/test_a.py F                                                        [100%]

=================================== FAILURES ===================================
____________________________ TestLookupAndFind.test ____________________________
'NoneType' object is not iterable

During handling of the above exception, another exception occurred:
NOTE: Incompatible Exception Representation, displaying natively:

testtools.testresult.real._StringException: Traceback (most recent call last):
  File "/home/u/p/tests/test_a.py", line 35, in test
    cmd, name, remaining = mgr.find_command(self.argv)
                                            ^^^^^^^^^
AttributeError: 'TestLookupAndFind' object has no attribute 'argv'


=========================== short test summary info ============================
FAILED tests/test_a.py::TestLookupAndFind::test - Failed: NOTE: Incompatible ...
============================== 1 failed in 0.10s ===============================
"##,
        expect![[r#"
            tests/test_a.py::TestLookupAndFind::test (call, exception) line 9
              AttributeError: 'TestLookupAndFind' object has no attribute 'argv'
              at /home/u/p/tests/test_a.py:35 test
        "#]],
    );
}
