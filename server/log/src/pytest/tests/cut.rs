//! Logs of which the beginning is cut off: they begin inside a failure's section.

use expect_test::{Expect, expect};

use super::shown;

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn the_entry_before_the_next_one_names_it() {
    check(
        r##"    def test_b():
        x = 1
>       raise KeyError("b")
E       KeyError: 'b'

test_a.py:5: KeyError
----------------------- Captured stdout call -----------------------
printed
__________________________ test_c __________________________

    def test_c():
>       assert 1 == 2
E       assert 1 == 2

test_a.py:8: AssertionError
================= short test summary info ==================
FAILED test_a.py::test_a - ValueError: a
FAILED test_a.py::test_b - KeyError: 'b'
FAILED test_a.py::test_c - assert 1 == 2
ERROR test_a.py::test_d - KeyError: 'b'
3 failed, 1 error in 0.1s
"##,
        expect![[r#"
            test_a.py::test_b (call, exception) line 1
              KeyError: 'b'
              at test_a.py:5 test_b
              Captured stdout call
            test_a.py::test_c (call, assertion) line 9
              AssertionError: assert 1 == 2
              expected 2, actual 1
              at test_a.py:8 test_c
            test_a.py::test_a (call, exception) line 17
              ValueError: a
            test_a.py::test_d (setup, fixture-error) line 20
              KeyError: 'b'
        "#]],
    );
}

#[test]
fn an_entry_that_says_otherwise_is_another_ones() {
    check(
        r##"test_a.py:5: in test_b
    raise KeyError("b")
E   KeyError: 'b'
================= short test summary info ==================
FAILED test_a.py::test_a - ValueError: a
==== 1 failed in 0.1s ====
"##,
        expect![[r#"
            test_b (call, exception) line 1
              KeyError: 'b'
              at test_a.py:5 test_b
            test_a.py::test_a (call, exception) line 5
              ValueError: a
                ==== 1 failed in 0.1s ====
        "#]],
    );
}

#[test]
fn without_entries_its_frames_name_the_function() {
    check(
        r##"    def test_b(self):
>       helper(3)

tests/test_a.py:9:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

>   ???
E   RuntimeError: deep

pkg/helper.py:5: RuntimeError
=================== 1 failed in 0.1s ====================
"##,
        expect![[r#"
            test_b (call, exception) line 1
              RuntimeError: deep
              at pkg/helper.py:5
        "#]],
    );
}

#[test]
fn errors_come_before_failures() {
    check(
        r##"E       KeyError: 'fixture'

conftest.py:4: KeyError
======================== FAILURES ========================
__________________________ test_c __________________________
E       assert 1 == 2

test_a.py:8: AssertionError
================= short test summary info ==================
FAILED test_a.py::test_c - assert 1 == 2
ERROR test_a.py::test_b - KeyError: 'fixture'
1 failed, 1 error in 0.1s
"##,
        expect![[r#"
            test_a.py::test_b (call, exception) line 1
              KeyError: 'fixture'
              at conftest.py:4
            test_a.py::test_c (call, assertion) line 5
              AssertionError: assert 1 == 2
              expected 2, actual 1
              at test_a.py:8
        "#]],
    );
}

#[test]
fn a_conftest_that_cannot_be_imported_is_whole() {
    check(
        r##"ImportError while loading conftest '/repo/conftest.py'.
conftest.py:1: in <module>
    import nothing_here
E   ModuleNotFoundError: No module named 'nothing_here'
"##,
        expect![[r#"
            /repo/conftest.py (collect, collection-error) line 1
              ModuleNotFoundError: No module named 'nothing_here'
              at conftest.py:1 <module>
        "#]],
    );
}

#[test]
fn a_conftest_behind_the_prefix_of_another_program() {
    let lines = [
        "ImportError while loading conftest '/repo/conftest.py'.",
        "conftest.py:1: in <module>",
        "    import nothing_here",
        "E   ModuleNotFoundError: No module named 'nothing_here'",
    ];
    let prefixed = |prefix: &dyn Fn(usize) -> String| {
        let lines = lines.iter().enumerate();
        lines
            .map(|(at, line)| format!("{}{line}\n", prefix(at)))
            .collect::<String>()
    };
    let expected = expect![[r#"
        /repo/conftest.py (collect, collection-error) line 3
          ModuleNotFoundError: No module named 'nothing_here'
          at conftest.py:1 <module>
    "#]];
    let stamp = |at: usize| format!("\u{1b}_bk;t=174532220992{at}\u{7}");
    for log in [
        format!(
            "Attaching to tests-1\ndb-1     | ready\n{}tests-1 exited with code 4\n",
            prefixed(&|_| "tests-1  | ".to_owned())
        ),
        format!(
            "#11 DONE 0.1s\n\n{}#12 ERROR: exit code: 4\n",
            prefixed(&|at| format!("#12 0.{at} "))
        ),
        format!(
            "{}~~~ Running commands\n{}$ pytest\n{}{}🚨 Error: The command exited with status 4\n",
            stamp(0),
            stamp(0),
            prefixed(&stamp),
            stamp(9)
        ),
    ] {
        expected.assert_eq(&shown(&log));
    }
    check(
        "the docs: ImportError while loading conftest '/repo/conftest.py'.\nmore text\n",
        expect![[r#""#]],
    );
}

#[test]
fn other_output_is_no_section() {
    check(
        "E: Unable to locate package x\nx.py:3:1: E501 line too long\nx.py:12: note\nbuilt in 3s\n",
        expect![[r#""#]],
    );
}
