"""Orders that wait for a price: conditional ones, exits of orders, exits of positions.

Rules: docs/v5/order/create-order and position/trading-stop, 2026-07-24.
"""

from __future__ import annotations

import pytest

from conformance.model.commands import Deposit, SetIndex, SetMark
from tests.venues.bybit.booth import Booth

UNIT = 10**8
BTC = {"category": "linear", "symbol": "BTCUSDT"}
AMEND, STOP = "/v5/order/amend", "/v5/position/trading-stop"
BASE = "base_price:6000000000000??LastPrice"
FALLS = {"triggerPrice": "59500", "triggerDirection": 2}
RISES = {"triggerPrice": "60500", "triggerDirection": 1}


@pytest.fixture
def booth():
    booth = Booth()
    booth.others("buy", 594_000, 1000)
    booth.others("sell", 606_000, 1000)
    return booth


@pytest.fixture
def long(booth):
    booth.others("sell", 600_000, 10)
    booth.place(orderType="Market", price=None)
    return booth


def orders(booth, **params):
    return booth.ok("GET", "/v5/order/realtime", {**BTC, **params})["list"]


def past(booth, **params):
    return booth.ok("GET", "/v5/order/history", {**BTC, **params})["list"]


def position(booth):
    (found,) = booth.ok("GET", "/v5/position/list", BTC)["list"]
    return found


def stop(booth, **params):
    booth.at += 100
    return booth.ok("POST", STOP, {**BTC, **params})


def trade(booth, price, side="buy"):
    """Let the last price go to ``price``."""
    booth.others("sell" if side == "buy" else "buy", price, 1)
    booth.others(side, price, 1, account="maker")


# Conditional orders


def test_a_conditional_order_waits_without_margin(booth):
    made = booth.place(orderLinkId="wait", qty="100", **FALLS)
    (found,) = orders(booth, orderFilter="StopOrder")
    assert found["orderId"] == made["orderId"]
    assert (found["orderStatus"], found["stopOrderType"]) == ("Untriggered", "Stop")
    assert (found["triggerPrice"], found["triggerDirection"]) == ("59500.00", 2)
    assert (found["triggerBy"], found["leavesValue"]) == ("LastPrice", "5990000")
    wallet = booth.ok("GET", "/v5/account/wallet-balance", {"accountType": "UNIFIED"})["list"][0]
    assert wallet["totalInitialMargin"] == "0"
    assert orders(booth, orderFilter="Order") == []


@pytest.mark.parametrize(
    ("trigger", "side", "kind"),
    [(FALLS, "Sell", "Market"), (FALLS, "Buy", "Limit"), (RISES, "Buy", "Market")],
)
def test_a_triggered_order_keeps_its_id_and_its_kind(booth, trigger, side, kind):
    booth.fund("maker")
    price = None if kind == "Market" else "59000"
    made = booth.place(side=side, orderType=kind, price=price, orderLinkId="wait", **trigger)
    trade(booth, 595_000 if trigger is FALLS else 605_000)
    (found,) = orders(booth, orderId=made["orderId"])
    assert found["orderLinkId"] == "wait"
    assert (found["stopOrderType"], found["triggerPrice"][:5]) == ("Stop", trigger["triggerPrice"])
    assert found["orderStatus"] == ("Filled" if kind == "Market" else "New")
    assert orders(booth, orderLinkId="wait") == [found]


@pytest.mark.parametrize(("gauge", "command"), [("MarkPrice", SetMark), ("IndexPrice", SetIndex)])
def test_a_trigger_watches_the_price_that_was_named(booth, gauge, command):
    booth.place(orderLinkId="wait", triggerBy=gauge, **FALLS)
    booth.command(command("BTCUSDT", 59_500 * UNIT))
    (found,) = orders(booth, orderLinkId="wait")
    assert (found["orderStatus"], found["triggerBy"]) == ("New", gauge)


