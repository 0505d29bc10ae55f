import pytest
class Shared:
    @pytest.mark.parametrize("n", [1, 2])
    def test_shared(self, n, letter): pass
