"""Placing, amending and cancelling: what is acknowledged, and what becomes of it.

Rules: docs/v5/order, 2026-07-24; messages as captured (see ``facts.toml``).
"""

from __future__ import annotations

import re

import pytest

from conformance.model.commands import SetMark
from tests.venues.bybit.booth import Booth

UNIT = 10**8
BTC = {"category": "linear", "symbol": "BTCUSDT"}
CREATE, AMEND, CANCEL = "/v5/order/create", "/v5/order/amend", "/v5/order/cancel"
ALL, BATCH, CHECK = "/v5/order/cancel-all", "/v5/order/create-batch", "/v5/order/pre-check"
TOO_LARGE = (
    "The number of contracts exceeds maximum limit allowed: too large, "
    "order_qty:119000100000 > max_qty:119000000000"
)
TOO_SMALL = "The number of contracts exceeds minimum limit allowed"
TOO_LATE = "order not exists or too late to replace"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}").fullmatch


@pytest.fixture
def booth():
    return Booth()


@pytest.fixture
def quoted(booth):
    booth.others("buy", 599_900, 100)
    booth.others("sell", 600_100, 100)
    return booth


def row(booth, link, **more):
    (found,) = booth.ok("GET", "/v5/order/realtime", {**BTC, "orderLinkId": link, **more})["list"]
    return found


def refused(booth, path=CREATE, **params):
    booth.at += 1000
    reply = booth.ask("POST", path, booth.order(**params) if path == CREATE else params)
    assert reply["retCode"], reply
    return reply["retCode"], reply["retMsg"]


# Acknowledgements and endings


def test_an_acknowledgement_carries_ids_alone(booth):
    made = booth.place(orderLinkId="mine")
    assert list(made) == ["orderId", "orderLinkId"]
    assert UUID(made["orderId"])
    assert made["orderLinkId"] == "mine"
    assert booth.place()["orderLinkId"] == ""


def test_a_resting_order_is_shown_as_it_was_asked_for(booth):
    booth.place(orderLinkId="mine", smpType="CancelTaker")
    found = row(booth, "mine")
    shown = ("side", "orderType", "qty", "price", "timeInForce", "orderStatus", "leavesQty")
    assert [found[n] for n in shown] == [
        "Buy",
        "Limit",
        "0.010",
        "59900.00",
        "GTC",
        "New",
        "0.010",
    ]
    assert (found["leavesValue"], found["avgPrice"], found["smpType"]) == ("599", "", "CancelTaker")
    assert (found["cancelType"], found["rejectReason"]) == ("UNKNOWN", "EC_NoError")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"timeInForce": "PostOnly", "price": "60010"}, "EC_PostOnlyWillTakeLiquidity"),
        ({"timeInForce": "FOK", "price": "60010", "qty": "0.2"}, "EC_NoEnoughQtyToFill"),
        ({"timeInForce": "IOC", "price": "60000"}, "EC_NoImmediateQtyToFill"),
        ({"timeInForce": "IOC", "price": "60010", "qty": "0.2"}, "EC_CancelForNoFullFill"),
        ({"orderType": "Market", "price": None, "qty": "0.2"}, "EC_CancelForNoFullFill"),
    ],
)
def test_what_the_book_forbids_is_acknowledged_and_then_cancelled(quoted, changes, reason):
    quoted.place(orderLinkId="mine", **changes)
    found = row(quoted, "mine")
    assert (found["orderStatus"], found["cancelType"]) == ("Cancelled", "UNKNOWN")
    assert (found["rejectReason"], found["leavesQty"]) == (reason, "0.000")


def test_fills_are_counted_with_their_fees(quoted):
    quoted.place(orderLinkId="mine", price="60010", qty="0.150")
    found = row(quoted, "mine")
    assert (found["orderStatus"], found["cumExecQty"]) == ("PartiallyFilled", "0.100")
    # 0.1 x 60010 x 0.00055 of a taker
    assert (found["cumExecValue"], found["cumExecFee"]) == ("6001", "3.30055")
    assert found["cumFeeDetail"] == {"USDT": "3.30055"}
    assert (found["avgPrice"], found["leavesQty"]) == ("60010", "0.050")


