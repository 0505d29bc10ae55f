//! Reports of pytest's plugins that are not in its own form.

use expect_test::{Expect, expect};

use super::{read, shown};

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

/// What the session's totals are, and their text.
#[track_caller]
fn check_totals(text: &str, expected: Expect) {
    let sessions = read(text.as_bytes()).0;
    let told = sessions.iter().map(|it| {
        let summary = it.summary.as_ref().map(|it| (it.text.as_str(), it.line));
        format!("{summary:?} {:?}\n", it.totals)
    });
    expected.assert_eq(&told.collect::<String>());
}

/// pytest-sugar 1.1.1: where a test has no section, `FAILED` stands before files too, and only the totals tell them apart.
#[test]
fn pytest_sugar_has_a_line_for_each_count() {
    let log = r##"Test session starts (platform: linux, Python 3.11.7, pytest 9.2.0, pytest-sugar 1.1.1)
rootdir: /repo
collected 2 items / 1 error

 tests/test_a.py ✓                                  50% ▍
/repo/tests/test_a.py:10: AssertionError: bf16

 tests/test_a.py ⨯                                 100% ▊
=========================== short test summary info ============================
FAILED tests/test_a.py::test_b - AssertionError: bf16
FAILED tests/test_broken.py

Results (0.40s):
       1 passed
       1 failed
         - tests/test_a.py:5 test_b
       1 error
Error: Process completed with exit code 1.
"##;
    check_totals(
        log,
        expect![[r#"
            Some(("1 passed, 1 failed, 1 error", 14)) [("passed", 1), ("failed", 1), ("error", 1)]
        "#]],
    );
    check(
        log,
        expect![[r#"
            tests/test_a.py::test_b (call, assertion) line 10
              AssertionError: bf16
            tests/test_broken.py (collect, collection-error) line 11
        "#]],
    );
}

/// Below the last failure's section, below warnings, and where all tests pass.
#[test]
fn pytest_pretty_has_a_line_for_each_count() {
    let start = "============================= test session starts ==============================\n\
                 rootdir: /repo\ncollected 1 item\n\ntests/test_a.py";
    let failed = ".F\n\n=================================== FAILURES ===================================\n\
                  ____________________________________ test_a ____________________________________\n\n\
                  >   assert 0\nE   assert 0\n\ntests/test_a.py:2: AssertionError\n";
    let warned = "=============================== warnings summary ===============================\n\
                  tests/test_a.py::test_a\n  w\n";
    let end = "Results (0.29s):\n         1 passed\n";
    let pairs = [
        (format!("{start} .\n{end}"), false),
        (format!("{start} .\n{warned}{end}"), false),
        (format!("{start} {failed}{end}         1 failed\n"), true),
        (
            format!("{start} {failed}{warned}{end}         1 failed\n"),
            true,
        ),
    ];
    for (log, fails) in pairs {
        let (sessions, failures) = read(log.as_bytes());
        let totals = sessions[0].summary.as_ref().map(|it| it.text.as_str());
        let expected = if fails {
            "1 passed, 1 failed"
        } else {
            "1 passed"
        };
        assert_eq!(totals, Some(expected), "{log}");
        assert_eq!(failures.len(), usize::from(fails), "{log}");
    }
}

/// Words that a test printed are no totals.
#[test]
fn results_that_a_test_printed_end_nothing() {
    check_totals(
        "\
============================= test session starts ==============================
rootdir: /repo
collected 1 item

tests/test_a.py F
=================================== FAILURES ===================================
____________________________________ test_a ____________________________________

>   assert 0
E   assert 0

tests/test_a.py:2: AssertionError
----------------------------- Captured stdout call -----------------------------
Results (0.29s):
         7 passed
=========================== short test summary info ============================
FAILED tests/test_a.py::test_a - assert 0
============================== 1 failed in 0.12s ===============================
",
        expect![[r#"
            Some(("1 failed in 0.12s", 18)) [("failed", 1)]
        "#]],
    );
}
