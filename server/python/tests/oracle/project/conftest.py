import pytest
@pytest.fixture(autouse=True)
def around(): yield
@pytest.fixture(scope="session")
def database(): return {}
@pytest.fixture
def letter(): return "a"
@pytest.fixture(params=[1, 2])
def number(request): return request.param
@pytest.fixture(params=["x", "y"], ids=["ex", "why"], scope="module")
def axis(request): return request.param
@pytest.fixture
def device(request): return getattr(request, "param", None)