def test_a_market_order_shows_the_price_that_protects_it(quoted):
    quoted.place(orderLinkId="mine", orderType="Market", price=None)
    found = row(quoted, "mine")
    assert (found["orderType"], found["timeInForce"]) == ("Market", "IOC")
    assert float(found["price"]) > 60_010


def test_a_market_order_far_from_the_others_is_refused_with_both_prices(booth):
    booth.others("sell", 640_000, 10)
    code, text = refused(booth, orderType="Market", price=None)
    assert code == 10001
    assert text == "buy: [6300000000000,6000000000000] invalid"


@pytest.mark.parametrize(
    ("mode", "ends"),
    [
        ("None", {}),
        ("CancelMaker", {"maker": "taker"}),
        ("CancelTaker", {"taker": "maker"}),
        ("CancelBoth", {"maker": "taker", "taker": "maker"}),
    ],
)
def test_the_taker_says_who_ends_when_an_account_meets_itself(booth, mode, ends):
    maker = {"side": "Sell", "smpType": "CancelBoth"}  # void while it rests
    ids = {"maker": booth.place(**maker, price="60000", orderLinkId="maker")["orderId"]}
    booth.place(**maker, price="60010", orderLinkId="worse")
    ids["taker"] = booth.place(price="60000", smpType=mode, orderLinkId="taker")["orderId"]
    for name in ("maker", "taker"):
        found = row(booth, name)
        if name in ends:
            assert (found["orderStatus"], found["cancelType"]) == ("Cancelled", "CancelBySmp")
            assert found["rejectReason"] == "EC_BySelfMatch"
        else:
            assert found["orderStatus"] == ("New" if ends else "Filled")
        assert found["smpOrderId"] == ids.get(ends.get(name), "")
    assert row(booth, "worse")["orderStatus"] == "New"


def test_an_amended_order_that_meets_its_own_account_names_it_too(booth):
    made = booth.place(side="Sell", price="60000", orderLinkId="maker")
    booth.place(price="59000", smpType="CancelTaker", orderLinkId="taker")
    booth.ok("POST", AMEND, {**BTC, "orderLinkId": "taker", "price": "60000"})
    found = row(booth, "taker")
    assert (found["cancelType"], found["smpOrderId"]) == ("CancelBySmp", made["orderId"])


def test_an_inverse_order_counts_dollars_and_pays_in_coin(booth):
    booth.others("sell", 600_000, 1000, "BTCUSD")
    coin = {"category": "inverse", "symbol": "BTCUSD"}
    booth.place(**coin, qty="600", price="60000", orderLinkId="mine")
    (found,) = booth.ok("GET", "/v5/order/realtime", {**coin, "orderLinkId": "mine"})["list"]
    assert (found["qty"], found["cumExecValue"], found["avgPrice"]) == ("600", "0.01", "60000")
    assert found["cumFeeDetail"] == {"BTC": "0.0000055"}