@pytest.mark.parametrize(
    ("trigger", "text"),
    [
        (
            {"triggerPrice": "59000", "triggerDirection": 1},
            "expect Rising, but trigger_price[5900000000000] <= current[6000000000000]??LastPrice",
        ),
        (
            {"triggerPrice": "60000", "triggerDirection": 2},
            "expect Falling, but trigger_price[6000000000000] >= current[6000000000000]??LastPrice",
        ),
    ],
)
def test_a_trigger_lies_in_the_direction_that_was_named(booth, trigger, text):
    reply = booth.ask("POST", "/v5/order/create", booth.order(**trigger))
    assert reply["retMsg"] == text


def test_a_waiting_order_is_amended(booth):
    booth.place(orderLinkId="wait", **FALLS)
    asked = {**BTC, "orderLinkId": "wait", "triggerPrice": "59400", "price": "59400", "qty": "0.02"}
    booth.ok("POST", AMEND, asked)
    (found,) = orders(booth, orderLinkId="wait")
    shown = (found["triggerPrice"], found["price"], found["qty"])
    assert shown == ("59400.00", "59400.00", "0.020")
    reply = booth.ask("POST", AMEND, asked)
    assert (reply["retCode"], reply["retMsg"]) == (10001, "order not modified")
    reply = booth.ask("POST", AMEND, {**asked, "triggerPrice": "60100", "triggerBy": "LastPrice"})
    assert reply["retCode"] == 110092
    reply = booth.ask("POST", AMEND, {**asked, "triggerPrice": "59300", "triggerBy": "MarkPrice"})
    assert reply["retMsg"] == "params error: triggerBy invalid"
    assert orders(booth, orderLinkId="wait")[0]["triggerPrice"] == "59400.00"


def test_a_cancelled_conditional_order_is_deactivated_or_what_the_switch_says(booth):
    for venue, status in ((booth, "Deactivated"), (Booth(untriggered_cancel="Cancelled"), None)):
        venue.place(orderLinkId="wait", **FALLS)
        venue.ok("POST", "/v5/order/cancel", {**BTC, "orderLinkId": "wait"})
        (found,) = past(venue)
        assert found["orderStatus"] == (status or "Cancelled")
        assert (found["cancelType"], found["leavesQty"]) == ("CancelByUser", "0.000")


@pytest.mark.parametrize("status", ["Cancelled", "Rejected"])
def test_a_triggered_order_without_margin_ends_as_the_switch_says(status):
    booth = Booth(triggered_refusal=status)
    booth.place(orderLinkId="wait", qty="100", triggerBy="MarkPrice", **FALLS)
    booth.command(Deposit("testee", "USDT", -9_999_000 * UNIT))
    booth.command(SetMark("BTCUSDT", 59_000 * UNIT))
    (found,) = past(booth)
    assert (found["orderStatus"], found["rejectReason"]) == (status, "EC_Others")


# Exits that an order carries


def test_exits_of_an_order_become_those_of_the_position(booth):
    booth.others("sell", 600_000, 10)
    exits = {"takeProfit": "65000", "stopLoss": "55000", "slTriggerBy": "MarkPrice"}
    booth.place(orderType="Market", price=None, orderLinkId="entry", **exits)
    (entry,) = orders(booth, orderLinkId="entry")
    assert (entry["takeProfit"], entry["stopLoss"]) == ("65000.00", "55000.00")
    assert (entry["tpslMode"], entry["tpTriggerBy"]) == ("Full", "LastPrice")
    held = position(booth)
    assert (held["takeProfit"], held["stopLoss"]) == ("65000.00", "55000.00")
    loss, gain = orders(booth)
    assert (gain["createType"], gain["stopOrderType"]) == ("CreateByTakeProfit", "TakeProfit")
    assert (loss["triggerBy"], loss["triggerDirection"]) == ("MarkPrice", 2)
    assert gain["parentOrderLinkId"] == "entry"
    assert (gain["orderLinkId"], gain["closeOnTrigger"], gain["reduceOnly"]) == ("", True, True)


def test_one_exit_ends_the_other(booth):
    booth.others("sell", 600_000, 10)
    booth.place(orderType="Market", price=None, takeProfit="65000", stopLoss="59500")
    booth.fund("maker")
    trade(booth, 595_000)
    assert position(booth)["size"] == "0.000"
    ends = {order["stopOrderType"]: order["cancelType"] for order in past(booth)}
    assert ends["TakeProfit"] == "CancelByOCOTpCanceledBySlTriggered"


