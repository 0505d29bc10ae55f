import pytest
@pytest.fixture
def letter(database): return "pkg"
@pytest.fixture(autouse=True, params=["p0", "p1"])
def always(request): pass