# Refusals of a new order


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"category": "futures"}, "Illegal category"),
        ({"category": "spot"}, "Not supported symbols"),
        ({"category": "inverse"}, "Not supported symbols"),
        ({"qty": "0.0001"}, TOO_SMALL),
        ({"qty": "0"}, TOO_SMALL),
        ({"qty": "0.0015"}, "Qty invalid"),
        (
            {"qty": "1190.001"},
            TOO_LARGE,
        ),
        ({"price": "59900.05"}, "params error: price invalid"),
        ({"positionIdx": 1}, "position idx not match position mode"),
        ({"orderType": "Iceberg"}, "params error: orderType invalid"),
        ({"timeInForce": "DAY"}, "params error: timeInForce invalid"),
        ({"smpType": "All"}, "params error: smpType invalid"),
        ({"orderLinkId": "x" * 37}, "orderLinkId invalid"),
        ({"orderLinkId": "ä"}, "orderLinkId invalid"),
        ({"reduceOnly": "maybe"}, "params error: reduceOnly invalid"),
        ({"positionIdx": "one"}, "params error: positionIdx invalid"),
        ({"side": ["Buy"]}, "params error: side invalid"),
        ({"bboSideType": "Middle"}, "params error: bboSideType invalid"),
        ({"bboSideType": "Queue", "bboLevel": 6}, "params error: bboLevel invalid"),
        ({"bboSideType": "Queue"}, "params error: no price for bbo order"),
        ({"slippageToleranceType": "Percent"}, "params error: slippageToleranceType invalid"),
        ({"triggerPrice": "59000"}, "params error: triggerDirection invalid"),
        (
            {"triggerPrice": "59000", "triggerDirection": 2, "triggerBy": "Mood"},
            "params error: triggerBy invalid",
        ),
        ({"takeProfit": "65000", "tpslMode": "Half"}, "params error: tpslMode invalid"),
        ({"takeProfit": "65000", "tpOrderType": "Limit"}, "params error: tpOrderType invalid"),
    ],
)
def test_a_bad_parameter_is_named(booth, changes, text):
    assert refused(booth, **changes) == (10001, text)


@pytest.mark.parametrize(
    ("kind", "size"), [("TickSize", "few"), ("TickSize", "1.5"), ("Percent", "0.015")]
)
def test_a_tolerance_is_a_number_of_whole_steps(quoted, kind, size):
    wanted = {"slippageToleranceType": kind, "slippageTolerance": size}
    code, text = refused(quoted, orderType="Market", price=None, **wanted)
    assert (code, text) == (10001, "params error: slippageTolerance invalid")


@pytest.mark.parametrize(
    ("side", "kind", "size", "last"),
    [
        ("Buy", "TickSize", "10", "60011.00"),  # ask1 + 10 x 0.1
        ("Sell", "TickSize", "10", "59989.00"),
        ("Buy", "Percent", "0.01", "60016.00"),  # 60010 x 1.0001 = 60016.001
        ("Sell", "Percent", "0.01", "59984.10"),  # 59990 x 0.9999 = 59984.001
        ("Buy", "Percent", "10", "63000.00"),  # what bounds every market order: mark + 5 %
    ],
)
def test_a_market_order_goes_no_further_than_its_tolerance(quoted, side, kind, size, last):
    quoted.others("sell", 640_000, 1)
    quoted.others("buy", 560_000, 1)
    quoted.private("order")
    wanted = {"slippageToleranceType": kind, "slippageTolerance": size, "orderLinkId": "mine"}
    quoted.place(side=side, orderType="Market", price=None, qty="0.101", **wanted)
    (told,) = [row for frame in quoted.frames(topic="order") for row in frame["data"]]
    (kept,) = quoted.ok("GET", "/v5/order/history", {**BTC, "orderLinkId": "mine"})["list"]
    for found in (told, kept):
        assert (found["orderType"], found["price"], found["timeInForce"]) == ("Market", last, "IOC")
        assert (found["cumExecQty"], found["orderStatus"]) == ("0.100", "Cancelled")
        assert (found["slippageToleranceType"], found["slippageTolerance"]) == (kind, size)


def test_no_order_that_waits_has_a_tolerance_and_none_is_greater_for_it(quoted):
    wanted = {"slippageToleranceType": "TickSize", "slippageTolerance": "10"}
    waiting = {"triggerPrice": "59000", "triggerDirection": 2, "orderType": "Market", "price": None}
    text = "params error: slippageToleranceType invalid"
    assert refused(quoted, **waiting, **wanted) == (10001, text)
    code, text = refused(quoted, orderType="Market", price=None, qty="500.001", **wanted)
    assert (code, text.partition(":")[0]) == (10001, TOO_LARGE.partition(":")[0])


