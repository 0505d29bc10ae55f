//! Imports, and modules that cannot be loaded.

use expect_test::expect;
use text::fixture::Fixture;

use super::{check, check_with};
use crate::model::{Criterion, CriterionPhase, Level, Observed};

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
fn modules_that_no_code_names_are_not_imported_beside_their_package() {
    check(
        "tests/test_a.py::test_parse",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
import feed
import feed.api
import feed.dates.iso
import xml.etree.ElementTree
from unittest import mock

def test_parse():
    tree = xml.etree.ElementTree.fromstring("<a/>")
    with mock.patch("feed.dates.now"):
        <|>assert feed.parse(tree) == 1
"#,
        expect![[r#"
            import xml.etree.ElementTree
            from unittest import mock

            import feed
            import feed.dates.iso


            def test_one():
                tree = xml.etree.ElementTree.fromstring("<a/>")
                with mock.patch("feed.dates.now"):
                    assert feed.parse(tree) == 1 #!
        "#]],
    );
}

#[test]
fn names_within_the_brackets_of_a_type_are_imported() {
    check(
        "tests/test_a.py::test_sum",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/test_a.py
from typing import Dict, Generator, List, Union
from product import Item, total

def gathered(items: Union[Generator, "set"]) -> Dict[str, List[Item]]:
    found: List[Item] = []
    for item in items:
        found.append(item)
    return {"all": found}

def test_sum():
    <|>assert total(gathered(range(3))) == 4
"#,
        expect![[r#"
            from typing import Dict, Generator, List, Union  # noqa: UP035

            from product import Item, total


            def gathered(items: Union[Generator, "set"]) -> Dict[str, List[Item]]:  # noqa: UP006
                found: List[Item] = []  # noqa: UP006
                for item in items:
                    found.append(item)  # noqa: PERF402
                return {"all": found}


            def test_one():
                assert total(gathered(range(3))) == 4 #!
        "#]],
    );
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
fn a_file_of_tests_by_another_name_fails_where_it_does() {
    check(
        "shop/tests.py",
        CriterionPhase::Collect,
        Level::Conservative,
        r#"
//- shop/tests.py
import unittest
<|>from shop.models import Price, Tax

class TestPrice(unittest.TestCase):
    def test_price(self):
        assert Price() == Tax
"#,
        expect![[r#"
            from shop.models import Price, Tax  # noqa: F401 #!


            def test_one():
                pass
        "#]],
    );
}

#[test]
fn a_folder_fails_where_its_conftest_does() {
    check(
        "docs",
        CriterionPhase::Collect,
        Level::Conservative,
        r#"
//- docs/conftest.py
import os
from tool import Parser
from tool.docs import Example

parse = Parser(
    <|>Example(),
    os.getcwd(),
)
//- docs/a.txt
"#,
        expect![[r#"
            import os

            from tool import Parser
            from tool.docs import Example

            parse = Parser(
                Example(), #!
                os.getcwd(),
            )


            def test_one():
                pass
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
fn a_test_module_used_as_a_module_stands_before_the_classes_that_use_it() {
    check(
        "tests/test_a.py::TestMax::test_max",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- tests/__init__.py
//- tests/helpers.py
import pytest

requires = pytest.mark.skipif(False, reason="never")
//- tests/test_a.py
import product
from tests import helpers

@helpers.requires
class Base:
    @property
    def q(self):
        return product.quantity()

class TestMax(Base):
    def test_max(self):
        <|>assert max(self.q) == 4
"#,
        expect![[r#"
            import product
            import pytest

            requires = pytest.mark.skipif(False, reason="never")


            @requires
            class Base:
                @property
                def q(self):
                    return product.quantity()


            class TestMax(Base):
                def test_one(self):
                    assert max(self.q) == 4 #!
        "#]],
    );
}

#[test]
fn a_products_module_for_tests_comes_along_though_its_package_imports_all_of_others() {
    check(
        "tests/test_a.py::test_parse",
        CriterionPhase::Call,
        Level::Conservative,
        r#"
//- product/__init__.py
from product.nodes import *
//- product/nodes.py
class Node: pass
//- product/test_utils.py
def require_version(function):
    return function
//- tests/test_a.py
from product import Node, test_utils

@test_utils.require_version
def test_parse():
    <|>assert Node().name
"#,
        expect![[r#"
            from product import Node


            def require_version(function):
                return function




            @require_version
            def test_one():
                assert Node().name #!
        "#]],
    );
}

#[test]
fn a_test_module_used_as_a_module_is_not_one_where_its_names_stand_for_themselves() {
    let fixture = |value: &str| {
        format!(
            r#"
//- tests/__init__.py
//- tests/helpers.py
LIMIT = 4
//- tests/test_a.py
import product
from tests import helpers

def test_max({value}):
    limit = helpers.LIMIT
    <|>assert product.max(limit) == {value}
"#
        )
    };
    let smallest = |value: &str, expected| {
        let fixture = fixture(value);
        let id = "tests/test_a.py::test_max";
        check(
            id,
            CriterionPhase::Call,
            Level::Smallest,
            &fixture,
            expected,
        );
    };
    smallest(
        "three",
        expect![[r#"
        import product

        LIMIT = 4


        def test_one(three):
            limit = LIMIT
            assert product.max(limit) == three #!
    "#]],
    );
    smallest(
        "LIMIT",
        expect![[r#"
        from types import SimpleNamespace

        import product

        LIMIT = 4
        helpers = SimpleNamespace(LIMIT=LIMIT)


        def test_one(LIMIT):
            limit = helpers.LIMIT
            assert product.max(limit) == LIMIT #!
    "#]],
    );
}
