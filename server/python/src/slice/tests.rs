use expect_test::{Expect, expect};
use proptest::prelude::*;
use text::fixture::Fixture;

use crate::model::{Criterion, CriterionFrame, CriterionPhase, Level};

/// Slices the test that an id names to the frames that cursors mark, outermost first; the failing line is shown by `#!`.
#[track_caller]
fn check(id: &str, phase: CriterionPhase, level: Level, fixture: &str, expected: Expect) {
    let fixture = Fixture::parse(fixture);
    let frames = fixture
        .files
        .iter()
        .rev()
        .flat_map(|file| {
            file.cursors.iter().map(|at| {
                let line = file.text[..*at].matches('\n').count() as u32 + 1;
                let source = file.text.lines().nth(line as usize - 1).unwrap_or_default();
                CriterionFrame {
                    path: file.path.clone(),
                    line,
                    function: if source.starts_with(' ') {
                        "f"
                    } else {
                        "<module>"
                    }
                    .to_owned(),
                    source: Some(source.trim().to_owned()),
                }
            })
        })
        .collect();
    let test = crate::find(&fixture, &[], id).expect("the fixture holds the test");
    let criterion = Criterion {
        frames,
        phase,
        destination: "repros/one/tests".to_owned(),
        name: "test_one".to_owned(),
        ..Criterion::default()
    };
    let slice = crate::slice(&fixture, &test, &criterion, None, level);
    let shown: String = slice
        .code
        .lines()
        .enumerate()
        .map(|(row, line)| {
            if slice.failing_line == Some(row as u32) {
                format!("{line} #!\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    expected.assert_eq(&shown);
}

#[test]
fn statements_that_the_failing_line_does_not_need_go() {
    check(
        "tests/test_a.py::test_join",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
import os
import furl

def test_join():
    unused = os.getcwd()
    f = furl.furl('a').join('b')
    assert f.url == 'a/b'
    f = furl.furl('c')
    f.add('d')
    <|>assert f.url == 'x'
    f.remove('d')
"#,
        expect![[r#"
            import furl


            def test_one():
                f = furl.furl('c')
                f.add('d')
                assert f.url == 'x' #!
        "#]],
    );
}

#[test]
fn a_change_through_another_name_stays() {
    check(
        "tests/test_a.py::test_alias",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
def test_alias():
    items = []
    same = items
    same.append(1)
    other = [2]
    other.append(3)
    <|>assert items == []
"#,
        expect![[r#"
            def test_one():
                items = []
                same = items
                same.append(1)
                assert items == [] #!
        "#]],
    );
}

#[test]
fn parameters_become_values_and_helpers_of_other_test_files_come_along() {
    check(
        "tests/test_a.py::test_size[b]",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/__init__.py
//- tests/helpers.py
LIMIT = 3
OTHER = 4

def check(value):
    """Checks."""
    <|>assert value < LIMIT
//- tests/test_a.py
import pytest
from .helpers import check

@pytest.mark.parametrize("size, name", [(1, "a"), (9, "b")], ids=["a", "b"])
@pytest.mark.skipif(False, reason="no")
def test_size(size, name):
    <|>check(size)
"#,
        expect![[r#"
            LIMIT = 3


            def check(value):
                assert value < LIMIT #!


            def test_one():
                size = 9
                check(size)
        "#]],
    );
}

#[test]
fn a_fixture_that_fails_stays_a_fixture() {
    check(
        "tests/test_a.py::test_uses",
        CriterionPhase::Setup,
        Level::Conservative,
        r#"
//- tests/conftest.py
import pytest
import product

@pytest.fixture
def box():
    made = product.make()
    <|>made.open()
    yield made
    made.close()
//- tests/test_a.py
def test_uses(box):
    assert box
"#,
        expect![[r#"
            import product
            import pytest


            @pytest.fixture
            def box():
                made = product.make()
                made.open() #!


            def test_one(box):
                pass
        "#]],
    );
}

#[test]
fn fixtures_that_the_destination_sees_stay_requested() {
    check(
        "tests/test_a.py::test_op[device_params0]",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- conftest.py
import pytest

@pytest.fixture
def device(device_params):
    yield open_device(**device_params)

@pytest.fixture
def device_params(request):
    return request.param
//- tests/test_a.py
import pytest
import ttnn

@pytest.mark.parametrize("device_params", [{"l1": 24576}], indirect=True)
def test_op(device):
    a = ttnn.ones([1], device=device)
    <|>assert ttnn.sum(a) == 2
"#,
        expect![[r#"
            import pytest
            import ttnn


            @pytest.mark.parametrize("device_params", [{"l1": 24576}], indirect=True)
            def test_one(device):
                a = ttnn.ones([1], device=device)
                assert ttnn.sum(a) == 2 #!
        "#]],
    );
}

#[test]
fn a_test_case_keeps_its_class_with_the_state_that_is_used() {
    check(
        "test_a.py::TestBox::test_size",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- test_a.py
import unittest
from product import Box

class TestBox(unittest.TestCase):
    def setUp(self):
        self.box = Box()
        self.other = 1

    def test_other(self):
        self.assertEqual(self.other, 1)

    def test_size(self):
        <|>self.assertEqual(self.box.size, 3)
"#,
        expect![[r#"
            import unittest
            from product import Box


            class TestBox(unittest.TestCase):
                def setUp(self):
                    self.box = Box()

                def test_one(self):
                    self.assertEqual(self.box.size, 3) #!
        "#]],
    );
}

#[test]
fn an_import_that_fails_fails_at_collection() {
    check(
        "tests/test_a.py",
        CriterionPhase::Collect,
        Level::Conservative,
        r#"
//- tests/test_a.py
import os
<|>from product import missing

def test_a():
    assert missing(os)
"#,
        expect![[r#"
            from product import missing  # noqa: F401 #!


            def test_one():
                pass
        "#]],
    );
}

proptest! {
    /// Any text gives a slice, and no panic.
    #[test]
    fn any_text_is_sliced(lines in proptest::collection::vec(
        "(    |        |\t)?(def test_a\\(self, x\\):|class A\\(B\\):|if x:|for y in x:|with a as b:|x = y\\.z\\(\\)|assert x|try:|except E:|return|'''|@f\\(|é = 1|\\)|else:)", 0..14),
        line in 1u32..14, level in 0usize..4, phase in 0usize..4)
    {
        let text = format!("def test_a():\n    x = 1\n{}\n", lines.join("\n"));
        let fixture = Fixture { files: vec![text::fixture::File { path: "test_a.py".to_owned(), text, ..Default::default() }] };
        let phases = [CriterionPhase::Call, CriterionPhase::Setup, CriterionPhase::Teardown, CriterionPhase::Collect];
        let criterion = Criterion {
            frames: vec![CriterionFrame { path: "test_a.py".to_owned(), line, ..CriterionFrame::default() }],
            phase: phases[phase],
            name: "test_one".to_owned(),
            ..Criterion::default()
        };
        let Ok(test) = crate::find(&fixture, &[], "test_a.py::test_a") else { return Ok(()) };
        let slice = crate::slice(&fixture, &test, &criterion, None, Level::ALL[level]);
        let marked = slice.code.contains('\u{1}');
        prop_assert!(!marked);
        prop_assert!(slice.failing_line.is_none_or(|row| (row as usize) < slice.code.lines().count()));
    }
}
