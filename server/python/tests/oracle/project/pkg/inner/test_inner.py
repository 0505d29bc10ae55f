from .base import Shared
from ..inner import base
class TestInner(Shared): pass
class TestAgain(base.Shared):
    def test_own(self, axis): pass