def test_a_price_between_two_ticks_is_rounded_where_the_switch_says_so():
    booth = Booth(off_tick="round")
    booth.place(price="59900.09", orderLinkId="mine")
    assert row(booth, "mine")["price"] == "59900.00"
    assert refused(booth, price="many")[0] == 10001


def test_the_least_value_is_told_with_its_coin(booth):
    wanted = {"symbol": "SOLUSDT", "qty": "0.1", "price": "40"}
    assert refused(booth, **wanted) == (110094, "Order does not meet minimum order value 5USDT")


@pytest.mark.parametrize("sent", ["0.010", 0.01, "0.01"])
def test_numbers_may_come_as_text_or_as_numbers(booth, sent):
    booth.place(qty=sent, positionIdx="0", orderLinkId="mine")
    assert row(booth, "mine")["qty"] == "0.010"


# The price band


@pytest.mark.parametrize(
    ("side", "sent", "shown"),
    [("Buy", "70000", "60600.00"), ("Sell", "50000", "59400.00"), ("Buy", "1000", "1000.00")],
)
def test_a_far_price_is_moved_into_the_band_silently(booth, side, sent, shown):
    booth.place(side=side, price=sent, orderLinkId="mine")
    assert row(booth, "mine")["price"] == shown


def test_a_far_price_is_refused_where_the_account_wants_that(booth):
    booth.ok("POST", "/v5/account/set-limit-px-action", {**BTC, "modifyEnable": False})
    assert booth.ok("GET", "/v5/account/user-setting-config")["lpaPerp"] is True
    text = "Order price cannot be higher than 60600.00"
    assert refused(booth, price="70000") == (110121, text)
    text = "Order price cannot be smaller than 59400.00"
    assert refused(booth, side="Sell", price="1") == (110120, text)


def test_the_band_follows_mark_index_and_premium(quoted):
    quoted.command(SetMark("BTCUSDT", 59_000 * UNIT))
    limits = quoted.ok("GET", "/v5/market/price-limit", BTC)
    # min(59000 x 1.02, max(60000, 60590)); max(59000 x 0.98, min(60000, 59000 x 0.99))
    assert (limits["buyLmt"], limits["sellLmt"]) == ("60180.00", "58410.00")


def test_the_premium_of_the_band_is_the_average_of_half_a_minute(quoted):
    asked = {"category": "linear", "symbol": "BTCUSDT"}
    quoted.pass_ms(30_000)
    quoted.command(SetMark("BTCUSDT", 59_000 * UNIT))
    quoted.pass_ms(1_000)
    limits = quoted.ok("GET", "/v5/market/price-limit", asked)
    # max(60000, 59590 + 1000 / 30) and min(60000, 58410); the floor never sinks for a premium
    assert (limits["buyLmt"], limits["sellLmt"]) == ("60000.00", "58410.00")
    quoted.pass_ms(14_000)
    limits = quoted.ok("GET", "/v5/market/price-limit", asked)
    assert limits["buyLmt"] == "60090.00"  # 59590 + 1000 x 15 / 30


# Reducing


def test_reduce_only_needs_a_position_and_the_other_side(quoted):
    text = "current position is zero, cannot fix reduce-only order qty"
    assert refused(quoted, reduceOnly=True) == (110017, text)
    quoted.place(orderType="Market", price=None)
    text = "reduce-only order has same side with current position"
    assert refused(quoted, reduceOnly=True) == (110017, text)


def test_a_closer_is_trimmed_to_the_position(quoted):
    quoted.place(orderType="Market", price=None)
    quoted.place(side="Sell", price="60020", qty="5", reduceOnly=True, orderLinkId="close")
    assert row(quoted, "close")["qty"] == "0.010"
    quoted.others("buy", 600_100, 1)
    quoted.place(side="Sell", orderType="Market", price=None)
    found = row(quoted, "close")
    assert (found["orderStatus"], found["cancelType"]) == ("Cancelled", "CancelByReduceOnly")


