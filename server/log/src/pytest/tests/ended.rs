//! Runs that something else than pytest ended, and the runs behind them.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

const HEADER: &str = "\
============================= test session starts ==============================
platform linux -- Python 3.11.2, pytest-8.3.5, pluggy-1.7.0
rootdir: /home/u/p
collected 2 items

";

const COMPLETE: &str = "\
test_b.py::test_b FAILED                                                 [100%]

=================================== FAILURES ===================================
____________________________________ test_b ____________________________________

    def test_b():
>       assert 1 == 2
E       assert 1 == 2

test_b.py:2: AssertionError
=========================== short test summary info ============================
FAILED test_b.py::test_b - assert 1 == 2
============================== 1 failed in 0.03s ===============================
";

const QUIET: &str = "\
F                                                                        [100%]
=================================== FAILURES ===================================
____________________________________ test_c ____________________________________

    def test_c():
>       raise ValueError(3)
E       ValueError: 3

test_c.py:2: ValueError
=========================== short test summary info ============================
FAILED test_c.py::test_c - ValueError: 3
1 failed in 0.03s
";

#[test]
fn note_behind_the_test_that_ran() {
    check(
        &format!(
            "{HEADER}test_k.py::test_ok PASSED                                                [ 50%]\n\
             test_k.py::test_seg bash: line 1:  1096 Killed                  A=9 pytest -v test_k.py\n"
        ),
        expect![[r#"
            test_k.py::test_seg (call, crash) line 7
              Killed: 
        "#]],
    );
}

#[test]
fn note_behind_dots() {
    check(
        &format!(
            "{HEADER}test_k.py ./ci.sh: line 12:   959 Segmentation fault      (core dumped) pytest\n\
             make: *** [Makefile:3: test] Error 139\n"
        ),
        expect![[r#"
            - (call, crash) line 6
              Segmentation fault: 
        "#]],
    );
}

#[test]
fn note_of_a_quiet_run() {
    check(
        ".bash: line 1:   959 Aborted                 pytest -q test_k.py\n",
        expect![[r#"
            - (call, crash) line 1
              Aborted: 
        "#]],
    );
}

#[test]
fn note_of_another_program() {
    check(
        "./ci.sh: line 12:   959 Segmentation fault      (core dumped) ./server\n\
         Killed\n",
        expect![""],
    );
}

#[test]
fn exit_code_alone() {
    check(
        &format!("{HEADER}test_k.py .\n##[error]Process completed with exit code 137.\n"),
        expect![[r#"
            - (call, crash) line 1
              : exit code 137
        "#]],
    );
}

#[test]
fn interrupt() {
    check(
        &format!(
            "{HEADER}test_i.py::test_int \n\n\
             !!!!!!!!!!!!!!!!!!!!!!!!!!!!!! KeyboardInterrupt !!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!\n\
             /home/u/p/test_i.py:3: KeyboardInterrupt\n\
             (to show a full traceback on KeyboardInterrupt use --full-trace)\n\
             ============================== 1 passed in 1.07s ===============================\n"
        ),
        expect![[r#"
            test_i.py::test_int (call, exception) line 9
              KeyboardInterrupt: 
              at /home/u/p/test_i.py:3
        "#]],
    );
}

#[test]
fn run_behind_one_that_died() {
    check(
        &format!(
            "{HEADER}test_k.py .bash: line 1:   959 Killed      pytest test_k.py\n\
             {HEADER}{COMPLETE}"
        ),
        expect![[r#"
            - (call, crash) line 6
              Killed: 
            test_b.py::test_b (call, assertion) line 15
              AssertionError: assert 1 == 2
              expected 2, actual 1
              at test_b.py:2 test_b
        "#]],
    );
}

#[test]
fn runs_behind_one_that_vanished() {
    check(
        &format!("{HEADER}test_k.py .\n{HEADER}{COMPLETE}{QUIET}"),
        expect![[r#"
            test_b.py::test_b (call, assertion) line 15
              AssertionError: assert 1 == 2
              expected 2, actual 1
              at test_b.py:2 test_b
            test_c.py::test_c (call, exception) line 27
              ValueError: 3
              at test_c.py:2 test_c
        "#]],
    );
}

#[test]
fn run_of_a_test_that_was_not_captured() {
    check(
        &format!(
            "{HEADER}test_k.py .{HEADER}{COMPLETE}F                                                               [100%]\n\n\
             =================================== FAILURES ===================================\n\
             ____________________________________ test_o ____________________________________\n\n\
             \u{20}   def test_o():\n\
             >       assert run() == 0\n\
             E       assert 1 == 0\n\n\
             test_k.py:2: AssertionError\n\
             ============================== 1 failed in 0.03s ===============================\n"
        ),
        expect![[r#"
            test_o (call, assertion) line 27
              AssertionError: assert 1 == 0
              expected 0, actual 1
              at test_k.py:2 test_o
        "#]],
    );
}

#[test]
fn command_of_a_note() {
    let text = format!(
        "{HEADER}test_k.py .bash: line 1:   959 Killed      A='one two' B=$X python -m pytest -x test_k.py\n"
    );
    let log = crate::parse(text.as_bytes());
    let step = log.steps.first().unwrap();
    let env = step
        .env
        .iter()
        .map(|it| (it.name.as_str(), it.value.text()));
    assert_eq!(env.collect::<Vec<_>>(), [("A", "one two"), ("B", "$X")]);
    let argv = &step.command.as_ref().unwrap().argv;
    assert_eq!(argv.join(" "), "python -m pytest -x test_k.py");
}

#[test]
fn a_worker_passes_its_own_error_on() {
    check(
        r##"============================= test session starts ==============================
platform linux -- Python 3.11.2, pytest-8.3.5, pluggy-1.7.0
rootdir: /repo
2 workers [3 items]

.INTERNALERROR> def worker_internal_error(self, node, formatted_error):
INTERNALERROR>         """
INTERNALERROR>         pytest_internalerror() was called on the worker.
INTERNALERROR>         """
INTERNALERROR>         try:
INTERNALERROR> >           assert False, formatted_error
INTERNALERROR> E           AssertionError: Traceback (most recent call last):
INTERNALERROR> E             File "/venv/_pytest/main.py", line 333, in wrap_session
INTERNALERROR> E               session.exitstatus = doit(config, session) or 0
INTERNALERROR> E             File "/repo/conftest.py", line 3, in pytest_runtest_logstart
INTERNALERROR> E               raise OSError("cannot send")
INTERNALERROR> E           OSError: cannot send
INTERNALERROR>
INTERNALERROR> /venv/xdist/dsession.py:232: AssertionError
INTERNALERROR> Traceback (most recent call last):
INTERNALERROR>   File "/venv/xdist/dsession.py", line 217, in worker_workerfinished
INTERNALERROR>     assert not crashitem, (crashitem, node)
INTERNALERROR> AssertionError: ('test_x.py::test_b', <WorkerController gw1>)

============================== 1 passed in 2.13s ===============================
"##,
        expect![[r#"
            - (call, internal-error) line 6
              OSError: cannot send
              at /repo/conftest.py:3 pytest_runtest_logstart
        "#]],
    );
}