def test_partial_exits_may_be_limits(booth):
    booth.others("sell", 600_000, 10)
    exits = {"takeProfit": "60500", "tpOrderType": "Limit", "tpLimitPrice": "60450"}
    booth.place(orderType="Market", price=None, tpslMode="Partial", orderLinkId="entry", **exits)
    (entry,) = orders(booth, orderLinkId="entry")
    assert (entry["tpLimitPrice"], entry["tpslMode"]) == ("60450.00", "Partial")
    (gain,) = orders(booth)
    assert (gain["stopOrderType"], gain["orderType"]) == ("PartialTakeProfit", "Limit")
    assert (gain["createType"], gain["price"]) == ("CreateByPartialTakeProfit", "60450.00")


@pytest.mark.parametrize(
    "exits", [{"takeProfit": "59000"}, {"stopLoss": "61000"}, {"takeProfit": "x"}]
)
def test_exits_lie_where_the_position_gains_or_loses(booth, exits):
    assert booth.ask("POST", "/v5/order/create", booth.order(**exits))["retCode"] == 10001


def test_exits_of_a_second_order_replace_those_of_the_first_and_hold_the_whole(booth):
    booth.others("sell", 600_000, 60)
    booth.private("order")
    booth.place(orderType="Market", price=None, takeProfit="65000", stopLoss="59500")
    booth.at += 1
    booth.place(orderType="Market", price=None, qty="0.020", takeProfit="66000")
    found = {o["stopOrderType"]: (o["triggerPrice"], o["qty"]) for o in orders(booth)}
    assert found == {"TakeProfit": ("66000.00", "0.030"), "StopLoss": ("59500.00", "0.030")}
    told = [row for frame in booth.frames(topic="order") for row in frame["data"]]
    (gone,) = [row for row in told if row["orderStatus"] == "Deactivated"]
    assert (gone["triggerPrice"], gone["cancelType"]) == ("65000.00", "CancelByTpSlTsClear")
    assert [row["qty"] for row in told if row["stopOrderType"] == "StopLoss"] == ["0.010", "0.030"]
    booth.others("buy", 599_900, 25)
    booth.place(side="Sell", orderType="Market", price=None, qty="0.025")
    assert {order["qty"] for order in orders(booth)} == {"0.005"}
    booth.fund("maker")
    trade(booth, 595_000)
    assert position(booth)["size"] == "0.000"
    assert orders(booth) == []


def test_exits_of_a_hedge_follow_their_own_leg(booth):
    booth.ok("POST", "/v5/position/switch-mode", {**BTC, "mode": 3})
    booth.others("sell", 600_000, 10)
    booth.others("buy", 599_900, 16)
    market = {"orderType": "Market", "price": None}
    booth.place(**market, positionIdx=1, stopLoss="55000")
    booth.place(**market, positionIdx=2, side="Sell", stopLoss="65000")
    booth.place(**market, positionIdx=1, side="Sell", qty="0.006")
    assert {(o["positionIdx"], o["qty"]) for o in orders(booth)} == {(1, "0.004"), (2, "0.010")}


def test_partial_exits_of_two_orders_stand_side_by_side(booth):
    booth.others("sell", 600_000, 60)
    for gain in ("65000", "66000"):
        part = {"takeProfit": gain, "tpslMode": "Partial"}
        booth.place(orderType="Market", price=None, **part)
    assert [(o["triggerPrice"], o["qty"]) for o in orders(booth)] == [
        ("66000.00", "0.010"),
        ("65000.00", "0.010"),
    ]


def test_an_exit_grows_no_greater_than_an_order_may_be(booth):
    sol = {"category": "linear", "symbol": "SOLUSDT"}
    booth.others("sell", 15_000, 200_000, "SOLUSDT")
    entry = {**sol, "orderType": "Market", "price": None, "qty": "10000"}
    booth.place(**entry, takeProfit="200")
    booth.place(**entry)
    (gain,) = booth.ok("GET", "/v5/order/realtime", sol)["list"]
    assert gain["qty"] == "10000.0"  # a market order holds 12750


