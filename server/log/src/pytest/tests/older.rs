//! Shapes of older versions, of plugins, and of what pytest says of fixtures and classes.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn pytest_3_names_the_instance_in_ids() {
    check(
        r##"=================== test session starts ====================
collected 1 item

test_a.py F                                          [100%]

========================= FAILURES =========================
________________________ TestA.test ________________________
E   KeyError: 'a'

test_a.py:3: KeyError
================= short test summary info ==================
FAIL test_a.py::TestA::()::test
================= 1 failed in 0.02 seconds =================
"##,
        expect![[r#"
            test_a.py::TestA::test (call, exception) line 7
              KeyError: 'a'
              at test_a.py:3
        "#]],
    );
}

#[test]
fn a_fixture_that_is_not_found_among_single_lines() {
    check(
        r##"========================= FAILURES =========================
E   KeyError: 'a'
/w/test_a.py:3: KeyError: 'a'
file /w/test_a.py, line 6
  def test_b(request): request.getfixturevalue("nope")
E       fixture 'nope' not found
>       available fixtures: cache, capfd
>       use 'pytest --fixtures [testpath]' for help on them.

/w/test_a.py:6
E   ValueError: c
/w/test_a.py:9: ValueError: c
================= short test summary info ==================
FAILED test_a.py::test_a - KeyError: 'a'
FAILED test_a.py::test_b
FAILED test_a.py::test_c - ValueError: c
3 failed in 0.02s
"##,
        expect![[r#"
            test_a.py::test_a (call, exception) line 3
              KeyError: 'a'
              at /w/test_a.py:3
            test_a.py::test_b (call, exception) line 10
              FixtureLookupError: fixture 'nope' not found
              at /w/test_a.py:6
            test_a.py::test_c (call, exception) line 12
              ValueError: c
              at /w/test_a.py:9
        "#]],
    );
}

#[test]
fn a_class_that_cannot_be_collected() {
    check(
        r##"========================== ERRORS ==========================
________________ ERROR collecting test_a.py ________________
In test_a: function uses no argument 'x'
================= short test summary info ==================
ERROR test_a.py::TestZ - Failed: In test_a: function uses no argument 'x'
1 error in 0.02s
"##,
        expect![[r#"
            test_a.py::TestZ (collect, collection-error) line 2
              Failed: In test_a: function uses no argument 'x'
        "#]],
    );
}

#[test]
fn a_fixture_that_yields_twice() {
    check(
        r##"========================== ERRORS ==========================
_______________ ERROR at teardown of test_a ________________
fixture function has more than one 'yield':

    @pytest.fixture
    def twice():
        yield 1
        yield 2
/w/test_a.py:5
================= short test summary info ==================
ERROR test_a.py::test_a
1 passed, 1 error in 0.02s
"##,
        expect![[r#"
            test_a.py::test_a (teardown, fixture-error) line 2
              Failed: fixture function has more than one 'yield':
                    @pytest.fixture
                    def twice():
                        yield 1
                        yield 2
              at /w/test_a.py:5 twice
        "#]],
    );
}

#[test]
fn crashed_workers_with_colons_in_parameters() {
    check(
        r##"=================== test session starts ====================
2 workers [2 items]

test_c.py::test_ok 
[gw1] [ 50%] PASSED test_c.py::test_ok 
Fatal Python error: Segmentation fault

Current thread 0x00007fe8d02afb80 (most recent call first):
  File "/w/test_c.py", line 2 in boom
  File "/w/test_c.py", line 6 in test_segv
[gw0] node down: Not properly terminated
[gw0] [100%] FAILED test_c.py::test_segv[c::d] 
replacing crashed worker gw0

========================= FAILURES =========================
________________________ test_c.py _________________________
[gw0] linux -- Python 3.11.7 /v/bin/python
worker 'gw0' crashed while running 'test_c.py::test_segv[c::d]'
================= short test summary info ==================
FAILED test_c.py::test_segv[c::d] - worker 'gw0' crashed while running 'test_c.py::test_segv[c::d]'
=============== 1 failed, 1 passed in 2.19s ================
"##,
        expect![[r#"
            test_c.py::test_segv[c::d] (call, crash) line 16
              : worker 'gw0' crashed while running 'test_c.py::test_segv[c::d]'
              at /w/test_c.py:2 boom
        "#]],
    );
}

#[test]
fn brackets_of_parameters_are_no_subtest() {
    check(
        r##"========================= FAILURES =========================
______________ test_a[{'l1': 1, 't': [1, 2]}] ______________
E   KeyError: 'a'

test_a.py:3: KeyError
1 failed in 0.02s
"##,
        expect![[r#"
            test_a[{'l1': 1, 't': [1, 2]}] (call, exception) line 2
              KeyError: 'a'
              at test_a.py:3
        "#]],
    );
}

#[test]
fn an_instant_failure_ends_before_the_next_progress() {
    check(
        r##"=================== test session starts ====================
collected 2 items

test_a.py F
__________________________ test_a __________________________
failed without trace
second line

test_a.py .                                          [100%]
=============== 1 failed, 1 passed in 0.02s ================
"##,
        expect![[r#"
            test_a (call, assertion) line 5
              Failed: failed without trace
                second line
        "#]],
    );
}

#[test]
fn a_group_raised_in_teardown_stands_where_it_was_raised() {
    check(
        r##"========================== ERRORS ==========================
_______________ ERROR at teardown of test_a ________________
  + Exception Group Traceback (most recent call last):
  |   File "/v/site-packages/pluggy/_execution.py", line 147, in _multicall
  |     res = hook_impl.function(*args)
  |   File "/v/site-packages/_pytest/runner.py", line 566, in teardown_exact
  |     raise exceptions[0]
  | ExceptionGroup: errors while tearing down <Function test_a> (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/w/test_a.py", line 7, in one
    |     raise RuntimeError("one")
    | RuntimeError: one
    +------------------------------------
1 passed, 1 error in 0.02s
"##,
        expect![[r#"
            test_a (teardown, fixture-error) line 2
              ExceptionGroup: errors while tearing down <Function test_a> (2 sub-exceptions)
              at /v/site-packages/_pytest/runner.py:566 teardown_exact
        "#]],
    );
}

#[test]
fn the_header_tells_where_an_id_ends() {
    check(
        r##"========================= FAILURES =========================
__________________ test_a[] - Error: x] ___________________
E   KeyError: 'a'

test_a.py:3: KeyError
================= short test summary info ==================
FAILED test_a.py::test_a[] - Error: x] - KeyError: 'a'
1 failed in 0.02s
"##,
        expect![[r#"
            test_a.py::test_a[] - Error: x] (call, exception) line 2
              KeyError: 'a'
              at test_a.py:3
        "#]],
    );
}

#[test]
fn a_full_trace_fails_where_the_test_called_fail() {
    check(
        r##"========================= FAILURES =========================
__________________________ test_a __________________________

    def test_a():
>       pytest.fail("wrong")

test_a.py:3: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 

reason = 'wrong', pytrace = True

    def fail(reason: str = "", pytrace: bool = True) -> NoReturn:
        __tracebackhide__ = True
>       raise Failed(msg=reason, pytrace=pytrace)
E       Failed: wrong

../v/site-packages/_pytest/outcomes.py:178: Failed
1 failed in 0.02s
"##,
        expect![[r#"
            test_a (call, assertion) line 2
              Failed: wrong
              at test_a.py:3 test_a
        "#]],
    );
}
