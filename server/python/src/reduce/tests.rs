mod headers;

use expect_test::{Expect, expect};

use super::{parts, without};

/// The text without all parts whose source begins with one of `gone`.
#[track_caller]
fn check(text: &str, gone: &[&str], expected: Expect) {
    let parts = parts(text, None, "test_one");
    let gone: Vec<usize> = parts
        .iter()
        .enumerate()
        .filter(|(_, part)| {
            let source = part.span().of(text);
            gone.iter().any(|start| source.starts_with(start))
        })
        .map(|(index, _)| index)
        .collect();
    let (text, _) = without(text, &parts, &gone, None);
    expected.assert_eq(&text);
}

/// The parts, each by its first line, with `!` where it is a statement that matters.
#[track_caller]
fn check_parts(text: &str, expected: Expect) {
    let shown: String = parts(text, None, "test_one")
        .iter()
        .map(|part| {
            let line = part.span().of(text).lines().next().unwrap_or_default();
            let careful = if part.careful { "!" } else { "" };
            format!(
                "{}{careful} {}\n",
                part.group,
                line.trim_end_matches([',', ' '])
            )
        })
        .collect();
    expected.assert_eq(&shown);
}

#[test]
fn elements_statements_and_members_are_parts_and_the_failing_line_is_none() {
    check_parts(
        r#""""Text."""
import os

TABLE = [(1, [0]), (2, 3)]
SHAPE = [16, 24]


class Box(Base):
    size = 1

    def open(self):
        return self.size


def test_one():
    box = Box(size=3)
    with box:
        box.open()
        assert box.size == {"a": 1}  # <- fails here
"#,
        expect![[r#"
            0! return self.size
            1! box = Box(size=3)
            2! box.open()
            3 size = 1
            3 def open(self):
            4! TABLE = [(1, [0]), (2, 3)]
            4! SHAPE = [16, 24]
            4 class Box(Base):
            5! with box:
            6 (1, [0])
            6 (2, 3)
            7 Base
        "#]],
    );
}

#[test]
fn what_sets_up_a_device_is_no_part() {
    check_parts(
        r#"
import random
import pytest

pytestmark = pytest.mark.usefixtures("reset")


@pytest.fixture(params=[{"l1": [1, 2]}, {"l2": [3]}])
def mesh(request):
    random.seed(0)
    opened = open_mesh(request.param)
    yield opened


@wrapped
@pytest.mark.parametrize("mesh", [{"l1": [1]}, {"l2": [2]}], indirect=True)
class TestOne:
    @pytest.mark.parametrize("device_params", [{"l1": [1], "l2": [2]}], indirect=True)
    def test_one(self, mesh, device):
        extra = mesh.size
        assert mesh.shape == {"a": 1}  # <- fails here
"#,
        expect![[r#"
            0! opened = open_mesh(request.param)
            0! yield opened
            1! extra = mesh.size
            2! @wrapped
            3! request
        "#]],
    );
}

#[test]
fn what_is_left_is_laid_out_anew() {
    check(
        r#"import os
import re
from a import alpha, beta

TABLE = [
    (1, "a"),
    (2, "b"),
    # The third.
    (3, os.sep),
]


class Box(Base):
    # The size.
    size = 1

    def open(self):
        return self.size


@wrapped
def helper():
    random.seed(0)
    return alpha


@pytest.mark.usefixtures("device")
def test_one():
    for number, name in TABLE:
        print(number)
    assert re.sub(name, flags=3, count=alpha) == {"a": 1}  # <- fails here
"#,
        &[
            "(2", "(3", "size = 1", "return", "random", "@pytest", "Base", "@wrapped", "print",
            "flags",
        ],
        expect![[r#"
            import re

            from a import alpha

            TABLE = [(1, "a")]


            @pytest.mark.usefixtures("device")
            def test_one():
                for number, name in TABLE:
                    pass
                assert re.sub(name, flags=3, count=alpha) == {"a": 1}  # <- fails here
        "#]],
    );
}

#[test]
fn a_sum_of_tables_does_without_some_of_them() {
    let text = r#"
def test_one():
    first = [1]
    all_of_them = (first + more() +
                   second + third)
    for one in first + second + third:
        assert one in all_of_them  # <- fails here
    return(first + second + third)[0]
"#;
    check_parts(
        text,
        expect![[r#"
            0! first = [1]
            0! all_of_them = (first + more() +
            0! return(first + second + third)[0]
            1! for one in first + second + third:
            2! first +
            2! more() +
            2! second +
            3! first +
            3! second +
            4! first +
            4! second +
        "#]],
    );
    check(
        text,
        &["first +", "second +"],
        expect![[r#"
            def test_one():
                all_of_them = (more() +
                               third)
                for one in third:
                    assert one in all_of_them  # <- fails here
                return(third)[0]
        "#]],
    );
    check(
        text,
        &["first +", "second +", "more() +"],
        expect![[r#"
            def test_one():
                all_of_them = third
                for one in third:
                    assert one in all_of_them  # <- fails here
                return(third)[0]
        "#]],
    );
}

#[test]
fn of_alternatives_the_first_stays() {
    let text = r#"
simple = (
    first() | second(1) |
    third
)
some = first() | second(1)


def test_one():
    flags = simple.flags | 1
    assert some  # <- fails here
"#;
    check_parts(
        text,
        expect![[r#"
            0! flags = simple.flags | 1
            1! simple = (
            1! some = first() | second(1)
            2!  | second(1)
            2!  |
            3!  | second(1)
            4!  | 1
        "#]],
    );
    check(
        text,
        &[" | second(1)"],
        expect![[r#"
            simple = (first() | third)
            some = first()


            def test_one():
                assert some  # <- fails here
        "#]],
    );
    check(
        text,
        &[" | second(1)", " |\n    third"],
        expect![[r#"
            simple = first()
            some = first()


            def test_one():
                assert some  # <- fails here
        "#]],
    );
}

#[test]
fn definitions_stand_apart() {
    check(
        r#"def numbers():
    return [1]
exec("TOTAL = 1")

@pytest.fixture
# Why.
def total():
    return TOTAL
@pytest.mark.parametrize("a", [
    1,
])
def test_one(a, total):
    assert numbers() == [total]  # <- fails here
"#,
        &[],
        expect![[r#"
            def numbers():
                return [1]


            exec("TOTAL = 1")  # noqa: S102


            @pytest.fixture
            # Why.
            def total():
                return TOTAL


            @pytest.mark.parametrize("a", [
                1,
            ])
            def test_one(a, total):
                assert numbers() == [total]  # <- fails here
        "#]],
    );
}

#[test]
fn what_a_decorator_hands_on_is_taken_away_with_care() {
    check_parts(
        r#"import pytest
from shop import app


@pytest.fixture
def till():
    return 1


@app.route("/")
def index():
    return ""


def add_routes(app):
    @app.route("/tea")
    def tea():
        return ""


def test_one():
    assert app.get("/") == 1  # <- fails here
"#,
        expect![[r#"
            0! return 1
            1! return ""
            2! @app.route("/tea")
            3! return ""
            4 @pytest.fixture
            4! @app.route("/")
            4 def add_routes(app):
            5! @app.route("/")
            6! @app.route("/tea")
        "#]],
    );
}

#[test]
fn assertions_that_only_look_and_imports_of_a_function_are_parts() {
    check_parts(
        r#"import unittest


class TestShop(unittest.TestCase):
    def test_one(self):
        from shop import Shop, milk
        shop = Shop()
        assert shop.is_open()
        assert shop.close()
        self.assertTrue(shop.sign)
        self.assertRaises(ValueError, shop.open)
        self.assertEqual(shop.sign, 1)  # <- fails here
"#,
        expect![[r#"
            0! from shop import Shop, milk
            0! shop = Shop()
            0 assert shop.is_open()
            0! assert shop.close()
            0 self.assertTrue(shop.sign)
            0! self.assertRaises(ValueError, shop.open)
            1 unittest.TestCase
        "#]],
    );
}