def test_no_quantity_closes_the_whole_position(quoted):
    quoted.place(orderType="Market", price=None, qty="0.030")
    closing = {"reduceOnly": True, "closeOnTrigger": True, "orderType": "Market", "price": None}
    quoted.place(side="Sell", qty="0", orderLinkId="close", **closing)
    assert row(quoted, "close")["cumExecQty"] == "0.030"


def test_in_hedge_mode_the_other_side_of_an_index_closes_without_a_flag(quoted):
    quoted.ok("POST", "/v5/position/switch-mode", {**BTC, "mode": 3})
    assert refused(quoted)[1] == "position idx not match position mode"
    assert refused(quoted, side="Sell", positionIdx=1)[0] == 110017
    quoted.place(orderType="Market", price=None, positionIdx=1)
    assert refused(quoted, positionIdx=1, reduceOnly=True)[0] == 110017
    assert refused(quoted, side="Sell", positionIdx=1, qty="0.011")[0] == 110017
    quoted.place(side="Sell", positionIdx=1, orderType="Market", price=None, orderLinkId="close")
    assert (row(quoted, "close")["positionIdx"], row(quoted, "close")["reduceOnly"]) == (1, False)


def test_in_hedge_mode_what_was_sent_to_reduce_is_trimmed_to_its_leg(quoted):
    quoted.ok("POST", "/v5/position/switch-mode", {**BTC, "mode": 3})
    quoted.place(orderType="Market", price=None, positionIdx=1)
    close = {"side": "Sell", "price": "60020", "positionIdx": 1, "reduceOnly": True}
    quoted.place(**close, qty="0.004", orderLinkId="part")
    quoted.place(**close, qty="5", orderLinkId="rest")
    assert row(quoted, "rest")["qty"] == "0.006"
    assert refused(quoted, **close) == (110017, "Reduce-only rule not satisfied")


def test_in_hedge_mode_a_closer_without_the_flag_is_trimmed_where_the_switch_says_so():
    booth = Booth(hedge_overclose="trim")
    booth.others("sell", 600_100, 100)
    booth.ok("POST", "/v5/position/switch-mode", {**BTC, "mode": 3})
    booth.place(orderType="Market", price=None, positionIdx=1)
    booth.place(side="Sell", price="60020", positionIdx=1, qty="5", orderLinkId="close")
    assert row(booth, "close")["qty"] == "0.010"


def test_in_hedge_mode_an_order_shows_the_flag_that_it_was_sent_with(quoted):
    quoted.ok("POST", "/v5/position/switch-mode", {**BTC, "mode": 3})
    quoted.place(orderType="Market", price=None, positionIdx=1)
    quoted.place(side="Sell", price="60020", positionIdx=1, reduceOnly=True, orderLinkId="close")
    assert row(quoted, "close")["reduceOnly"] is True
    stop = {"triggerPrice": "59000", "triggerDirection": 2, "positionIdx": 1}
    quoted.place(side="Sell", reduceOnly=True, orderLinkId="stop", **stop)
    assert row(quoted, "stop")["reduceOnly"] is True


def test_no_quantity_closes_with_a_limit_up_to_the_greatest_limit_order(booth):
    sol = {"category": "linear", "symbol": "SOLUSDT"}
    booth.others("sell", 15_000, 200_000, "SOLUSDT")
    for _ in range(2):
        booth.place(**sol, orderType="Market", price=None, qty="10000")
    closing = {"reduceOnly": True, "closeOnTrigger": True, "side": "Sell", "price": "151"}
    booth.place(**sol, qty="0", orderLinkId="close", **closing)
    (found,) = booth.ok("GET", "/v5/order/realtime", sol)["list"]
    assert found["qty"] == "20000.0"  # a market order holds 12750


