//! What a run of the test adds to what its source says.

use expect_test::{Expect, expect};
use reprolens_python::project::{Project, Sources};
use reprolens_python::{Observed, find_observed};
use text::fixture::Fixture;

#[track_caller]
fn check(id: &str, observed: &Observed, fixture: &str, expected: Expect) {
    let fixture = Fixture::parse(fixture);
    let sources = Sources::new(&fixture);
    let test = find_observed(&Project::new(&sources, &[]), id, observed)
        .expect("the fixture holds the test");
    let mut shown = String::new();
    for param in &test.params {
        let value = param.value.as_deref().unwrap_or("?");
        shown.push_str(&format!("{} = {value}\n", param.name));
    }
    expected.assert_eq(&shown);
}

fn index(name: &str, at: usize) -> Observed {
    Observed {
        indices: vec![(name.to_owned(), at)],
        ..Observed::default()
    }
}

#[test]
fn a_run_tells_the_set_of_an_id_that_code_makes() {
    let fixture = "
//- conftest.py
def pytest_make_parametrize_id(config, val, argname):
    return describe(val)
//- test_a.py
import pytest
from shop import Basket

@pytest.mark.parametrize('basket', [Basket([1]), Basket([3])])
def test_total(basket):
    assert basket.total() == 6
";
    let id = "test_a.py::test_total[basket_1]";
    check(
        id,
        &index("basket", 1),
        fixture,
        expect![[r#"
        basket = Basket([3])
    "#]],
    );
    check(
        id,
        &Observed::default(),
        fixture,
        expect![[r#"
        basket = ?
    "#]],
    );
}

#[test]
fn an_id_that_code_makes_has_words_of_one_value() {
    let fixture = "
//- conftest.py
def pytest_make_parametrize_id(config, val, argname):
    return f'{argname}={describe(val)}'
//- test_a.py
import pytest
import ttnn

@pytest.mark.parametrize('layout', [ttnn.TILE_LAYOUT, ttnn.ROW_MAJOR_LAYOUT])
@pytest.mark.parametrize('memory', [ttnn.DRAM_MEMORY_CONFIG, ttnn.L1_MEMORY_CONFIG])
def test_gelu(layout, memory):
    assert ttnn.gelu(layout, memory)
";
    check(
        "test_a.py::test_gelu[memory=MemoryConfig(L1)-layout=Layout.ROW_MAJOR]",
        &Observed::default(),
        fixture,
        expect![[r#"
            memory = ttnn.L1_MEMORY_CONFIG
            layout = ttnn.ROW_MAJOR_LAYOUT
        "#]],
    );
    check(
        "test_a.py::test_gelu[memory=MemoryConfig(1)-layout=Layout.TILE]",
        &Observed::default(),
        fixture,
        expect![[r#"
            memory = ?
            layout = ttnn.TILE_LAYOUT
        "#]],
    );
}

#[test]
fn what_the_id_says_is_not_overruled() {
    check(
        "test_a.py::test_size[b]",
        &index("size", 0),
        "
//- test_a.py
import pytest

@pytest.mark.parametrize('size', [1, 2], ids=['a', 'b'])
def test_size(size):
    assert size == 3
",
        expect![[r#"
            size = 2
        "#]],
    );
}

#[test]
fn arguments_that_only_a_hook_gives_have_the_value_of_the_run() {
    check(
        "test_a.py::test_amount[x-3]",
        &Observed {
            params: vec![("amount".to_owned(), "3".to_owned())],
            ..Observed::default()
        },
        "
//- conftest.py
def pytest_generate_tests(metafunc):
    for plan in plans(metafunc):
        plan.apply()
//- test_a.py
def test_amount(amount):
    assert amount == 2
",
        expect![[r#"
            amount = 3
        "#]],
    );
}
