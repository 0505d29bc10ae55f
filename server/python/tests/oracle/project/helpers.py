import pytest
SIZES = [1, 2, 3]
NAMES = ("one", "two-three", "four")
requires_gpu = pytest.mark.skipif(False, reason="no gpu")
class Base:
    def test_inherited(self, letter): assert letter
    class TestNested:
        def test_deep(self): pass
@pytest.fixture(params=["red", "green"])
def colour(request): return request.param
