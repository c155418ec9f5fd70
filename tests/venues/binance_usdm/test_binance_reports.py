"""The user stream: which event, in which order, with which figures.

Source: usds-margined-futures/user-data-streams, 2026-05-28; observed order of events at a fill.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.model.commands import Deposit, SetLeverage, SetMarginMode, SetPhase
from conformance.model.instruments import Phase
from conformance.model.orders import MarginMode

MARKET = {"type": "MARKET", "timeInForce": None, "price": None}


@pytest.fixture
def listening(counter):
    counter.user_stream()
    return counter


def script(counter):
    """Return what was pushed as (event, execution, status)."""
    told = []
    for frame in counter.frames(1):
        order = frame.get("o", {})
        told.append((frame["e"], order.get("x"), order.get("X")))
        assert frame["E"] >= frame.get("T", frame["E"])
    return told


def orders_of(counter):
    return [frame["o"] for frame in counter.frames(1) if frame["e"] == "ORDER_TRADE_UPDATE"]


def test_a_resting_order_is_new_then_amended_then_cancelled(listening):
    listening.place(newClientOrderId="mine")
    named = {"symbol": "BTCUSDT", "origClientOrderId": "mine"}
    listening.ok(
        "PUT", "/fapi/v1/order", {**named, "side": "BUY", "quantity": "1", "price": "59000"}
    )
    listening.ok("DELETE", "/fapi/v1/order", named)
    update = "ORDER_TRADE_UPDATE"
    assert script(listening) == [
        (update, "NEW", "NEW"),
        (update, "AMENDMENT", "NEW"),
        (update, "CANCELED", "CANCELED"),
    ]


def test_each_execution_is_told_three_times_in_order(listening):
    listening.others("sell", 600_000, 2)
    listening.others("sell", 600_010, 3)
    listening.place(**MARKET, quantity="0.005")
    update = "ORDER_TRADE_UPDATE"
    assert script(listening) == [
        (update, "NEW", "NEW"),
        ("TRADE_LITE", None, None),
        ("ACCOUNT_UPDATE", None, None),
        (update, "TRADE", "PARTIALLY_FILLED"),
        ("TRADE_LITE", None, None),
        ("ACCOUNT_UPDATE", None, None),
        (update, "TRADE", "FILLED"),
    ]


def test_figures_are_those_of_their_step_not_of_the_end(listening):
    listening.others("sell", 600_000, 2)
    listening.others("sell", 600_300, 4)
    listening.place(**MARKET, quantity="0.006")
    frames = listening.frames(1)
    orders = [f["o"] for f in frames if f["e"] == "ORDER_TRADE_UPDATE"]
    assert [(o["l"], o["z"], o["L"], o["ap"]) for o in orders] == [
        ("0.000", "0.000", "0", "0.00000"),
        ("0.002", "0.002", "60000.00", "60000.00000"),
        ("0.004", "0.006", "60030.00", "60020.00000"),
    ]
    legs = [f["a"]["P"][0] for f in frames if f["e"] == "ACCOUNT_UPDATE"]
    assert [(leg["pa"], leg["ep"]) for leg in legs] == [("0.002", "60000"), ("0.006", "60020")]
    assert [leg["up"] for leg in legs] == ["0.00000000", "-0.12000000"]
    purses = [f["a"]["B"][0] for f in frames if f["e"] == "ACCOUNT_UPDATE"]
    fees = [Decimal("0.06"), Decimal("0.06") + Decimal("0.12006")]
    assert [Decimal(p["wb"]) for p in purses] == [1_000_000 - fee for fee in fees]
    assert [(o["N"], o["n"]) for o in orders[1:]] == [
        ("USDT", "0.06000000"),
        ("USDT", "0.12006000"),
    ]
    assert "N" not in orders[0]


def test_a_close_realises_profit_and_ends_flat(listening):
    listening.others("sell", 600_000, 5)
    listening.place(**MARKET, quantity="0.005")
    listening.others("buy", 601_000, 5)
    listening.frames()
    listening.place(**MARKET, side="SELL", quantity="0.005", reduceOnly="true")
    frames = listening.frames(1)
    (update,) = [f["a"] for f in frames if f["e"] == "ACCOUNT_UPDATE"]
    assert (update["m"], update["P"][0]["pa"], update["P"][0]["ep"]) == ("ORDER", "0.000", "0")
    assert update["P"][0]["cr"] == "0.5"
    assert update["B"][0]["bc"] == "0.00000000"
    trade = frames[-1]["o"]
    assert (trade["rp"], trade["R"], trade["m"]) == ("0.50000000", True, False)


def test_a_maker_hears_that_it_was_one(listening):
    listening.place()
    listening.frames()
    listening.others("sell", 590_000, 10)
    lite, _, update = listening.frames(1)
    assert lite["m"] is update["o"]["m"] is True
    assert (lite["t"], lite["i"]) == (update["o"]["t"], update["o"]["i"])


@pytest.mark.parametrize(
    ("changes", "expiry"),
    [
        ({"timeInForce": "IOC", "price": "60000", "quantity": "0.009"}, "2"),
        ({**MARKET, "quantity": "0.009"}, "9"),
    ],
)
def test_an_unfilled_remainder_expires_with_its_reason(listening, changes, expiry):
    listening.others("sell", 600_000, 4)
    listening.place(**changes)
    last = orders_of(listening)[-1]
    assert (last["x"], last["X"], last["er"], last["z"]) == ("EXPIRED", "EXPIRED", expiry, "0.004")


def test_a_closer_is_knocked_out_when_its_position_goes(listening):
    listening.others("sell", 600_000, 5)
    listening.place(**MARKET, quantity="0.005")
    listening.place(side="SELL", price="61000", quantity="0.005", reduceOnly="true")
    listening.others("buy", 599_000, 5)
    listening.frames()
    listening.place(**MARKET, side="SELL", quantity="0.005")
    ended = [order for order in orders_of(listening) if order["x"] == "EXPIRED"]
    assert [(order["er"], order["p"]) for order in ended] == [("4", "61000.00")]


def test_a_delisted_symbol_ends_its_orders(listening):
    listening.place()
    listening.frames()
    listening.command(SetPhase("BTCUSDT", Phase.CLOSED))
    (ended,) = orders_of(listening)
    assert (ended["X"], ended["er"]) == ("EXPIRED", "7")


def test_an_amendment_that_takes_tells_the_state_before_its_fills(listening):
    listening.place(newClientOrderId="mine")
    listening.others("sell", 590_000, 2)
    listening.others("sell", 591_000, 3)
    listening.frames()
    sent = {"symbol": "BTCUSDT", "origClientOrderId": "mine", "side": "BUY"}
    listening.ok("PUT", "/fapi/v1/order", {**sent, "quantity": "0.010", "price": "59100"})
    orders = orders_of(listening)
    assert [(o["x"], o["X"], o["z"], o["ap"]) for o in orders] == [
        ("AMENDMENT", "PARTIALLY_FILLED", "0.002", "59000.00000"),
        ("TRADE", "PARTIALLY_FILLED", "0.005", "59060.00000"),
    ]


@pytest.mark.parametrize(("amount", "reason"), [(5, "DEPOSIT"), (-5, "WITHDRAW")])
def test_money_from_outside_is_told_with_its_change(listening, amount, reason):
    listening.command(Deposit("testee", "USDT", amount * 10**8))
    (frame,) = listening.frames(1)
    assert (frame["a"]["m"], frame["a"]["P"]) == (reason, [])
    assert frame["a"]["B"] == [
        {
            "a": "USDT",
            "wb": f"{1_000_000 + amount}.00000000",
            "cw": f"{1_000_000 + amount}.00000000",
            "bc": f"{amount}.00000000",
        }
    ]


def test_a_margin_type_change_names_the_leg(listening):
    listening.command(SetMarginMode("testee", "BTCUSDT", MarginMode.ISOLATED))
    (frame,) = listening.frames(1)
    assert (frame["a"]["m"], frame["a"]["B"]) == ("MARGIN_TYPE_CHANGE", [])
    assert [(leg["s"], leg["mt"], leg["ps"]) for leg in frame["a"]["P"]] == [
        ("BTCUSDT", "isolated", "BOTH")
    ]


def test_isolated_margin_leaves_the_cross_wallet(listening):
    listening.command(SetMarginMode("testee", "BTCUSDT", MarginMode.ISOLATED))
    listening.others("sell", 600_000, 10)
    listening.place(**MARKET, quantity="0.010")
    (update,) = [f["a"] for f in listening.frames(1) if f["e"] == "ACCOUNT_UPDATE" and f["a"]["B"]]
    purse, leg = update["B"][0], update["P"][0]
    assert Decimal(purse["wb"]) - Decimal(purse["cw"]) == Decimal(leg["iw"]) > 0


def test_a_leverage_change_is_told_once(listening):
    listening.command(SetLeverage("testee", "BTCUSDT", 7))
    listening.command(SetLeverage("testee", "BTCUSDT", 7))
    (frame,) = listening.frames(1)
    assert (frame["e"], frame["ac"]) == ("ACCOUNT_CONFIG_UPDATE", {"s": "BTCUSDT", "l": 7})


def test_a_position_mode_change_is_not_told(listening):
    listening.ok("POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "true"})
    assert listening.frames(1) == []


def test_hedge_legs_are_told_apart(listening):
    listening.ok("POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "true"})
    listening.others("sell", 600_000, 5)
    listening.others("buy", 599_000, 5)
    listening.place(**MARKET, quantity="0.005", positionSide="LONG")
    listening.place(**MARKET, side="SELL", quantity="0.005", positionSide="SHORT")
    legs = [f["a"]["P"][0] for f in listening.frames(1) if f["e"] == "ACCOUNT_UPDATE"]
    assert [(leg["ps"], leg["pa"]) for leg in legs] == [("LONG", "0.005"), ("SHORT", "-0.005")]
    risk = listening.ok("GET", "/fapi/v2/positionRisk", {"symbol": "BTCUSDT"})
    assert [row["positionSide"] for row in risk] == ["LONG", "SHORT"]


def test_nobody_hears_of_somebody_elses_orders(listening):
    listening.others("sell", 600_000, 5)
    assert listening.frames() == []
