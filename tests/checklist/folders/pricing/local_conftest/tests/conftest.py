import os

import pytest

os.environ.setdefault("PRICING_CURRENCY", "EUR")
os.environ.setdefault("PRICING_RATES", os.path.join(os.path.dirname(__file__), "rates.json"))


@pytest.fixture
def invoice():
    from pricing import Invoice

    return Invoice(os.environ["PRICING_CURRENCY"])