# Changing


def test_an_amendment_changes_price_and_total_quantity(booth):
    made = booth.place(orderLinkId="mine")
    asked = {**BTC, "orderId": made["orderId"], "price": "59800", "qty": "0.020"}
    assert booth.ok("POST", AMEND, asked) == made
    found = row(booth, "mine")
    assert (found["price"], found["qty"]) == ("59800.00", "0.020")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (10001, "order not modified")),
        ({"price": "59900"}, (10001, "order not modified")),
        ({"price": "0"}, (110003, "Order price is out of permissible range.")),
        ({"orderLinkId": "never"}, (110001, TOO_LATE)),
        ({"orderLinkId": None}, (10001, "params error: orderId invalid")),
        (
            {"orderLinkId": None, "orderId": "x"},
            (110001, TOO_LATE),
        ),
    ],
)
def test_an_amendment_that_cannot_be_is_refused(booth, changes, expected):
    booth.place(orderLinkId="mine")
    asked = {n: v for n, v in {**BTC, "orderLinkId": "mine", **changes}.items() if v is not None}
    assert refused(booth, AMEND, **asked) == expected


def test_a_post_only_order_amended_across_the_book_is_cancelled(quoted):
    quoted.place(orderLinkId="mine", timeInForce="PostOnly")
    quoted.ok("POST", AMEND, {**BTC, "orderLinkId": "mine", "price": "60020"})
    found = row(quoted, "mine")
    assert found["rejectReason"] == "EC_PostOnlyWillTakeLiquidity"
    quoted.place(side="Sell", price="60020", orderLinkId="two", timeInForce="PostOnly")
    quoted.ok("POST", AMEND, {**BTC, "orderLinkId": "two", "price": "59980"})
    assert row(quoted, "two")["orderStatus"] == "Cancelled"


def test_an_amendment_across_the_book_is_refused_where_the_switch_says_so():
    booth = Booth(post_only_amend="refuse")
    booth.others("sell", 600_100, 100)
    booth.place(orderLinkId="mine", timeInForce="PostOnly")
    asked = {**BTC, "orderLinkId": "mine", "price": "60020"}
    assert refused(booth, AMEND, **asked)[0] == 110032
    assert row(booth, "mine")["orderStatus"] == "New"


def test_a_cancellation_ends_an_order_and_does_so_once(booth):
    made = booth.place(orderLinkId="mine")
    assert booth.ok("POST", CANCEL, {**BTC, "orderLinkId": "mine"}) == made
    found = row(booth, "mine")
    assert (found["orderStatus"], found["cancelType"]) == ("Cancelled", "CancelByUser")
    assert (found["rejectReason"], found["leavesQty"]) == ("EC_PerCancelRequest", "0.000")
    text = "order not exists or too late to cancel"
    assert refused(booth, CANCEL, **BTC, orderLinkId="mine") == (110001, text)


def test_a_cancellation_that_raced_a_fill_may_be_acknowledged_and_told_as_filled_twice():
    booth = Booth(late_cancel="acknowledge")
    booth.private("order")
    booth.others("sell", 599_000, 10)
    made = booth.place(orderLinkId="mine")
    assert booth.ok("POST", CANCEL, {**BTC, "orderLinkId": "mine"}) == made
    told = [row for frame in booth.frames(topic="order") for row in frame["data"]]
    assert [row["orderStatus"] for row in told] == ["Filled", "Filled"]
    assert [row["rejectReason"] for row in told] == ["EC_NoError", "EC_OrigClOrdIDDoesNotExist"]
    assert told[1]["cancelType"] == "CancelByUser"
    assert refused(booth, CANCEL, **BTC, orderLinkId="never")[0] == 110001


