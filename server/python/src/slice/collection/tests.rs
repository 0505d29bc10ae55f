//! Modules whose import or collection fails.

use expect_test::{Expect, expect};
use text::fixture::Fixture;

use crate::model::{Criterion, CriterionFrame, CriterionPhase, Level};
use crate::project::Sources;
use crate::slice::tests::{check, check_with};

#[track_caller]
fn refused(id: &str, message: &str, level: Level, fixture: &str, expected: Expect) {
    let criterion = Criterion {
        exception: Some("Failed".to_owned()),
        message: Some(message.to_owned()),
        ..Criterion::default()
    };
    let phase = CriterionPhase::Collect;
    let fixture = Fixture::parse(fixture);
    check_with(id, phase, level, &fixture, criterion, None, expected);
}

const REFUSED: &str = r#"
//- tests/test_a.py
import pytest
from app import cases, render

SIZES = [1, 2]

def test_first():
    assert render("a")

def test_extra():
    for case in cases():
        yield render, case

class TestMore:
    @pytest.mark.parametrize("n", SIZES)
    def test_more(self):
        assert render("b")
"#;

#[test]
fn a_test_that_pytest_refuses_stands_alone() {
    refused(
        "tests/test_a.py",
        "'yield' keyword is allowed in fixtures, but not in tests (test_extra)",
        Level::Smallest,
        REFUSED,
        expect![[r#"
            def test_extra():
                yield
        "#]],
    );
    refused(
        "tests/test_a.py",
        "In test_more: function uses no argument 'n'",
        Level::Conservative,
        REFUSED,
        expect![[r#"
            import pytest

            SIZES = [1, 2]


            class TestMore:
                @pytest.mark.parametrize("n", SIZES)
                def test_more(self):
                    pass
        "#]],
    );
}

const CLASSES: &str = r#"
//- tests/test_a.py
import unittest

import pytest
from app import load, render

class TestFirst:
    @pytest.mark.parametrize("n", [1])
    def test_more(self, n):
        assert render("b")

class TestMore:
    @pytest.mark.parametrize("n", [2])
    def test_more(self):
        assert render("b")

class Base(unittest.TestCase):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.count = 1
        <|>self.data = load("data.json")
        self.more = load("more.json")

class TestCase(Base):
    def help(self):
        return self.data

    def test_first(self):
        assert self.help()

    def test_second(self):
        assert self.count
"#;

#[test]
fn a_test_that_pytest_refuses_is_of_the_class_that_the_id_names() {
    refused(
        "tests/test_a.py::TestMore",
        "In test_more: function uses no argument 'n'",
        Level::Smallest,
        &CLASSES.replace("<|>", ""),
        expect![[r#"
            import pytest


            class TestMore:
                @pytest.mark.parametrize("n", [2])
                def test_more(self):
                    pass
        "#]],
    );
}

#[test]
fn a_test_case_that_pytest_cannot_make_an_instance_of() {
    check(
        "tests/test_a.py::TestCase",
        CriterionPhase::Collect,
        Level::Smallest,
        CLASSES,
        expect![[r#"
            import unittest

            from app import load


            class Base(unittest.TestCase):
                def __init__(self, *args, **kwargs):
                    super().__init__(*args, **kwargs)
                    self.count = 1
                    self.data = load("data.json") #!
                    self.more = load("more.json")


            class TestCase(Base):
                def test_one(self):
                    pass
        "#]],
    );
}

#[test]
fn a_package_around_the_tests_that_python_cannot_read_is_imported() {
    let fixture = Fixture::parse(
        "\
//- src/shop/__init__.py
try:
    import json
except ImportError, error:
    json = None
//- src/shop/tests/__init__.py
//- src/shop/tests/test_a.py
import sys

VERSION = sys.version_info

def test_first():
    assert VERSION
",
    );
    let test = crate::find(&fixture, &[], "src/shop/tests/test_a.py").expect("it is there");
    let criterion = Criterion {
        phase: CriterionPhase::Collect,
        exception: Some("SyntaxError".to_owned()),
        frames: vec![CriterionFrame {
            path: "src/shop/__init__.py".to_owned(),
            line: 3,
            function: String::new(),
            source: Some("except ImportError, error:".to_owned()),
        }],
        name: "test_one".to_owned(),
        ..Criterion::default()
    };
    let slice = crate::slice(
        &Sources::new(&fixture),
        &test,
        &criterion,
        None,
        Level::Smallest,
    );
    expect![[r#"
        import shop  # noqa: F401


        def test_one():
            pass
    "#]]
    .assert_eq(&slice.code);
}

#[test]
fn the_whole_file_up_to_its_failing_line_holds_no_other_test() {
    check(
        "pkg/tests/test_a.py",
        CriterionPhase::Collect,
        Level::Whole,
        r#"
//- pkg/__init__.py
//- pkg/core.py
def make():
    return 1
//- pkg/tests/__init__.py
//- pkg/tests/helpers.py
def helper():
    return 2
//- pkg/tests/test_a.py
import os
from ..core import make
from .helpers import helper

def test_first():
    assert helper()

class TestB:
    def test_b(self):
        assert make()

<|>VALUE = make(helper())

def test_last():
    assert VALUE
"#,
        expect![[r#"
            from pkg.core import make


            def helper():
                return 2


            VALUE = make(helper()) #!


            def test_one():
                pass
        "#]],
    );
}

#[test]
fn a_block_is_cut_at_its_failing_line() {
    check(
        "tests/test_a.py",
        CriterionPhase::Collect,
        Level::Smallest,
        r#"
//- tests/test_a.py
import sys

if sys.version_info >= (3, 5):
    till = 1
    <|>import shop
    import stock
else:
    shop = None
"#,
        expect![[r#"
            import shop  # noqa: F401 #!


            def test_one():
                pass
        "#]],
    );
    check(
        "tests/test_a.py",
        CriterionPhase::Collect,
        Level::Smallest,
        r#"
//- tests/test_a.py
try:
    <|>from shop import till, Cart
    from shop import stock
except KeyError:
    Cart = None
"#,
        expect![[r#"
            from shop import till, Cart  # noqa: F401, I001 #!


            def test_one():
                pass
        "#]],
    );
}

#[test]
fn a_relative_import_without_a_package_fails_as_it_stands() {
    let fixture = Fixture::parse(
        "\
//- test/helpers.py
def helper():
    return 2
//- test/test_a.py
import os
from . import helpers

def test_first():
    assert helpers.helper() and os
",
    );
    let test = crate::find(&fixture, &[], "test/test_a.py").expect("it is there");
    let of = |message: &str| {
        let criterion = Criterion {
            phase: CriterionPhase::Collect,
            exception: Some("ImportError".to_owned()),
            message: Some(message.to_owned()),
            frames: vec![CriterionFrame {
                path: "test/test_a.py".to_owned(),
                line: 2,
                function: "<module>".to_owned(),
                source: Some("from . import helpers".to_owned()),
            }],
            name: "test_one".to_owned(),
            ..Criterion::default()
        };
        let sources = Sources::new(&fixture);
        crate::slice(&sources, &test, &criterion, None, Level::Smallest).code
    };
    expect![[r#"
        from . import helpers  # noqa: F401


        def test_one():
            pass
    "#]]
    .assert_eq(&of(
        "attempted relative import with no known parent package",
    ));
    expect![[r#"
        from test import helpers  # noqa: F401


        def test_one():
            pass
    "#]]
    .assert_eq(&of("cannot import name 'helpers' from 'test'"));
}
