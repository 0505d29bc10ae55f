mod blocks;
mod classes;
mod doctests;
mod fixtures;
mod helper_classes;
mod imports;
mod mocks;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use text::fixture::Fixture;

use crate::model::{Criterion, CriterionFrame, CriterionPhase, Level, Observed};
use crate::project::Sources;

/// Slices the test that an id names to the frames that cursors mark, outermost first; the failing line is shown by `#!`.
#[track_caller]
pub(super) fn check(
    id: &str,
    phase: CriterionPhase,
    level: Level,
    fixture: &str,
    expected: Expect,
) {
    let fixture = Fixture::parse(fixture);
    check_with(
        id,
        phase,
        level,
        &fixture,
        Criterion::default(),
        None,
        expected,
    );
}

#[track_caller]
pub(super) fn check_with(
    id: &str,
    phase: CriterionPhase,
    level: Level,
    fixture: &Fixture,
    criterion: Criterion,
    observed: Option<&Observed>,
    expected: Expect,
) {
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
    let test = crate::find(fixture, &[], id).expect("the fixture holds the test");
    let criterion = Criterion {
        frames,
        phase,
        destination: match criterion.destination.as_str() {
            "" => "repros/one/tests".to_owned(),
            given => given.to_owned(),
        },
        name: "test_one".to_owned(),
        ..criterion
    };
    let slice = crate::slice(&Sources::new(fixture), &test, &criterion, observed, level);
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


            def test_one():
                size = 9
                value = size
                assert value < LIMIT #!
        "#]],
    );
}

