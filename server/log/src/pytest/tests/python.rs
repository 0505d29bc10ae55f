//! Python's tracebacks outside pytest. The texts are real.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn heading_of_another_program() {
    check(
        r##"ERROR: No matching distribution found for alpha (from beta)
============================= test session starts ==============================
collected 1 item

test_a.py F                                                              [100%]

=================================== FAILURES ===================================
____________________________________ test_a ____________________________________
test_a.py:2: in test_a
    assert 1 == 2
E   assert 1 == 2
=========================== short test summary info ============================
FAILED test_a.py::test_a - assert 1 == 2
============================== 1 failed in 0.01s ===============================
"##,
        expect![[r#"
            test_a.py::test_a (call, assertion) line 8
              AssertionError: assert 1 == 2
              expected 2, actual 1
              at test_a.py:2 test_a
        "#]],
    );
}

#[test]
fn chain() {
    check(
        r##"Traceback (most recent call last):
  File "/home/u/p/t_chain.py", line 5, in b
    a()
    ~^^
  File "/home/u/p/t_chain.py", line 2, in a
    return {}["k"]
           ~~^^^^^
KeyError: 'k'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/home/u/p/t_chain.py", line 9, in <module>
    b()
    ~^^
  File "/home/u/p/t_chain.py", line 7, in b
    raise ValueError("second: thing")
ValueError: second: thing

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/home/u/p/t_chain.py", line 11, in <module>
    raise RuntimeError("third\nline two") from e
RuntimeError: third
line two
"##,
        expect![[r#"
            - (call, traceback) line 1
              during KeyError: 'k'
              from ValueError: second: thing
              RuntimeError: third
              at /home/u/p/t_chain.py:11 <module>
        "#]],
    );
}

#[test]
fn chain_behind_a_message_of_two_lines() {
    check(
        r##"Traceback (most recent call last):
  File "/home/u/p/a.py", line 2, in f
    raise KeyError("one")
KeyError: 'one'
it goes on

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/home/u/p/a.py", line 4, in <module>
    raise ValueError("two")
ValueError: two
"##,
        expect![[r#"
            - (call, traceback) line 1
              during KeyError: 'one'
              ValueError: two
              at /home/u/p/a.py:4 <module>
        "#]],
    );
}

#[test]
fn exception_group_of_a_program() {
    check(
        r##"  + Exception Group Traceback (most recent call last):
  |   File "/home/u/p/t_group.py", line 12, in <module>
  |     main()
  |     ~~~~^^
  |   File "/home/u/p/t_group.py", line 11, in main
  |     raise ExceptionGroup("many", l)
  | ExceptionGroup: many (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/home/u/p/t_group.py", line 6, in main
    |     f()
    |     ~^^
    |   File "/home/u/p/t_group.py", line 2, in f
    |     raise TypeError("two")
    | TypeError: two
    +---------------- 2 ----------------
    | ValueError: one
    | noted
    +------------------------------------
Error: Process completed with exit code 1.
"##,
        expect![[r#"
            - (call, traceback) line 1
              ExceptionGroup: many (2 sub-exceptions)
              at /home/u/p/t_group.py:11 main
        "#]],
    );
}

#[test]
fn script_that_cannot_be_compiled() {
    check(
        r##"  File "/home/u/p/t_ind.py", line 2
    y = 2
IndentationError: unexpected indent
Error: Process completed with exit code 1.
"##,
        expect![[r#"
            - (call, collection-error) line 1
              IndentationError: unexpected indent
              at /home/u/p/t_ind.py:2
        "#]],
    );
}

#[test]
fn module_that_cannot_be_compiled() {
    check(
        r##"Traceback (most recent call last):
  File "/home/u/p/t_syn.py", line 1, in <module>
    import pkg.test_syn
  File "/home/u/p/pkg/test_syn.py", line 1
    def f(:
          ^
SyntaxError: invalid syntax
Error: Process completed with exit code 1.
"##,
        expect![[r#"
            - (call, collection-error) line 1
              SyntaxError: invalid syntax
              at /home/u/p/pkg/test_syn.py:1
        "#]],
    );
}

#[test]
fn marked_source_of_many_lines() {
    check(
        r##"Traceback (most recent call last):
  File "/home/u/p/t_args.py", line 7, in <module>
    run()
    ~~~^^
  File "/home/u/p/t_args.py", line 3, in run
    subprocess.run(
    ~~~~~~~~~~~~~~^
        ["false",
        ^^^^^^^^^
         "x"],
         ^^^^^
        check=True)
        ^^^^^^^^^^^
  File "/usr/lib/python3.13/subprocess.py", line 577, in run
    raise CalledProcessError(retcode, process.args,
                             output=stdout, stderr=stderr)
subprocess.CalledProcessError: Command '['false', 'x']' returned non-zero exit status 1.
Error: Process completed with exit code 1.
"##,
        expect![[r#"
            - (call, traceback) line 1
              subprocess.CalledProcessError: Command '['false', 'x']' returned non-zero exit status 1.
              at /usr/lib/python3.13/subprocess.py:577 run
        "#]],
    );
}

#[test]
fn ignored_tracebacks() {
    check(
        r##"Exception in thread w1:
Traceback (most recent call last):
  File "/usr/lib/python3.13/threading.py", line 1041, in _bootstrap_inner
    self.run()
    ~~~~~~~~^^
  File "/usr/lib/python3.13/threading.py", line 992, in run
    self._target(*self._args, **self._kwargs)
    ~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/home/u/p/t_thread.py", line 3, in w
    raise ValueError("in thread")
ValueError: in thread
Exception ignored in: <function D.__del__ at 0x7f1801a3ae80>
Traceback (most recent call last):
  File "/home/u/p/t_thread.py", line 7, in __del__
    raise OSError("ignored")
OSError: ignored
Error: Process completed with exit code 3.
"##,
        expect![[r#"
            - (call, traceback) line 2
              ValueError: in thread
              at /home/u/p/t_thread.py:3 w
        "#]],
    );
}

#[test]
fn notes_of_an_exception_without_message() {
    check(
        r##"========================= FAILURES =========================
__________________________ test_a __________________________
    raise e
E   ValueError
E   a note

test_a.py:3: ValueError
__________________________ test_b __________________________
    raise e
E   ValueError: text
E   a note

test_a.py:9: ValueError
__________________________ test_c __________________________
Traceback (most recent call last):
  File "/repo/test_a.py", line 12, in test_c
    raise e
ValueError
a note
1 failed in 0.1s
"##,
        expect![[r#"
            test_a (call, exception) line 2
              ValueError: 
              at test_a.py:3
            test_b (call, exception) line 8
              ValueError: text
                a note
              at test_a.py:9
            test_c (call, exception) line 14
              ValueError: 
              at /repo/test_a.py:12 test_c
        "#]],
    );
}
