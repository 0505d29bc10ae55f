import unittest
import pytest
from unittest import mock
from helpers import Base, colour, requires_gpu
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]
@pytest.fixture
def letter(letter): return letter + "b"
@pytest.fixture(name="renamed")
def _renamed(number): return number
@pytest.fixture
def both(colour, axis): return colour, axis
def test_override(letter): pass
def test_renamed(renamed): pass
def test_both(both, number): pass
@pytest.mark.parametrize("v", ["m", "n"])
def test_mixed(number, v): pass
@pytest.mark.parametrize("number", [7, 8])
def test_direct(number): pass
@pytest.mark.parametrize("device, v", [({"size": 1}, 1), ({"size": 2}, 2)], indirect=["device"])
def test_some_indirect(device, v): pass
@pytest.mark.parametrize("device", [{"l1": 24576}], indirect=True)
@pytest.mark.parametrize("number", [3], indirect=True)
def test_indirect(device, number): pass
@requires_gpu
@mock.patch("os.getcwd")
def test_patched(getcwd, letter): pass
@pytest.mark.parametrize("size", [10, 20])
class TestClass(Base):
    TestNested = None
    @pytest.fixture(autouse=True)
    def prepare(self, number): self.number = number
    @pytest.fixture
    def letter(self, letter): return letter
    def test_method(self, size): pass
    def test_inherited(self, letter, size): pass
    @pytest.mark.parametrize("v", [True])
    def test_more(self, size, v, *, axis): pass
class TestOther(Base):
    def setup_method(self): pass
    VALUES = ["i", "j"]
    @pytest.mark.parametrize("v", VALUES)
    def test_of_class(self, v): pass
    @staticmethod
    def test_static(letter): pass
class TestCase(unittest.TestCase):
    def setUp(self): pass
    def test_case(self): pass
async def test_async(letter): pass
def test_by_value(request): request.getfixturevalue("axis")
test_alias = test_override
if True:
    def test_conditional(axis): pass
