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
fn a_test_case_by_another_name_is_one() {
    check(
        "tests/test_a.py::TestBox::test_size",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
import unittest as ut
from unittest import TestCase as Case, mock
from product import Box

class BoxTest(Case):
    def assertSize(self, box, size):
        self.assertEqual(box.size, size)

    def assertOpen(self, box):
        self.assertTrue(box.opened)

class Other(ut.TestCase):
    def assertClosed(self, box):
        self.assertFalse(box.opened)

class TestBox(BoxTest, Other):
    def test_size(self):
        <|>self.assertSize(Box(), 3)
"#,
        expect![[r#"
            import unittest as ut
            from product import Box
            from unittest import TestCase as Case


            class BoxTest(Case):
                def assertSize(self, box, size):
                    self.assertEqual(box.size, size)


            class Other(ut.TestCase):
                pass


            class TestBox(BoxTest, Other):
                def test_one(self):
                    self.assertSize(Box(), 3) #!
        "#]],
    );
}

#[test]
fn a_test_case_with_helpers_has_those_that_are_named_and_those_that_unittest_calls() {
    check(
        "tests/test_a.py::TestBox::test_size",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/base.py
import unittest

class BoxTest(unittest.TestCase):
    def shortDescription(self):
        return None

    def assertSize(self, box, size):
        self.assertEqual(box.size, size)

    def assertOpen(self, box):
        self.compare(box.opened, True)

    def compare(self, one, other):
        self.assertIs(one, other)

//- tests/test_a.py
from tests.base import BoxTest
from product import Box

class TestBox(BoxTest):
    def test_size(self):
        <|>self.assertSize(Box(), 3)
"#,
        expect![[r#"
            import unittest
            from product import Box


            class BoxTest(unittest.TestCase):
                def shortDescription(self):
                    return None

                def assertSize(self, box, size):
                    self.assertEqual(box.size, size)


            class TestBox(BoxTest):
                def test_one(self):
                    self.assertSize(Box(), 3) #!
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
            import sqlalchemy as sa
            from product import fields
            from sqlalchemy.orm import declarative_base, relationship
            from types import SimpleNamespace


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
fn a_fixture_that_fails_takes_in_those_that_it_requests() {
    check(
        "tests/test_a.py::test_uses",
        CriterionPhase::Setup,
        Level::Smallest,
        r#"
//- tests/conftest.py
import pytest
import product

@pytest.fixture
def engine():
    engine = product.engine()
    return engine

@pytest.fixture(scope="session")
def other():
    return 1

@pytest.fixture
def session(engine, tmp_path):
    yield product.session(engine, tmp_path)

@pytest.fixture
def box(session, other):
    made = product.make(session)
    <|>made.open()
    yield made
    made.close()
//- tests/test_a.py
def test_uses(box, other):
    assert box
"#,
        expect![[r#"
            import product
            import pytest


            @pytest.fixture
            def box(tmp_path):
                engine = product.engine()
                session = product.session(engine, tmp_path)
                made = product.make(session)
                made.open() #!


            def test_one(box):
                pass
        "#]],
    );
}

#[test]
fn a_fixture_with_an_end_of_its_own_stays_one() {
    check(
        "tests/test_a.py::test_uses",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
import pytest
import product

@pytest.fixture
def handle():
    handle = product.open()
    yield handle
    handle.close()

@pytest.fixture
def box(handle):
    return product.Box(handle)

def test_uses(box):
    <|>assert box.size == 1
"#,
        expect![[r#"
            import product
            import pytest


            @pytest.fixture
            def handle():
                handle = product.open()
                yield handle
                handle.close()


            def test_one(handle):
                box = product.Box(handle)
                assert box.size == 1 #!
        "#]],
    );
}

#[test]
fn a_class_of_a_test_file_keeps_the_methods_that_are_called() {
    check(
        "tests/test_a.py::test_size",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
from product import size_of

class Box(object):
    """A box."""

    LIMIT = 3

    def __init__(self, size):
        self.size = size

    def area(self):
        return self.side() ** 2

    def side(self):
        return self.size

    @staticmethod
    def unused():
        return Box(1)

def test_size():
    box = Box(4)
    <|>assert size_of(box.area()) == 3
"#,
        expect![[r#"
            from product import size_of


            class Box(object):
                def __init__(self, size):
                    self.size = size

                def area(self):
                    return self.side() ** 2

                def side(self):
                    return self.size


            def test_one():
                box = Box(4)
                assert size_of(box.area()) == 3 #!
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
fn what_hypothesis_draws_is_no_fixture() {
    check(
        "tests/test_a.py::test_drawn",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
import pytest
from hypothesis import given, strategies as st
from product import check

@pytest.fixture
def number():
    return 3

@given(st.integers())
def test_drawn(number):
    <|>assert check(number)
"#,
        expect![[r#"
            from hypothesis import given, strategies as st
            from product import check


            @given(st.integers())
            def test_one(number):
                assert check(number) #!
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
fn a_guarded_import_stands_without_its_guard() {
    check(
        "tests/test_a.py::test_keys",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- pkg/__init__.py
//- pkg/a.py
class X: pass
//- tests/__init__.py
//- tests/keys.py
def load():
    return 1
//- tests/test_a.py
import pytest

try:
    from pkg.a import X, Y
    from .keys import load
    has_crypto = True
except ImportError:
    has_crypto = False

try:
    from urllib import quote
except ImportError:
    from urllib.parse import quote

@pytest.mark.skipif(not has_crypto, reason="no")
def test_keys():
    <|>assert X(quote("a")) == 1
"#,
        expect![[r#"
            from pkg.a import X

            try:
                from urllib import quote
            except ImportError:
                from urllib.parse import quote


            def test_one():
                assert X(quote("a")) == 1 #!
        "#]],
    );
}

#[test]
fn a_run_tells_which_import_was_taken() {
    let fixture = Fixture::parse(
        r#"
//- test_a.py
try:
    from urllib import quote
except ImportError:
    from urllib.parse import quote

def test_quote():
    <|>assert quote("a") == 1
"#,
    );
    let observed = Observed {
        lines: vec![("test_a.py".to_owned(), vec![1, 2, 3, 4, 6, 7])],
        ..Observed::default()
    };
    check_with(
        "test_a.py::test_quote",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion::default(),
        Some(&observed),
        expect![[r#"
            from urllib.parse import quote


            def test_one():
                assert quote("a") == 1 #!
        "#]],
    );
}

#[test]
fn a_statement_that_does_not_parse_stands_alone() {
    let fixture = Fixture::parse(
        r#"
//- test_a.py
import os

class TestA:
    def test_print(self):
        <|>print os.getcwd()
"#,
    );
    let criterion = Criterion {
        exception: Some("SyntaxError".to_owned()),
        ..Criterion::default()
    };
    check_with(
        "test_a.py",
        CriterionPhase::Collect,
        Level::Conservative,
        &fixture,
        criterion,
        None,
        expect![[r#"
            def test_one():
                print os.getcwd() #!
        "#]],
    );
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
                out, err = capsys.readouterr()
                lines = err.splitlines()
                assert lines[0] == "x" #!
        "#]],
    );
}

#[test]
fn a_fixture_that_filters_warnings_matters_to_warnings_only() {
    let fixture = Fixture::parse(
        r#"
//- tests/conftest.py
import pytest
import warnings

@pytest.fixture(autouse=True)
def quiet():
    """Old names are known."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
//- tests/test_a.py
import product

def test_size():
    <|>assert product.size() == 1
"#,
    );
    let check = |exception: &str, expected| {
        let criterion = Criterion {
            exception: Some(exception.to_owned()),
            ..Criterion::default()
        };
        check_with(
            "tests/test_a.py::test_size",
            CriterionPhase::Call,
            Level::Conservative,
            &fixture,
            criterion,
            None,
            expected,
        );
    };
    check(
        "AssertionError",
        expect![[r#"
        import product


        def test_one():
            assert product.size() == 1 #!
    "#]],
    );
    check(
        "DeprecationWarning",
        expect![[r#"
        import product
        import pytest
        import warnings


        @pytest.fixture(autouse=True)
        def quiet():
            warnings.filterwarnings("ignore", category=DeprecationWarning)


        def test_one():
            assert product.size() == 1 #!
    "#]],
    );
}

#[test]
fn a_fixture_of_the_class_brings_what_it_requests() {
    check(
        "test_a.py::TestRoutes::test_sort",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- test_a.py
import pytest
from click.testing import CliRunner

@pytest.fixture
def runner():
    return CliRunner()

class TestRoutes:
    @pytest.fixture
    def invoke(self, runner):
        return runner.invoke

    def expect(self, got):
        <|>assert got == 1

    def test_sort(self, invoke):
        <|>self.expect(invoke("a"))
"#,
        expect![[r#"
            import pytest
            from click.testing import CliRunner


            @pytest.fixture
            def runner():
                return CliRunner()


            class TestRoutes:
                @pytest.fixture
                def invoke(self, runner):
                    return runner.invoke

                def expect(self, got):
                    assert got == 1

                def test_one(self, invoke):
                    self.expect(invoke("a")) #!
        "#]],
    );
}

#[test]
fn a_package_that_cannot_be_imported_fails_alone() {
    check(
        "pkg/tests/test_a.py",
        CriterionPhase::Collect,
        Level::Conservative,
        r#"
//- pkg/__init__.py
<|>from collections import Mapping
//- pkg/tests/__init__.py
//- pkg/tests/test_a.py
from pkg import x

class TestA:
    def test_a(self):
        assert x
"#,
        expect![[r#"
            import pkg  # noqa: F401 #!


            def test_one():
                pass
        "#]],
    );
}

#[test]
fn a_parameter_that_cannot_be_made_fails_in_the_decorator_of_the_test() {
    check(
        "tests/test_a.py",
        CriterionPhase::Collect,
        Level::Smallest,
        r#"
//- tests/test_a.py
import pytest
from product import date

def test_other():
    assert date("1900") == 1

@pytest.mark.parametrize(
    "value",
    [
        date("1900"),
        <|>date("190x"),
    ],
)
def test_value(value, size=1):
    found = value.day
    assert found == 1
"#,
        expect![[r#"
            import pytest
            from product import date


            @pytest.mark.parametrize(
                "value",
                [
                    date("1900"),
                    date("190x"), #!
                ],
            )
            def test_one(value, size=1):
                pass
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

#[test]
fn what_a_helper_of_the_class_reads_is_set_up() {
    check(
        "tests/test_a.py::TestBox::test_grown",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
import unittest
from shop import Box

class TestBox(unittest.TestCase):
    def setUp(self):
        self.box = Box()
        self.other = 1

    def grown(self, by):
        self.box.add(by)
        return self.box

    def test_grown(self):
        <|>self.assertEqual(self.grown(3).size, 4)
"#,
        expect![[r#"
            import unittest
            from shop import Box


            class TestBox(unittest.TestCase):
                def setUp(self):
                    self.box = Box()

                def grown(self, by):
                    self.box.add(by)
                    return self.box

                def test_one(self):
                    self.assertEqual(self.grown(3).size, 4) #!
        "#]],
    );
}
