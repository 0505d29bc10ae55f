import os
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

RATES = {"EUR": Decimal("1"), "USD": Decimal("1.0845")}


def rounding():
    return ROUND_HALF_EVEN if os.environ.get("PRICING_ROUNDING") == "bankers" else ROUND_HALF_UP


class Invoice:
    def __init__(self, currency):
        self.currency = currency
        self.lines = []

    def add(self, price, amount=1, discount=0):
        self.lines.append(Decimal(price) * amount * (100 - discount) / 100)

    def total(self):
        return (sum(self.lines) * RATES[self.currency]).quantize(Decimal("0.01"), rounding())
