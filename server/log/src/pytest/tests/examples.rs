//! Hypothesis' examples, and where they stand.

use super::read;

const NEWEST: &str = r#"F                                                                        [100%]
=================================== FAILURES ===================================
____________________________________ test_h ____________________________________

    @given(st.text("(", min_size=1), st.integers())
>   @settings(database=None)

test_h.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 

s = '(', n = 10

    @given(st.text("(", min_size=1), st.integers())
    @settings(database=None)
    def test_h(s, n):
>       assert n < 10
E       assert 10 < 10
E       Failing test case: test_h(
E           s='(',  # or any other generated value (it's free)
E           n=10,
E       )
E       Explanation: none

test_h.py:6: AssertionError
=========================== short test summary info ============================
FAILED test_h.py::test_h - assert 10 < 10
1 failed in 1.71s
"#;

const EXAMPLE: &str = "Failing test case: test_h(\n    s='(',  # or any other generated value (it's free)\n    n=10,\n)";

#[test]
fn every_wording() {
    for head in [
        "Falsifying example: ",
        "Falsifying explicit example: ",
        "Failing test case: ",
        "Failing explicit example: ",
    ] {
        let log = NEWEST.replace("Failing test case: ", head);
        let failures = read(log.as_bytes()).1;
        let found = failures[0].falsifying_example.as_ref().unwrap();
        assert_eq!(found.text, EXAMPLE.replace("Failing test case: ", head));
    }
}

#[test]
fn stands_where_it_is_printed() {
    let failures = read(NEWEST.as_bytes()).1;
    let found = failures[0].falsifying_example.as_ref().unwrap();
    assert_eq!(found.line, 18);
    let raw = &NEWEST[found.span.start..found.span.end];
    assert!(raw.starts_with("Failing test case: test_h("), "{raw}");
    assert!(raw.ends_with("n=10,\nE       )"), "{raw}");
}

#[test]
fn stands_in_a_section_of_its_own() {
    let log = r#"=================================== FAILURES ===================================
_________________________________ TestX.test_h _________________________________

self = <test_h.TestX object at 0x7f84932fcbd0>

    @given(booleans())
>   def test_h(self, a):

test_h.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 

    @given(booleans())
    def test_h(self, a):
>       assert False
E       assert False

test_h.py:5: AssertionError
----------------------------- Captured stdout call -----------------------------
a line
---------------------------------- Hypothesis ----------------------------------
Falsifying example: test_h(
    self=<test_h.TestX at 0x7f84932fcbd0>,
    a=False,
)

You can reproduce this example by temporarily adding @reproduce_failure('5.49.0', b'AAAA') as a decorator on your test case
=========================== short test summary info ============================
FAILED test_h.py::TestX::test_h - assert False
1 failed in 1.71s
"#;
    let failures = read(log.as_bytes()).1;
    let found = failures[0].falsifying_example.as_ref().unwrap();
    assert_eq!(
        found.text,
        "Falsifying example: test_h(\n    self=<test_h.TestX at 0x7f84932fcbd0>,\n    a=False,\n)"
    );
    assert_eq!(found.line, 21);
}
