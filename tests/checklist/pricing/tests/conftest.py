import pytest

from pricing import Invoice


@pytest.fixture
def invoice(currency):
    return Invoice(currency)


@pytest.fixture
def currency():
    return "EUR"
