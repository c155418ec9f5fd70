"""What is refused before a byte is sent, and how numbers get on their grids."""

from dataclasses import replace
from decimal import Decimal

import pytest

from conformance.client.rules import conform
from conformance.model.instruments import Instrument, Phase
from conformance.model.orders import Kind, OrderRequest, Side

RULES = Instrument(
    symbol="BTCUSDT",
    base="BTC",
    quote="USDT",
    margin_asset="USDT",
    tick=Decimal("0.10"),
    step=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    max_quantity=Decimal(1000),
    min_notional=Decimal(50),
)
REQUEST = OrderRequest(
    symbol="BTCUSDT", side=Side.BUY, quantity=Decimal("0.01"), price=Decimal(60000)
)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"quantity": Decimal("0.0105")}, "not a multiple"),
        ({"quantity": Decimal("0.0001")}, "not a multiple"),
        ({"quantity": Decimal(0)}, "outside"),
        ({"quantity": Decimal(-1)}, "outside"),
        ({"quantity": Decimal(1001)}, "outside"),
        ({"quantity": Decimal("NaN")}, "not a multiple"),
        ({"quantity": Decimal("Infinity")}, "not a multiple"),
        ({"price": Decimal("60000.05")}, "not a multiple"),
        ({"price": Decimal(0)}, "not a multiple"),
        ({"price": Decimal(-100)}, "not a multiple"),
        ({"price": Decimal(100)}, "notional"),
        ({"trigger_price": Decimal("60000.05")}, "not a multiple"),
        ({"trigger_price": Decimal(0)}, "not a multiple"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_never_rounded(changes, why):
    refusal = conform(replace(REQUEST, **changes), RULES)
    assert isinstance(refusal, str)
    assert why in refusal


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.TRADING])
def test_a_symbol_that_does_not_trade_takes_no_order(phase):
    assert isinstance(conform(REQUEST, replace(RULES, phase=phase)), str)


def test_numbers_get_the_decimals_of_their_grids():
    thousands = Decimal("6.0E+4")
    odd = replace(REQUEST, quantity=Decimal("1E-2"), price=thousands, trigger_price=thousands)
    fitted = conform(odd, RULES)
    assert isinstance(fitted, OrderRequest)
    assert (str(fitted.quantity), str(fitted.price)) == ("0.010", "60000.0")
    assert str(fitted.trigger_price) == "60000.0"


def test_reducing_is_exempt_from_the_least_notional():
    fitted = conform(replace(REQUEST, price=Decimal(100), reduce_only=True), RULES)
    assert isinstance(fitted, OrderRequest)


def test_a_market_order_has_no_price_to_check():
    fitted = conform(replace(REQUEST, kind=Kind.MARKET, price=None), RULES)
    assert isinstance(fitted, OrderRequest)
    assert fitted.price is None
