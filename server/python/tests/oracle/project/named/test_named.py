import pytest
class Layout:
    def __init__(self, n): self.n = n
    def __str__(self): return f"Layout<{self.n}>"
    def __eq__(self, o): return self.n == o.n
@pytest.mark.parametrize("shape", [[8, 8], (1,), [1, 2, 3]])
@pytest.mark.parametrize("dim", [-1, None, "x-y"])
def test_gather(shape, dim): pass
@pytest.mark.parametrize("layout", [Layout(1), Layout(2)])
@pytest.mark.parametrize("n", [1, 2])
def test_layout(layout, n): pass
@pytest.mark.parametrize("n", [1, 2])
def test_arch(arch, n): pass
