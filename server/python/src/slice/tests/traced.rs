//! What a run of the test told: lines that ran, values of loops.

use expect_test::expect;
use text::fixture::Fixture;

use super::check_with;
use crate::model::{Criterion, CriterionPhase, Level, Observed};

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
fn an_example_tells_what_hypothesis_drew_beside_a_parameter() {
    let fixture = Fixture::parse(
        r#"
//- tests/test_a.py
import pytest
from hypothesis import given, strategies as st
from shop import LAST, Shop

@pytest.mark.parametrize('shop', [Shop(), LAST])
@given(name=st.text())
def test_a(shop, name):
    <|>assert shop.find(name)
"#,
    );
    let example = "test_a(\n    shop=Shop({'of': <function of at 0x7f>}),\n    name='0',\n)";
    check_with(
        "tests/test_a.py::test_a[shop1]",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion {
            falsifying_example: Some(example.to_owned()),
            ..Criterion::default()
        },
        None,
        expect![[r#"
            from shop import LAST


            def test_one():
                shop = LAST
                name = '0'
                assert shop.find(name) #!
        "#]],
    );
}

#[test]
fn a_header_that_fails_before_its_block_ran_stands_without_it() {
    let slice = |header: &str, body_ran: bool, expected: expect_test::Expect| {
        let fixture = Fixture::parse(&format!(
            "
//- tests/test_a.py
from product import names, load

def test_all():
    folder = 'cases'
    <|>{header}
        if name:
            load(name)
    else:
        load(folder)
"
        ));
        let mut rows = vec![1, 3, 4, 5];
        rows.extend(body_ran.then_some(6));
        let observed = Observed {
            lines: vec![("tests/test_a.py".to_owned(), rows)],
            ..Observed::default()
        };
        check_with(
            "tests/test_a.py::test_all",
            CriterionPhase::Call,
            Level::Smallest,
            &fixture,
            Criterion::default(),
            Some(&observed),
            expected,
        );
    };
    let without = expect![[r#"
        from product import names


        def test_one():
            folder = 'cases'
            for name in names(folder): #!
                pass
    "#]];
    slice("for name in names(folder):", false, without);
    let with = expect![[r#"
        from product import load, names


        def test_one():
            folder = 'cases'
            for name in names(folder): #!
                if name:
                    load(name)
            else:
                load(folder)
    "#]];
    slice("for name in names(folder):", true, with);
    let condition = expect![[r#"
        from product import names


        def test_one():
            folder = 'cases'
            if name := names(folder): #!
                pass
    "#]];
    slice("if name := names(folder):", false, condition);
}
