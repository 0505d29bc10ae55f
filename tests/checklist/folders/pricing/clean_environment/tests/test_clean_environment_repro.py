from decimal import Decimal

from pricing import Invoice


def test_discount_of_half():
    """
    Original failure: TestTotals.test_discount[0.25-1-50-0.13], unit (py3.11, bankers)
    Error: assert Decimal('0.12') == Decimal('0.13')
    Expected: Decimal('0.13')
    Actual: Decimal('0.12')
    Run with: ./run_test.sh
    """
    price = "0.25"
    discount = 50
    invoice = Invoice("EUR")
    invoice.add(price, 1, discount)
    try:
        assert invoice.total() == Decimal("0.13")  # fails here
    except AssertionError as error:
        print(f"reproduced: {error}")
