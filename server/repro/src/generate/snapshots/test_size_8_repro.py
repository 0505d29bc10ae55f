"""Original failure: tests/test_a.py::test_size[8] (unit (3.11), 2026-01-02)
Error: AssertionError: assert 7 == 8
Expected: 8
Actual: 7
Run with: ./run_test.sh"""

from r import make


def test_size_8_repro():
    n = 8
    assert len(make(n)) == n  # <- fails here