#[test]
fn a_namespace_of_models_keeps_those_that_are_named_in_code_or_strings() {
    check(
        "tests/test_a.py::test_student",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/conftest.py
import pytest
import sqlalchemy as sa
from types import SimpleNamespace
from sqlalchemy.orm import relationship, declarative_base

@pytest.fixture
def Base():
    return declarative_base()

@pytest.fixture
def models(Base):
    class School(Base):
        __tablename__ = "school"
        id = sa.Column(sa.Integer, primary_key=True)
        # Shown on the page.
        motto = sa.Column(sa.String)

    class Course(Base):
        __tablename__ = "course"
        id = sa.Column(sa.Integer, primary_key=True)

    class Student(Base):
        __tablename__ = "student"
        id = sa.Column(sa.Integer, primary_key=True)
        school_id = sa.Column(sa.Integer, sa.ForeignKey("school.id"))
        school = relationship("School")

        @property
        def url(self):
            return f"/students/{self.id}"

    return SimpleNamespace(School=School, Course=Course, Student=Student)
//- tests/test_a.py
from product import fields

def test_student(models):
    <|>assert fields(models.Student) == []
"#,
        expect![[r#"
            from types import SimpleNamespace

            import sqlalchemy as sa
            from product import fields
            from sqlalchemy.orm import declarative_base, relationship


            def test_one():
                Base = declarative_base()
                class School(Base):
                    __tablename__ = "school"
                    id = sa.Column(sa.Integer, primary_key=True)
                class Student(Base):
                    __tablename__ = "student"
                    id = sa.Column(sa.Integer, primary_key=True)
                    school_id = sa.Column(sa.Integer, sa.ForeignKey("school.id"))
                    school = relationship("School")

                models = SimpleNamespace(School=School, Student=Student)
                assert fields(models.Student) == [] #!
        "#]],
    );
}

#[test]
fn a_missing_attribute_needs_no_contents() {
    let fixture = Fixture::parse(
        r#"
//- tests/test_a.py
import pytest

pd = pytest.importorskip("pandas")

class TestFrame:
    def setup_method(self):
        df = pd.DataFrame([1])
        df[0] = ["A"]
        df.insert(1)
        <|>self.df = df.append(df)

    def test_frame(self):
        assert len(self.df) == 2
"#,
    );
    let criterion = Criterion {
        exception: Some("AttributeError".to_owned()),
        message: Some("'DataFrame' object has no attribute 'append'".to_owned()),
        ..Criterion::default()
    };
    check_with(
        "tests/test_a.py::TestFrame::test_frame",
        CriterionPhase::Setup,
        Level::Smallest,
        &fixture,
        criterion,
        None,
        expect![[r#"
            import pandas as pd


            class TestFrame:
                def setup_method(self):
                    df = pd.DataFrame([1])
                    self.df = df.append(df) #!

                def test_one(self):
                    pass
        "#]],
    );
}

#[test]
fn a_traced_run_tells_the_branch_and_the_iteration() {
    let fixture = Fixture::parse(
        r#"
//- tests/test_a.py
from product import area, setup

def test_areas():
    cases = [(1, 1), (2, 4), (3, 8)]
    if setup():
        unit = 2
    else:
        unit = 1
    for side, expected in cases:
        <|>assert area(side, unit) == expected
"#,
    );
    let observed = Observed {
        lines: vec![("tests/test_a.py".to_owned(), vec![1, 3, 4, 5, 8, 9, 10])],
        iterations: vec![
            (
                "tests/test_a.py".to_owned(),
                9,
                "side".to_owned(),
                "3".to_owned(),
            ),
            (
                "tests/test_a.py".to_owned(),
                9,
                "expected".to_owned(),
                "8".to_owned(),
            ),
        ],
        ..Observed::default()
    };
    check_with(
        "tests/test_a.py::test_areas",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion::default(),
        Some(&observed),
        expect![[r#"
            from product import area


            def test_one():
                unit = 1
                side = 3
                expected = 8
                assert area(side, unit) == expected #!
        "#]],
    );
}

#[test]
fn statements_that_a_later_frame_goes_through_stay() {
    check(
        "tests/test_a.py::test_subclass",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/helpers.py
class Base:
    def __init_subclass__(cls, param):
        <|>super().__init_subclass__(param=param)
//- tests/test_a.py
from helpers import Base

def test_subclass():
    class Other:
        pass

    <|>class Vanilla(Base, param="foo"):
        pass
"#,
        expect![[r#"
            class Base:
                def __init_subclass__(cls, param):
                    super().__init_subclass__(param=param) #!


            def test_one():
                class Vanilla(Base, param="foo"):
                    pass
        "#]],
    );
}

#[test]
fn a_helper_of_one_expression_is_written_where_it_is_called() {
    check(
        "tests/test_a.py::test_sum",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
import random
from product import total

def rows(shape, limit):
    return [[random.randrange(limit) for _ in range(shape[1])] for _ in range(shape[0])]

def twice(value):
    return value + value

def hidden(name):
    return total(name)

def test_sum():
    shape = [2, 3]
    total_of = hidden(shape)
    made = rows(shape, 5) * twice(4)
    <|>assert total(made) == total_of
"#,
        expect![[r#"
            import random

            from product import total


            def test_one():
                shape = [2, 3]
                total_of = total(shape)
                made = [[random.randrange(5) for _ in range(shape[1])] for _ in range(shape[0])] * (4 + 4)
                assert total(made) == total_of #!
        "#]],
    );
}

/// Whether Python reads a text: the grammar alone passes blocks of nothing, and rows that are further in than their block.
fn is_python(text: &str) -> bool {
    let module = crate::source::Module::parse("", text.into());
    let mut reads = !module.root().has_error();
    crate::source::walk(module.root(), |node| {
        if matches!(node.kind(), "block" | "module") {
            let inner = crate::source::named_children(node);
            let mut columns = inner.iter().map(|it| it.start_position().column);
            let first = columns.next();
            reads &= first.is_some() && columns.all(|column| Some(column) == first);
        }
        reads
    });
    reads
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
        let slice = crate::slice(&Sources::new(&fixture), &test, &criterion, None, Level::ALL[level]);
        let marked = slice.code.contains(['\u{1}', '\u{2}']);
        prop_assert!(!marked);
        let after = crate::source::Module::parse("", slice.code.as_str().into());
        prop_assert!(!is_python(&fixture.files[0].text) || !after.root().has_error(), "{}", slice.code);
        prop_assert!(slice.failing_line.is_none_or(|row| (row as usize) < slice.code.lines().count()));
    }
}

#[test]
fn a_loop_over_what_the_product_made_stays() {
    let fixture = Fixture::parse(
        r#"
//- test_a.py
import product

WORDS = ["a", "b"]

def test_words():
    for word in WORDS:
        made = product.make(word)
        for left, right in zip(made.left(), made.right()):
            <|>assert left == right
"#,
    );
    let value = |line: u32, name: &str, value: &str| {
        (
            "test_a.py".to_owned(),
            line,
            name.to_owned(),
            value.to_owned(),
        )
    };
    let observed = Observed {
        iterations: vec![
            value(6, "word", "'b'"),
            value(8, "left", "1"),
            value(8, "right", "2"),
        ],
        ..Observed::default()
    };
    check_with(
        "test_a.py::test_words",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion::default(),
        Some(&observed),
        expect![[r#"
            import product


            def test_one():
                word = 'b'
                made = product.make(word)
                for left, right in zip(made.left(), made.right()):
                    assert left == right #!
        "#]],
    );
}

#[test]
fn what_is_captured_needs_the_calls_before_it() {
    check(
        "test_a.py::test_log",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- test_a.py
from product import logger

def test_log(writer, capsys):
    logger.add(writer)
    logger.info("a")
    size = logger.size()
    out, err = capsys.readouterr()
    lines = err.splitlines()
    <|>assert lines[0] == "x"
"#,
        expect![[r#"
            from product import logger


            def test_one(writer, capsys):
                logger.add(writer)
                logger.info("a")
                logger.size()
                _out, err = capsys.readouterr()
                lines = err.splitlines()
                assert lines[0] == "x" #!
        "#]],
    );
}

#[test]
fn what_a_local_function_notes_when_it_is_called_back_stays() {
    for level in [Level::Smallest, Level::Conservative] {
        check(
            "tests/test_a.py::test_key",
            CriterionPhase::Call,
            level,
            r#"
//- tests/test_a.py
from shop import ordered

def test_key():
    calls = []
    def key(item):
        calls.append(item)
        return item
    items = sorted(ordered(), key=key)
    assert items == [1, 2]
    <|>assert calls == [1, 2]
"#,
            expect![[r#"
                from shop import ordered


                def test_one():
                    calls = []
                    def key(item):
                        calls.append(item)
                        return item
                    sorted(ordered(), key=key)
                    assert calls == [1, 2] #!
            "#]],
        );
    }
}
