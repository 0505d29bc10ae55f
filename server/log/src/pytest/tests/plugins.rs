//! Reports of pytest's plugins that are not in its own form.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
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
fn items_in_collectors_of_a_plugin() {
    check(
        r##"=================================== FAILURES ===================================
___________________________________ adds_one ___________________________________

>   def adds_one(): assert [1] == [1, 2]
E   assert [1] == [1, 2]

test_desc.py:3: AssertionError
__________________________________ takes_one ___________________________________

>   def takes_one(): {}["k"]
E   KeyError: 'k'

test_desc.py:4: KeyError
=========================== short test summary info ============================
FAILED test_desc.py::describe_list::describe_append::adds_one - assert [1] ==...
FAILED test_desc.py::describe_list::takes_one - KeyError: 'k'
2 failed in 0.04s
"##,
        expect![[r#"
            test_desc.py::describe_list::describe_append::adds_one (call, assertion) line 2
              AssertionError: assert [1] == [1, 2]
              expected [1, 2], actual [1]
              at test_desc.py:3
            test_desc.py::describe_list::takes_one (call, exception) line 8
              KeyError: 'k'
              at test_desc.py:4
        "#]],
    );
}