# Exits of a position


def test_exits_of_a_whole_position_are_edited_in_place(long):
    stop(long, tpslMode="Full", takeProfit="65000", stopLoss="55000", positionIdx=0)
    before = {order["stopOrderType"]: order["orderId"] for order in orders(long)}
    stop(long, takeProfit="66000")
    assert (position(long)["takeProfit"], position(long)["stopLoss"]) == ("66000.00", "55000.00")
    assert {order["stopOrderType"]: order["orderId"] for order in orders(long)} == before
    stop(long, takeProfit="66000", tpTriggerBy="MarkPrice")
    assert {order["triggerBy"] for order in orders(long)} == {"LastPrice", "MarkPrice"}
    stop(long, takeProfit="0", stopLoss="0")
    assert orders(long) == []


def test_exits_that_came_with_an_order_are_edited_too(booth):
    booth.others("sell", 600_000, 10)
    booth.place(orderType="Market", price=None, takeProfit="65000")
    stop(booth, takeProfit="66000")
    (gain,) = orders(booth)
    assert (gain["triggerPrice"], gain["qty"]) == ("66000.00", "0.010")


@pytest.mark.parametrize(
    "params",
    [{}, {"takeProfit": "0"}, {"trailingStop": "0"}, {"tpslMode": "Partial", "stopLoss": "0"}],
)
def test_nothing_to_do_is_not_modified(long, params):
    reply = long.ask("POST", STOP, {**BTC, **params})
    assert (reply["retCode"], reply["retMsg"]) == (34040, "not modified")


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            {"stopLoss": "61000"},
            "StopLoss:6100000000000 set for Buy position should lower than " + BASE,
        ),
        (
            {"takeProfit": "60000"},
            "TakeProfit:6000000000000 set for Buy position should greater than " + BASE,
        ),
        ({"tpslMode": "Half"}, "params error: tpslMode invalid"),
        ({"trailingStop": "0.05"}, "params error: trailingStop invalid"),
        (
            {"tpslMode": "Partial", "takeProfit": "65000", "tpSize": "0.001", "slSize": "0.002"},
            "params error: tpSize and slSize invalid",
        ),
        (
            {"tpslMode": "Partial", "takeProfit": "65000", "tpOrderType": "Limit"},
            "params error: tpLimitPrice invalid",
        ),
        (
            {"takeProfit": "65000", "tpOrderType": "Limit", "tpLimitPrice": "65000"},
            "params error: tpOrderType invalid",
        ),
        ({"trailingStop": "100", "activePrice": "59900"}, "params error: activePrice invalid"),
    ],
)
def test_a_bad_exit_is_refused(long, params, text):
    reply = long.ask("POST", STOP, {**BTC, **params})
    assert (reply["retCode"], reply["retMsg"]) == (10001, text)


def test_a_flat_position_has_no_exits(booth):
    reply = booth.ask("POST", STOP, {**BTC, "takeProfit": "65000"})
    assert reply["retMsg"] == "can not set tp/sl/ts for zero position"


def test_partial_exits_are_added_each_with_its_size(long):
    part = {"tpslMode": "Partial", "tpSize": "0.004", "slSize": "0.004"}
    stop(long, takeProfit="65000", stopLoss="55000", **part)
    limit = {"tpOrderType": "Limit", "tpLimitPrice": "65900"}
    stop(long, takeProfit="66000", tpslMode="Partial", **limit)
    found = {(order["stopOrderType"], order["qty"], order["orderType"]) for order in orders(long)}
    assert found == {
        ("PartialTakeProfit", "0.004", "Market"),
        ("PartialStopLoss", "0.004", "Market"),
        ("PartialTakeProfit", "0.010", "Limit"),
    }
    assert position(long)["takeProfit"] == "0.00"


def paired(booth):
    booth.fund("maker")
    part = {"tpslMode": "Partial", "tpSize": "0.004", "slSize": "0.004"}
    stop(booth, takeProfit="65000", stopLoss="59500", **part)
    return {order["stopOrderType"]: order["orderId"] for order in orders(booth)}