def test_an_amendment_may_repeat_the_exits_that_an_order_carries(booth):
    booth.place(orderLinkId="mine", takeProfit="65000")
    asked = {**BTC, "orderLinkId": "mine", "price": "59800"}
    booth.ok("POST", AMEND, {**asked, "takeProfit": "65000.0", "stopLoss": "0", "tpslMode": "Full"})
    assert row(booth, "mine")["price"] == "59800.00"
    for exits in ({"takeProfit": "0"}, {"takeProfit": "66000"}, {"stopLoss": "55000"}):
        assert refused(booth, AMEND, **{**asked, "price": "59700", **exits})[0] == 110060
    limit = {"tpOrderType": "Limit", "tpLimitPrice": "64900", "tpslMode": "Partial"}
    booth.place(orderLinkId="part", takeProfit="65000", **limit)
    asked["orderLinkId"] = "part"
    assert refused(booth, AMEND, **asked, tpLimitPrice="64800")[0] == 110060
    booth.ok("POST", AMEND, {**asked, "tpLimitPrice": "64900"})


def test_an_order_id_beats_a_link_id(booth):
    one, two = booth.place(orderLinkId="one"), booth.place(orderLinkId="two")
    asked = {**BTC, "orderId": one["orderId"], "orderLinkId": "two"}
    assert booth.ok("POST", CANCEL, asked) == one
    assert row(booth, "two")["orderId"] == two["orderId"]


def test_an_order_of_another_symbol_is_not_found(booth):
    made = booth.place()
    asked = {"category": "linear", "symbol": "ETHUSDT", "orderId": made["orderId"]}
    assert refused(booth, CANCEL, **asked)[0] == 110001


# Many at once


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (BTC, {"eth", "coin"}),
        ({"category": "linear", "baseCoin": "ETH"}, {"plain", "wait", "coin"}),
        ({"category": "linear", "settleCoin": "USDT"}, {"coin"}),
        ({**BTC, "orderFilter": "Order"}, {"wait", "eth", "coin"}),
        ({**BTC, "orderFilter": "StopOrder"}, {"plain", "eth", "coin"}),
        ({**BTC, "stopOrderType": "Stop"}, {"plain", "eth", "coin"}),
    ],
)
def test_cancel_all_ends_what_its_filters_mean(booth, asked, left):
    booth.place(orderLinkId="plain")
    booth.place(orderLinkId="wait", triggerPrice="59000", triggerDirection=2)
    booth.place(orderLinkId="eth", symbol="ETHUSDT", price="2990", qty="0.1")
    coin = {"category": "inverse", "symbol": "BTCUSD", "qty": "10"}
    booth.place(orderLinkId="coin", **coin)
    done = booth.ok("POST", ALL, asked)
    assert done["success"] == "1"
    open_orders = []
    for category in ("linear", "inverse"):
        params = {"category": category, "settleCoin": "USDT" if category == "linear" else "BTC"}
        open_orders += booth.ok("GET", "/v5/order/realtime", params)["list"]
    assert {order["orderLinkId"] for order in open_orders} == left
    assert {order["orderLinkId"] for order in done["list"]}.isdisjoint(left)


def test_cancel_all_wants_an_anchor_and_a_filter_it_knows(booth):
    assert refused(booth, ALL, category="linear")[0] == 10001
    assert refused(booth, ALL, **BTC, orderFilter="tpslOrder")[0] == 10001
    assert booth.ok("POST", ALL, BTC) == {"list": [], "success": "1"}


def test_orders_of_a_batch_fail_one_by_one(booth):
    items = [{**booth.order(orderLinkId="a")}, {**booth.order(orderLinkId="b", qty="9999")}]
    reply = booth.ask("POST", BATCH, {"category": "linear", "request": items})
    good, bad = reply["result"]["list"]
    assert (reply["retCode"], good["orderLinkId"], good["createAt"]) == (0, "a", str(booth.at))
    assert bad == {
        "category": "linear",
        "symbol": "BTCUSDT",
        "orderId": "",
        "orderLinkId": "b",
        "createAt": "",
    }
    assert [told["code"] for told in reply["retExtInfo"]["list"]] == [0, 10001]
    assert reply["retExtInfo"]["list"][0]["msg"] == "OK"


