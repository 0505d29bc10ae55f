//! Tests in classes.

use expect_test::expect;

use super::check;
use crate::model::{CriterionPhase, Level};

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
            from unittest import TestCase as Case

            from product import Box


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

#[test]
fn a_class_that_names_itself_stands_once_and_without_what_only_skips_it() {
    check(
        "tests/test_a.py::TestShop::test_price",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
import os
import unittest
from shop import Shop, ShopCase

@unittest.skipIf(not hasattr(os, "fork"), "wants fork")
class TestShop(ShopCase):
    name = "tea"
    other = "milk"

    def setUp(self):
        super(TestShop, self).setUp()
        self.shop = Shop()

    def test_price(self):
        <|>self.assertEqual(self.shop.price(TestShop.name), 3)

    def test_other(self):
        self.assertEqual(self.shop.price(TestShop.other), 3)
"#,
        expect![[r#"
            from shop import Shop, ShopCase


            class TestShop(ShopCase):
                name = "tea"

                def setUp(self):
                    super().setUp()
                    self.shop = Shop()

                def test_one(self):
                    self.assertEqual(self.shop.price(TestShop.name), 3) #!
        "#]],
    );
}

#[test]
fn what_the_tests_instance_is_told_stays_while_its_state_is_needed() {
    check(
        "tests/test_a.py::TestShop::test_price",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
import unittest
from shop import Shop, wait

class TestShop(unittest.TestCase):
    def setUp(self):
        self.answers = []
        self.shop = Shop(self.answers)
        self.shop.open()

    def answer(self, text):
        self.answers.append(text)

    def test_price(self):
        wait()
        self.answer("3")
        <|>self.assertEqual(self.shop.price("tea"), 2)

    def test_wait(self):
        self.answer("3")
        self.assertEqual(wait(), 2)
"#,
        expect![[r#"
            import unittest

            from shop import Shop, wait


            class TestShop(unittest.TestCase):
                def setUp(self):
                    self.answers = []
                    self.shop = Shop(self.answers)
                    self.shop.open()

                def answer(self, text):
                    self.answers.append(text)

                def test_one(self):
                    wait()
                    self.answer("3")
                    self.assertEqual(self.shop.price("tea"), 2) #!
        "#]],
    );
}

#[test]
fn a_call_of_an_attribute_that_the_failing_line_calls_in_a_method() {
    let fixture = r#"
//- tests/test_a.py
import unittest
from calc import Interpreter

class Case(unittest.TestCase):
    def setUp(self):
        self.run_code = Interpreter()

    def is_true(self, code):
        value = self.run_code(code)
        self.assertTrue(value)

class TestEval(Case):
    def test_index(self):
        self.run_code("a = [1]")
        self.is_true("a[0]")
        <|>self.is_true("a[0] == 1")
"#;
    check(
        "tests/test_a.py::TestEval::test_index",
        CriterionPhase::Call,
        Level::Smallest,
        fixture,
        expect![[r#"
            import unittest

            from calc import Interpreter


            class Case(unittest.TestCase):
                def setUp(self):
                    self.run_code = Interpreter()

                def is_true(self, code):
                    value = self.run_code(code)
                    self.assertTrue(value)


            class TestEval(Case):
                def test_one(self):
                    self.run_code("a = [1]")
                    self.is_true("a[0] == 1") #!
        "#]],
    );
}

#[test]
fn a_class_that_names_itself_stands_once() {
    check(
        "tests/test_a.py::TestBox::test_box",
        CriterionPhase::Call,
        Level::Whole,
        r#"
//- tests/test_a.py
from box import Case, box

class TestBox(Case):
    def tearDown(self):
        super(TestBox, self).tearDown()

    def test_box(self):
        super(TestBox, self).check()
        <|>assert box(self) == 1
"#,
        expect![[r#"
            from box import Case, box


            class TestBox(Case):
                def tearDown(self):
                    super().tearDown()

                def test_one(self):
                    super().check()
                    assert box(self) == 1 #!
        "#]],
    );
}

#[test]
fn a_method_that_is_decorated_again_below_it_is_the_test() {
    check(
        "tests/test_a.py::TestOpen::test_open",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
import sys
import unittest
import product

class TestOpen(unittest.TestCase):
    def test_open(self):
        node = product.parse("open")
        <|>self.assertEqual(node.name, "open")

    if sys.platform == "win32":
        test_open = unittest.expectedFailure(test_open)
"#,
        expect![[r#"
            import unittest

            import product


            class TestOpen(unittest.TestCase):
                def test_one(self):
                    node = product.parse("open")
                    self.assertEqual(node.name, "open") #!
        "#]],
    );
}

#[test]
fn parameters_of_names_of_the_class_are_its_attributes_and_defaults_come_along() {
    check(
        "tests/test_a.py::TestStats::test_mean[returns0-b]",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
import pytest
import product

PLACES = 8
returns = 0

class TestStats:
    size = 2
    returns = product.series(size)
    unused = product.series(3)

    @pytest.mark.parametrize("given, name", [(abs(returns), "b")])
    def test_mean(self, given, name, places=PLACES):
        <|>assert product.mean(given, name=name, places=places)
"#,
        expect![[r#"
            import product

            PLACES = 8


            class TestStats:
                size = 2
                returns = product.series(size)

                def test_one(self, places=PLACES):
                    given = abs(self.returns)
                    name = "b"
                    assert product.mean(given, name=name, places=places) #!
        "#]],
    );
}
