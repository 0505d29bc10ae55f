//! Classes beside tests, and what of them a run goes through.

use expect_test::expect;
use text::fixture::Fixture;

use super::{check, check_with};
use crate::model::{Criterion, CriterionPhase, Level, Observed};

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


            class Box:
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
fn methods_of_a_base_go_as_far_as_the_run_did() {
    let fixture = Fixture::parse(
        r#"
//- tests/base.py
import shutil
from shop import Shop

class Base:
    def setup_method(self):
        if self.is_real():
            shutil.rmtree("real")
            self.shop = None
        self.shop = Shop()
    def is_real(self):
        return False
    def price(self, name):
        if name is None:
            return 0
        found = self.shop.find(name)
        return found.price
//- tests/test_a.py
from tests.base import Base

class TestA(Base):
    def test_price(self):
        <|>assert self.price("tea") == 3
"#,
    );
    let observed = Observed {
        lines: vec![
            ("tests/base.py".to_owned(), vec![6, 9, 11, 13, 15, 16]),
            ("tests/test_a.py".to_owned(), vec![5]),
        ],
        ..Observed::default()
    };
    check_with(
        "tests/test_a.py::TestA::test_price",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion::default(),
        Some(&observed),
        expect![[r#"
            from shop import Shop


            class Base:
                def setup_method(self):
                    self.shop = Shop()

                def price(self, name):
                    found = self.shop.find(name)
                    return found.price


            class TestA(Base):
                def test_one(self):
                    assert self.price("tea") == 3 #!
        "#]],
    );
}

#[test]
fn of_a_branch_in_a_class_the_one_that_ran_stays() {
    let fixture = Fixture::parse(
        r#"
//- tests/base.py
import sys
from unittest import IsolatedAsyncioTestCase
from shop import Shop

IS_NEW = sys.version_info >= (3, 8)

class Base(IsolatedAsyncioTestCase):
    if IS_NEW:
        # as unittest calls it
        async def asyncSetUp(self):
            self.shop = Shop()
    else:
        def setUp(self):
            self.shop = Shop(1)
    if not IS_NEW:
        loop = None
//- tests/test_a.py
from tests.base import Base

class TestA(Base):
    async def test_price(self):
        <|>assert self.shop.price("tea") == 3
"#,
    );
    let observed = Observed {
        lines: vec![
            (
                "tests/base.py".to_owned(),
                vec![1, 2, 3, 5, 7, 8, 10, 11, 15],
            ),
            ("tests/test_a.py".to_owned(), vec![1, 3, 4, 5]),
        ],
        ..Observed::default()
    };
    check_with(
        "tests/test_a.py::TestA::test_price",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion::default(),
        Some(&observed),
        expect![[r#"
            from unittest import IsolatedAsyncioTestCase

            from shop import Shop


            class Base(IsolatedAsyncioTestCase):
                async def asyncSetUp(self):
                    self.shop = Shop()


            class TestA(Base):
                async def test_one(self):
                    assert self.shop.price("tea") == 3 #!
        "#]],
    );
}

#[test]
fn of_a_branch_and_its_else_the_one_that_ran_stays() {
    let fixture = Fixture::parse(
        r#"
//- tests/test_a.py
from shop import NEW, name, price

class TestA:
    def expected(self, kind):
        if NEW:
            found = price(kind)
        else:
            found = name(kind)
        if kind:
            found += 1
        return found
    def test_price(self):
        <|>assert self.expected("tea") == 3
"#,
    );
    let observed = Observed {
        lines: vec![("tests/test_a.py".to_owned(), vec![5, 6, 9, 10, 11, 13])],
        ..Observed::default()
    };
    check_with(
        "tests/test_a.py::TestA::test_price",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion::default(),
        Some(&observed),
        expect![[r#"
            from shop import price


            class TestA:
                def expected(self, kind):
                    found = price(kind)
                    if kind:
                        found += 1
                    return found

                def test_one(self):
                    assert self.expected("tea") == 3 #!
        "#]],
    );
}

#[test]
fn methods_that_only_the_product_calls_stay_where_they_ran() {
    let fixture = Fixture::parse(
        r#"
//- tests/test_a.py
from shop import Till

class DummyPrinter:
    def __init__(self):
        self.lines = []

    def feed(
        self,
        count,
    ):
        self.lines.append(count)

    def cut(self):
        self.lines.append("cut")

def test_print():
    printer = DummyPrinter()
    Till(printer).print("tea")
    <|>assert printer.lines == []
"#,
    );
    let observed = Observed {
        lines: vec![(
            "tests/test_a.py".to_owned(),
            vec![3, 4, 5, 7, 11, 13, 16, 17, 18, 19],
        )],
        ..Observed::default()
    };
    check_with(
        "tests/test_a.py::test_print",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion::default(),
        Some(&observed),
        expect![[r#"
            from shop import Till


            class DummyPrinter:
                def __init__(self):
                    self.lines = []

                def feed(
                    self,
                    count,
                ):
                    self.lines.append(count)


            def test_one():
                printer = DummyPrinter()
                Till(printer).print("tea")
                assert printer.lines == [] #!
        "#]],
    );
}

#[test]
fn handlers_that_never_ran_go_unless_they_would_change_something() {
    let fixture = Fixture::parse(
        r#"
//- tests/test_a.py
from shop import App

def make():
    app = App()
    seen = []
    @app.route("/tea")
    def tea():
        return 1
    @app.route("/milk")
    def milk():
        return 2
    @app.closed
    def closed():
        seen.append(1)
    return app

def test_route():
    app = make()
    <|>assert app.get("/tea") == 2
"#,
    );
    let observed = Observed {
        lines: vec![(
            "tests/test_a.py".to_owned(),
            vec![3, 4, 5, 6, 7, 8, 9, 12, 15, 17, 18, 19],
        )],
        ..Observed::default()
    };
    check_with(
        "tests/test_a.py::test_route",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion::default(),
        Some(&observed),
        expect![[r#"
            from shop import App


            def make():
                app = App()
                seen = []
                @app.route("/tea")
                def tea():
                    return 1
                @app.closed
                def closed():
                    seen.append(1)
                return app


            def test_one():
                app = make()
                assert app.get("/tea") == 2 #!
        "#]],
    );
}

#[test]
fn fields_that_a_base_from_elsewhere_reads_by_way_of_another_class() {
    check(
        "tests/test_a.py::test_load",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
from product import Schema

class Common(Schema):
    @classmethod
    def kinds(cls):
        return Common.__subclasses__()

class Mine(Common):
    _schema = {"a": 1}

def test_load():
    <|>assert Mine.load() == 1
"#,
        expect![[r#"
            from product import Schema


            class Common(Schema):
                pass


            class Mine(Common):
                _schema = {"a": 1}  # noqa: RUF012


            def test_one():
                assert Mine.load() == 1 #!
        "#]],
    );
}

#[test]
fn what_is_done_to_a_part_after_it_was_added() {
    check(
        "tests/test_a.py::test_show",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
from product import Box, Part

def test_show():
    box = Box()
    part = Part("a")
    other = Part("b")
    box.add_part(part)
    part.add_part(other)
    <|>assert str(box) == ""
"#,
        expect![[r#"
            from product import Box, Part


            def test_one():
                box = Box()
                part = Part("a")
                other = Part("b")
                box.add_part(part)
                part.add_part(other)
                assert str(box) == "" #!
        "#]],
    );
}
