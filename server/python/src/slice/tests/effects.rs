//! What is done elsewhere, or through another name, to what the failing line reads.

use expect_test::expect;

use super::check;
use crate::model::{CriterionPhase, Level};

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

#[test]
fn what_a_base_makes_of_one_attribute_is_changed_through_the_other() {
    check(
        "tests/test_a.py::TestA::test_help",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
import shop
from unittest import TestCase

class Base(TestCase):
    def make(self):
        self.parser = shop.Parser()
        self.help = self.parser.help
        return self.parser

class TestA(Base):
    def setUp(self):
        self.make()

    def test_help(self):
        parser = self.parser
        group = parser.add_group()
        group.add("--price")
        other = shop.Parser()
        other.add("--other")
        <|>self.assertEqual(self.help(), "")
"#,
        expect![[r#"
            from unittest import TestCase

            import shop


            class Base(TestCase):
                def make(self):
                    self.parser = shop.Parser()
                    self.help = self.parser.help
                    return self.parser


            class TestA(Base):
                def setUp(self):
                    self.make()

                def test_one(self):
                    parser = self.parser
                    group = parser.add_group()
                    group.add("--price")
                    self.assertEqual(self.help(), "") #!
        "#]],
    );
}

#[test]
fn what_a_base_sets_up_by_its_own_name_is_set_up() {
    check(
        "tests/test_a.py::TestA::test_price",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/base.py
import shop

class First:
    def setUp(self):
        self.shop = shop.Shop()

class Second:
    def setUp(self):
        self.price = 3
//- tests/test_a.py
from unittest import TestCase
from tests.base import First, Second

class TestA(First, Second, TestCase):
    def setUp(self):
        First.setUp(self)
        Second.setUp(self)
        print(self)

    def test_price(self):
        <|>self.assertEqual(self.shop.price, self.price)

    def test_nothing(self):
        pass
"#,
        expect![[r#"
            from unittest import TestCase

            import shop


            class First:
                def setUp(self):
                    self.shop = shop.Shop()


            class Second:
                def setUp(self):
                    self.price = 3


            class TestA(First, Second, TestCase):
                def setUp(self):
                    First.setUp(self)
                    Second.setUp(self)

                def test_one(self):
                    self.assertEqual(self.shop.price, self.price) #!
        "#]],
    );
}

#[test]
fn what_a_module_sets_of_its_values_is_set() {
    check(
        "tests/test_a.py::test_fit",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
import shop

prices = shop.prices(tea=3)
prices["tea"].set(limit=4)
prices.keys()
other = shop.prices()
other.set(1)

def test_fit():
    <|>assert prices.fit() == 3
"#,
        expect![[r#"
            import shop

            prices = shop.prices(tea=3)
            prices["tea"].set(limit=4)


            def test_one():
                assert prices.fit() == 3 #!
        "#]],
    );
}

#[test]
fn what_the_file_puts_into_modules_that_it_imports_stays() {
    let fixture = r#"
//- tests/test_a.py
import os
import colors
import shop
from shop import stock

class Fake:
    def __init__(self, name):
        self.name = name

shop.LOOK = Fake("look")
stock.FILES = [os.path.join("data", "a")]
colors.NAMES["red"] = 1

def test_size():
    <|>assert shop.size() == 8
"#;
    let slice = |level: Level, expected: expect_test::Expect| {
        let id = "tests/test_a.py::test_size";
        check(id, CriterionPhase::Call, level, fixture, expected);
    };
    slice(
        Level::Smallest,
        expect![[r#"
            import os

            import shop
            from shop import stock


            class Fake:
                def __init__(self, name):
                    self.name = name


            shop.LOOK = Fake("look")
            stock.FILES = [os.path.join("data", "a")]


            def test_one():
                assert shop.size() == 8 #!
        "#]],
    );
    slice(
        Level::Conservative,
        expect![[r#"
            import os

            import colors
            import shop
            from shop import stock


            class Fake:
                def __init__(self, name):
                    self.name = name


            shop.LOOK = Fake("look")
            stock.FILES = [os.path.join("data", "a")]
            colors.NAMES["red"] = 1


            def test_one():
                assert shop.size() == 8 #!
        "#]],
    );
}