def test_a_batch_amends_and_cancels(booth):
    booth.place(orderLinkId="a")
    item = {"symbol": "BTCUSDT", "orderLinkId": "a"}
    changed = {"category": "linear", "request": [{**item, "price": "59000"}]}
    assert booth.ask("POST", "/v5/order/amend-batch", changed)["retExtInfo"]["list"][0]["code"] == 0
    assert row(booth, "a")["price"] == "59000.00"
    ended = {"category": "linear", "request": [item, {**item, "orderLinkId": "b"}]}
    reply = booth.ask("POST", "/v5/order/cancel-batch", ended)
    assert [told["code"] for told in reply["retExtInfo"]["list"]] == [0, 110001]
    assert reply["result"]["list"][1]["orderId"] == ""


@pytest.mark.parametrize("sent", [None, [], ["order"], [{}] * 21])
def test_a_batch_holds_one_to_twenty_orders(booth, sent):
    reply = booth.ask("POST", BATCH, {"category": "linear", "request": sent})
    assert reply["retCode"] == 10001


@pytest.mark.parametrize("category", [{}, {"category": "futures"}])
def test_a_batch_without_a_product_line_is_refused_as_a_whole(booth, category):
    reply = booth.ask("POST", BATCH, {**category, "request": [booth.order()]})
    assert (reply["retCode"], reply["retMsg"]) == (10001, "Illegal category")


# Checking beforehand


def test_a_pre_check_tells_margin_before_and_after_and_places_nothing(booth):
    told = booth.ok("POST", CHECK, booth.order(qty="10", orderLinkId="mine"))
    # 10 x 59900 / 20 of ten million, and half a percent of the value
    assert (told["preImrE4"], told["postImrE4"], told["postMmrE4"]) == (0, 29, 2)
    assert booth.ok("GET", "/v5/order/realtime", BTC)["list"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"triggerPrice": "59000", "triggerDirection": 2}, 110032),
        ({"category": "inverse", "symbol": "BTCUSD", "qty": "10"}, 10001),
        ({"qty": "1100", "orderType": "Limit"}, 110007),
    ],
)
def test_a_pre_check_refuses_what_it_cannot_check(booth, changes, code):
    if code == 110007:
        leverage = {**BTC, "buyLeverage": "1", "sellLeverage": "1"}
        booth.ok("POST", "/v5/position/set-leverage", leverage)
    assert booth.ask("POST", CHECK, booth.order(**changes))["retCode"] == code


def test_a_pre_check_that_refuses_names_the_order_that_would_have_been(booth):
    leverage = {**BTC, "buyLeverage": "1", "sellLeverage": "1"}
    booth.ok("POST", "/v5/position/set-leverage", leverage)
    named = {"future_order_id": "", "future_order_link_id": "mine"}
    reply = booth.ask("POST", CHECK, booth.order(side="Hold", orderLinkId="mine"))
    assert (reply["retCode"], reply["result"], reply["retExtInfo"]) == (10001, {}, named)
    reply = booth.ask("POST", CHECK, booth.order(qty="200", orderLinkId="mine"))
    # 200 x 59900 of ten million, and half a percent of it
    figures = {"post_imr_e4": 11980, "post_mmr_e4": 59}
    assert (reply["retCode"], reply["retExtInfo"]) == (110007, {**named, **figures})


def test_a_better_price_of_the_book_may_stand_in_for_a_price(quoted):
    quoted.place(price=None, bboSideType="Queue", orderLinkId="queue")
    assert row(quoted, "queue")["price"] == "59990.00"
    quoted.place(price=None, bboSideType="Counterparty", bboLevel=1, orderLinkId="meet")
    assert row(quoted, "meet")["orderStatus"] == "Filled"
