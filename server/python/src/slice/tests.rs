mod blocks;
mod classes;
mod doctests;
mod effects;
mod helper_classes;
mod imports;
mod mocks;
mod properties;
mod set_up;
mod traced;

use expect_test::{Expect, expect};
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

/// The function that a line is in, as a traceback names it. `before` is the text up to somewhere in the line.
fn function_around(before: &str, line: &str) -> String {
    let column = |line: &str| line.len() - line.trim_start().len();
    let inner = column(line);
    let outer = before.lines().rev().skip(1).find_map(|outer| {
        let (_, name) = outer.split_once("def ").filter(|_| column(outer) < inner)?;
        name.split('(').next()
    });
    outer.filter(|_| inner > 0).unwrap_or("<module>").to_owned()
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
                    function: function_around(&file.text[..*at], source),
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
