from decimal import Decimal

import pytest


class TestTotals:
    @pytest.mark.parametrize(
        "price, amount, discount, expected",
        [
            ("10.00", 1, 0, "10.00"),
            ("0.25", 1, 50, "0.13"),
            ("19.99", 3, 10, "53.97"),
        ],
    )
    def test_discount(self, invoice, price, amount, discount, expected):
        invoice.add(price, amount, discount)
        assert invoice.total() == Decimal(expected)

    def test_empty(self, invoice):
        assert invoice.total() == 0
