"""
Original failure: tests/test_invoice.py::TestTotals::test_discount[0.25-1-50-0.13] (unit (py3.11, bankers))
Error: AssertionError: assert Decimal('0.12') == Decimal('0.13')
Expected: Decimal('0.13')
Actual: Decimal('0.12')
Run with: ./run_test.sh
"""
from decimal import Decimal


def test_local_conftest(invoice):
    invoice.add("0.25", 1, 50)
    assert invoice.total() == Decimal("0.13")  # <- fails here