def test_of_partial_exits_that_were_set_together_one_ends_the_other(long):
    ids = paired(long)
    stop(long, takeProfit="66000", tpslMode="Partial", tpSize="0.004")
    trade(long, 595_000)
    assert position(long)["size"] == "0.006"
    (other,) = orders(long)
    assert other["triggerPrice"] == "66000.00"
    ended = {order["orderId"]: order["cancelType"] for order in past(long)}
    assert ended[ids["PartialTakeProfit"]] == "CancelByOCOTpCanceledBySlTriggered"


def test_a_partial_exit_that_was_amended_is_no_pair_any_more(long):
    ids = paired(long)
    asked = {**BTC, "orderId": ids["PartialTakeProfit"], "triggerPrice": "66000"}
    long.ok("POST", AMEND, asked)
    trade(long, 595_000)
    assert [order["orderId"] for order in orders(long)] == [ids["PartialTakeProfit"]]


def test_a_trailing_stop_follows_the_price_and_closes(long):
    long.fund("maker")
    stop(long, trailingStop="500")
    (found,) = orders(long)
    assert (found["stopOrderType"], found["createType"]) == (
        "TrailingStop",
        "CreateByTrailingStop",
    )
    assert position(long)["trailingStop"] == "500.00"
    trade(long, 604_000)
    trade(long, 599_010)
    assert position(long)["size"] == "0.010"
    trade(long, 599_000)
    assert position(long)["size"] == "0.000"


def test_a_trailing_stop_is_of_the_whole_position_whatever_the_mode(long):
    stop(long, tpslMode="Partial", trailingStop="500", takeProfit="65000", tpSize="0.004")
    found = {order["stopOrderType"]: order["qty"] for order in orders(long)}
    assert found == {"TrailingStop": "0.010", "PartialTakeProfit": "0.004"}


def test_a_trailing_stop_may_sleep_until_a_price(long):
    stop(long, trailingStop="500", activePrice="60500")
    (found,) = orders(long)
    assert found["triggerPrice"] == "60500.00"
    assert (
        long.ask("POST", STOP, {**BTC, "trailingStop": "500", "activePrice": "60500"})["retCode"]
        == 34040
    )
    stop(long, trailingStop="600", activePrice="60500")
    assert position(long)["trailingStop"] == "600.00"
    stop(long, trailingStop="0")
    assert orders(long) == []


def test_exits_end_with_their_position(long):
    stop(long, takeProfit="65000", stopLoss="55000")
    long.place(side="Sell", orderType="Market", price=None)
    ends = {o["stopOrderType"]: (o["orderStatus"], o["cancelType"]) for o in past(long)}
    assert ends["TakeProfit"] == ends["StopLoss"] == ("Deactivated", "CancelByTpSlTsClear")


def test_a_short_has_its_exits_the_other_way_round(booth):
    booth.place(side="Sell", orderType="Market", price=None)
    stop(booth, takeProfit="55000", stopLoss="65000")
    directions = {o["stopOrderType"]: o["triggerDirection"] for o in orders(booth)}
    assert directions == {"TakeProfit": 2, "StopLoss": 1}


def test_legs_of_a_hedge_have_exits_of_their_own(booth):
    booth.ok("POST", "/v5/position/switch-mode", {**BTC, "mode": 3})
    booth.others("sell", 600_000, 10)
    booth.place(orderType="Market", price=None, positionIdx=1)
    stop(booth, takeProfit="65000", positionIdx=1)
    stop(booth, trailingStop="100", positionIdx=1)
    stop(booth, tpslMode="Partial", stopLoss="55000", slSize="0.001", positionIdx=1)
    reply = booth.ask("POST", STOP, {**BTC, "takeProfit": "55000", "positionIdx": 2})
    assert reply["retCode"] == 10001
    rows = booth.ok("GET", "/v5/position/list", BTC)["list"]
    assert {row["positionIdx"]: row["takeProfit"] for row in rows} == {1: "65000.00", 2: ""}
    assert {order["reduceOnly"] for order in orders(booth)} == {True}
