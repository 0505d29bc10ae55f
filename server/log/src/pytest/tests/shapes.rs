//! Small outputs of pytest, one for each shape, and what is read of them. The texts are real, with frames of pytest itself
//! and of plugins cut.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn group_with_a_cause() {
    check(
        r##"F                                                    [100%]
========================= FAILURES =========================
__________________________ test_g __________________________

    def test_g():
        try:
>           {}["base"]
E           KeyError: 'base'

test_group.py:3: KeyError

The above exception was the direct cause of the following exception:
Traceback (most recent call last):
  File "/home/u/p/test_group.py", line 3, in test_g
    {}["base"]
    ~~^^^^^^^^
KeyError: 'base'

The above exception was the direct cause of the following exception:

  + Exception Group Traceback (most recent call last):
  |   File "/home/u/p/test_group.py", line 5, in test_g
  |     raise ExceptionGroup("many", [ValueError("one")]) from e
  | ExceptionGroup: many (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: one
    +------------------------------------
================= short test summary info ==================
FAILED test_group.py::test_g - ValueError('one') [single ...
1 failed in 0.03s
"##,
        expect![[r#"
            test_group.py::test_g (call, exception) line 3
              from KeyError: 'base'
              ExceptionGroup: many (1 sub-exception)
              at /home/u/p/test_group.py:5 test_g
        "#]],
    );
}

#[test]
fn error_of_teardown_without_sections() {
    check(
        r##"=================== test session starts ====================
collecting ... collected 1 item

test_td.py::test_t FAILED                            [100%]
test_td.py::test_t ERROR                             [100%]

================= short test summary info ==================
FAILED test_td.py::test_t - assert not [0]
ERROR test_td.py::test_t - OSError: down
================ 1 failed, 1 error in 0.01s ================
"##,
        expect![[r#"
            test_td.py::test_t (call, assertion) line 8
              AssertionError: assert not [0]
              expected a false value, actual [0]
            test_td.py::test_t (teardown, fixture-error) line 9
              OSError: down
        "#]],
    );
}

#[test]
fn one_line_each_of_pytest_8() {
    check(
        r##"FF                                                   [100%]
========================= FAILURES =========================
/home/u/p/test_line.py:2: test_line.weird: no suffix: here
/home/u/p/test_line.py:3: assert 1 == 2
================= short test summary info ==================
FAILED test_line.py::test_a - test_line.weird: no suffix:...
FAILED test_line.py::test_b - assert 1 == 2
2 failed in 0.01s
"##,
        expect![[r#"
            test_line.py::test_a (call, exception) line 3
              test_line.weird: no suffix: here
              at /home/u/p/test_line.py:2
            test_line.py::test_b (call, assertion) line 4
              AssertionError: assert 1 == 2
              expected 2, actual 1
              at /home/u/p/test_line.py:3
        "#]],
    );
}

#[test]
fn one_line_each_of_pytest_9() {
    check(
        r##"FF                                                   [100%]
========================= FAILURES =========================
E   test_line.weird: no suffix: here
/home/u/p/test_line.py:2: test_line.weird: no suffix: here
E   assert 1 == 2
     +  where 1 = len([1])
/home/u/p/test_line.py:3: assert 1 == 2
================= short test summary info ==================
FAILED test_line.py::test_a - test_line.weird: no suffix:...
FAILED test_line.py::test_b - assert 1 == 2
2 failed in 0.01s
"##,
        expect![[r#"
            test_line.py::test_a (call, exception) line 4
              test_line.weird: no suffix: here
              at /home/u/p/test_line.py:2
            test_line.py::test_b (call, assertion) line 7
              AssertionError: assert 1 == 2
              expected 2, actual 1
              at /home/u/p/test_line.py:3
        "#]],
    );
}

#[test]
fn native() {
    check(
        r##"FF                                                   [100%]
========================= FAILURES =========================
__________________________ test_a __________________________
Traceback (most recent call last):
  File "/home/u/p/test_line.py", line 2, in test_a
    def test_a(): raise weird("no suffix: here")
                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
test_line.weird: no suffix: here
__________________________ test_b __________________________
Traceback (most recent call last):
  File "/home/u/p/test_line.py", line 3, in test_b
    def test_b(): assert len([1]) == 2
                  ^^^^^^^^^^^^^^^^^^^^
AssertionError: assert 1 == 2
 +  where 1 = len([1])
================= short test summary info ==================
FAILED test_line.py::test_a - test_line.weird: no suffix:...
FAILED test_line.py::test_b - assert 1 == 2
2 failed in 0.01s
"##,
        expect![[r#"
            test_line.py::test_a (call, exception) line 3
              test_line.weird: no suffix: here
              at /home/u/p/test_line.py:2 test_a
            test_line.py::test_b (call, assertion) line 9
              AssertionError: assert 1 == 2
                 +  where 1 = len([1])
              expected 2, actual 1
              at /home/u/p/test_line.py:3 test_b
        "#]],
    );
}

#[test]
fn crashed_worker() {
    check(
        r##"=================== test session starts ====================
created: 1/1 worker
1 worker [2 items]

.Fatal Python error: Aborted

Thread 0x00007f465bfff6c0 (most recent call first):

Current thread 0x00007f465d269b80 (most recent call first):
  File "/home/u/p/test_crash.py", line 3 in test_abort
  File "<string>", line 8 in <module>
  File "<string>", line 1 in <module>
[gw0] node down: Not properly terminated
F
replacing crashed worker gw0
                                                     [100%]
========================= FAILURES =========================
______________________ test_crash.py _______________________
[gw0] linux -- Python 3.11.7 /venv/bin/python
worker 'gw0' crashed while running 'test_crash.py::test_abort'
================= short test summary info ==================
FAILED test_crash.py::test_abort
=============== 1 failed, 1 passed in 0.88s ================
"##,
        expect![[r#"
            test_crash.py::test_abort (call, crash) line 18
              : worker 'gw0' crashed while running 'test_crash.py::test_abort'
              at /home/u/p/test_crash.py:3 test_abort
        "#]],
    );
}

#[test]
fn without_traceback() {
    check(
        r##"FE                                                   [100%]
========================== ERRORS ==========================
_________________ ERROR at setup of test_m _________________
file /home/u/p/test_fail.py, line 3
  def test_m(nothing): pass
E       fixture 'nothing' not found
>       available fixtures: capfd, capfdbinary, caplog, capsys, capsysbinary, doctest_namespace, monkeypatch, pytestconfig, record_property, record_testsuite_property, record_xml_attribute, recwarn, subtests, testrun_uid, tmp_path, tmp_path_factory, tmpdir, tmpdir_factory, worker_id
>       use 'pytest --fixtures [testpath]' for help on them.

/home/u/p/test_fail.py:3
========================= FAILURES =========================
__________________________ test_f __________________________
on purpose
================= short test summary info ==================
FAILED test_fail.py::test_f - Failed: on purpose
ERROR test_fail.py::test_m
1 failed, 1 error in 0.02s
"##,
        expect![[r#"
            test_fail.py::test_m (setup, fixture-error) line 3
              FixtureLookupError: fixture 'nothing' not found
              at /home/u/p/test_fail.py:3
            test_fail.py::test_f (call, assertion) line 12
              Failed: on purpose
        "#]],
    );
}

#[test]
fn timeout_thread() {
    check(
        r##"=================== test session starts ====================
collecting ... collected 1 item

test_slow.py::test_slow +++++++++++++++++++++++++ Timeout ++++++++++++++++++++++++++
~~~~~ Stack of Thread-1 (run_server) (140019738080960) ~~~~~
  File "/usr/lib/python3.11/threading.py", line 1002, in _bootstrap
    self._bootstrap_inner()
  File "/usr/lib/python3.11/threading.py", line 1045, in _bootstrap_inner
    self.run()
  File "/usr/lib/python3.11/threading.py", line 982, in run
    self._target(*self._args, **self._kwargs)
  File "/venv/lib/python3.11/site-packages/pytest_rerunfailures.py", line 921, in run_server
    conn, _ = self.sock.accept()
  File "/usr/lib/python3.11/socket.py", line 294, in accept
    fd, addr = self._accept()
~~~~~~~~~~ Stack of MainThread (140019772013440) ~~~~~~~~~~~
  File "/home/u/p/test_slow.py", line 2, in test_slow
    def test_slow(): time.sleep(9)
+++++++++++++++++++++++++ Timeout ++++++++++++++++++++++++++
"##,
        expect![[r#"
            test_slow.py::test_slow (call, timeout) line 4
              at /home/u/p/test_slow.py:2 test_slow
        "#]],
    );
}

#[test]
fn syntax_error() {
    check(
        r##"========================== ERRORS ==========================
___________ ERROR collecting bad/test_syntax.py ____________
/usr/lib/python3.11/ast.py:50: in parse
    return compile(source, filename, mode, flags,
E     File "/home/u/p/bad/test_syntax.py", line 1
E       def test_a(:
E                  ^
E   SyntaxError: invalid syntax
================= short test summary info ==================
ERROR bad/test_syntax.py
!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!
1 error in 0.31s
"##,
        expect![[r#"
            bad/test_syntax.py (collect, collection-error) line 2
              SyntaxError: invalid syntax
              at /home/u/p/bad/test_syntax.py:1
        "#]],
    );
}

#[test]
fn wrong_option() {
    check(
        r##"ERROR: usage: __main__.py [options] [file_or_dir] [file_or_dir] [...]
__main__.py: error: unrecognized arguments: --no-such
  inifile: None
  rootdir: /home/u/p
"##,
        expect![[r#"
            - (call, internal-error) line 2
              UsageError: unrecognized arguments: --no-such
        "#]],
    );
}

#[test]
fn sessions_one_after_another_are_all_read() {
    check(
        r##"=================== test session starts ====================
collected 3 items

test_a.py::test_killed =================== test session starts ====================
collected 1 item

test_b.py F

========================= FAILURES =========================
__________________________ test_b __________________________
E   ValueError: second
================= short test summary info ==================
FAILED test_b.py::test_b - ValueError: second
==================== 1 failed in 0.01s =====================
=================== test session starts ====================
collected 1 item

test_c.py .

==================== 1 passed in 0.01s =====================
"##,
        expect![[r#"
            test_b.py::test_b (call, exception) line 10
              ValueError: second
        "#]],
    );
}

#[test]
fn passing_tests_may_print_anything() {
    check(
        r##"=================== test session starts ====================
collected 2 items

test_p.py::test_prints FAILED test_p.py::test_prints - ValueError: x
ERROR test_p.py::test_other - nope
E   AssertionError: x
test_p.py:3: ValueError
=== FAILURES ===
========================= FAILURES =========================
_______________________ test_prints ________________________
E   ValueError: printed
=== 3 failed, 1 passed in 0.2s ===
INTERNALERROR> nope
Fatal Python error: not really
PASSED
test_p.py::test_tb Traceback (most recent call last):
  File "test_p.py", line 13, in test_tb
    1 / 0
ZeroDivisionError: division by zero
PASSED
test_p.py::test_unit F
======================================================================
FAIL: test_q (__main__.T.test_q)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "<string>", line 3, in test_q
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 1 test in 0.006s

FAILED (failures=1)
PASSED

==================== 3 passed in 1.72s =====================
"##,
        expect![[""]],
    );
}

#[test]
fn group_that_is_a_cause() {
    check(
        r##"========================= FAILURES =========================
__________________________ test_c __________________________
  + Exception Group Traceback (most recent call last):
  |   File "/home/u/p/test_x.py", line 225, in test_c
  |     raise ExceptionGroup("g", [ValueError("one")])
  | ExceptionGroup: g (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: one
    +------------------------------------

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/home/u/p/test_x.py", line 227, in test_c
    raise RuntimeError("outside") from e
RuntimeError: outside

The above exception was the direct cause of the following exception:
test_x.py:227: in test_c
    raise RuntimeError("outside") from e
E   RuntimeError: outside
================= short test summary info ==================
FAILED test_x.py::test_c - RuntimeError: outside
1 failed in 0.01s
"##,
        expect![[r#"
            test_x.py::test_c (call, exception) line 2
              from ExceptionGroup: g (1 sub-exception)
              RuntimeError: outside
              at test_x.py:227 test_c
        "#]],
    );
}

#[test]
fn ids_with_a_dash_behind_a_bracket() {
    check(
        r##"=================== test session starts ====================
test_ids.py::test_p[x - y] - z] FAILED
test_ids.py::test_q[x - y] - z] FAILED

================= short test summary info ==================
FAILED test_ids.py::test_p[x - y] - z] - AssertionError: no
FAILED test_ids.py::test_q[x - y] - z]
==================== 2 failed in 0.01s =====================
"##,
        expect![[r#"
            test_ids.py::test_p[x - y] - z] (call, assertion) line 6
              AssertionError: no
            test_ids.py::test_q[x - y] - z] (call, unknown) line 7
        "#]],
    );
}

#[test]
fn test_that_ends_its_forked_process() {
    check(
        r##"========================= FAILURES =========================
__________________________ test_e __________________________
:-1: running the test EXITED with status 7
================= short test summary info ==================
FAILED test_exit.py::test_e
1 failed in 0.01s
"##,
        expect![[r#"
            test_exit.py::test_e (call, crash) line 2
              Failed: :-1: running the test EXITED with status 7
        "#]],
    );
}
