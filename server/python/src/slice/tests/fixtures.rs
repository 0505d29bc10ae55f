//! Fixtures that stay, come along or go.

use expect_test::expect;
use text::fixture::Fixture;

use super::{check, check_with};
use crate::model::{Criterion, CriterionPhase, Level, Observed};

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
fn arguments_that_request_nothing_stay_where_they_are_used() {
    check(
        "tests/test_a.py::test_size",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
from box import size

def test_size(*args, start=1, end: int = 2, **kwargs):
    size(end, **kwargs)
    <|>assert size(*args, start) == 1
"#,
        expect![[r#"
            from box import size


            def test_one(*args, start=1):
                assert size(*args, start) == 1 #!
        "#]],
    );
}

#[test]
fn of_a_fixture_with_parameters_the_branch_that_ran_stays() {
    let fixture = Fixture::parse(
        r#"
//- tests/test_a.py
import pytest
from box import mark

@pytest.fixture(params=[None, ((), {"reason": "old"})])
def marked(request):
    if request.param is None:
        class Part:
            @mark
            def run(self):
                pass
        return Part
    else:
        args, kwargs = request.param
        class Part:
            @mark(*args, **kwargs)
            def run(self):
                pass
        return Part

def test_run(marked):
    <|>assert marked().run() == 1
"#,
    );
    let observed = Observed {
        lines: vec![(
            "tests/test_a.py".to_owned(),
            vec![1, 2, 4, 5, 6, 13, 14, 15, 18, 20, 21],
        )],
        ..Observed::default()
    };
    check_with(
        "tests/test_a.py::test_run[marked1]",
        CriterionPhase::Call,
        Level::Smallest,
        &fixture,
        Criterion::default(),
        Some(&observed),
        expect![[r#"
            import pytest
            from box import mark


            @pytest.fixture
            def marked():
                args, kwargs = ((), {"reason": "old"})
                class Part:
                    @mark(*args, **kwargs)
                    def run(self):
                        pass
                return Part


            def test_one(marked):
                assert marked().run() == 1 #!
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
            from hypothesis import given
            from hypothesis import strategies as st
            from product import check


            @given(st.integers())
            def test_one(number):
                assert check(number) #!
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
            import warnings

            import product
            import pytest


            @pytest.fixture(autouse=True)
            def quiet():
                warnings.filterwarnings("ignore", category=DeprecationWarning)


            def test_one():
                assert product.size() == 1 #!
        "#]],
    );
}
