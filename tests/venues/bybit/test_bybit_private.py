"""The account's streams: logins, topics, and what is told of orders, fills, legs and wallets."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.model.commands import SetFunding, SetLeverage, SetMark
from tests.venues.bybit.booth import ACCOUNT, Booth

TOPICS = ("order", "execution", "execution.fast", "position", "wallet")


@pytest.fixture
def booth():
    return Booth()


@pytest.fixture
def heard(booth):
    booth.private(*TOPICS)
    return booth


def told(booth, topic):
    """Return the rows of a topic, oldest first, and forget all else."""
    return [row for frame in booth.frames(9) if frame["topic"] == topic for row in frame["data"]]


def cancel(booth, link):
    named = {"category": "linear", "symbol": "BTCUSDT", "orderLinkId": link}
    return booth.ok("POST", "/v5/order/cancel", named)


# Logins


def test_a_login_is_acknowledged_in_the_words_of_a_private_stream(booth):
    booth.open(9, "private")
    said = booth.auth(9, req_id="mine")
    assert booth.received.private
    assert said.pop("conn_id").endswith("-1")
    assert said == {"success": True, "ret_msg": "", "op": "auth", "req_id": "mine"}


@pytest.mark.parametrize("kind", ["hmac", "rsa"])
def test_either_kind_of_key_logs_on(kind):
    booth = Booth(kind)
    booth.private("order")
    booth.place()
    assert [frame["topic"] for frame in booth.frames(9)] == ["order"]


@pytest.mark.parametrize("ahead_ms", [1, 1_000, 10_000_000_000])
def test_a_login_may_expire_however_far_ahead(booth, ahead_ms):
    booth.open(9, "private")
    assert booth.auth(9, expires=booth.at + ahead_ms)["success"]


@pytest.mark.parametrize("expires", [0, -1])
def test_a_login_that_has_expired_is_refused(booth, expires):
    booth.open(9, "private")
    said = booth.auth(9, expires=booth.at + expires)
    assert (said["success"], said["ret_msg"]) == (False, "Params Error")
    assert not booth.received.private
    assert not booth.subscribe(9, "order")[0]["success"]


@pytest.mark.parametrize(
    "args",
    [[], ["k", 1], ["k", 1.5, "s"], ["k", "soon", "s"], ["unknown", 99999999999999, "s"], None],
)
def test_a_login_that_is_none_is_refused(booth, args):
    booth.open(9, "private")
    assert booth.send(9, {"op": "auth", "args": args})[0]["success"] is False


def test_a_wrong_signature_is_refused_and_the_right_one_may_follow(booth):
    booth.open(9, "private")
    wrong = [booth.key.key, booth.at + 1_000, "00" * 32]
    assert not booth.send(9, {"op": "auth", "args": wrong})[0]["success"]
    assert booth.auth(9)["success"]


def test_nothing_is_subscribed_to_before_the_login(booth):
    booth.open(9, "private")
    [said] = booth.subscribe(9, "order")
    assert (said["success"], said["ret_msg"]) == (False, "Request not authorized")


def test_a_text_number_is_as_good_as_a_number(booth):
    booth.open(9, "private")
    expires = str(booth.at + 10_000)
    signature = booth.secret.sign(f"GET/realtime{expires}".encode())
    args = [booth.key.key, expires, signature]
    assert booth.send(9, {"op": "auth", "args": args})[0]["success"]


# Topics


@pytest.mark.parametrize(
    "topics",
    [
        ("order", "order.linear"),
        ("execution.inverse", "execution"),
        ("position.spot",),
        ("wallet.linear",),
        ("orderbook.50.BTCUSDT",),
        ("stop_order",),
    ],
)
def test_topics_that_do_not_exist_or_go_together_are_refused(booth, topics):
    booth.open(9, "private")
    booth.auth(9)
    assert booth.subscribe(9, *topics)[0]["success"] is False


def test_topics_of_one_product_line_tell_of_it_alone(booth):
    booth.private("order.inverse", "order.linear", "greeks")
    booth.place()
    booth.place(category="inverse", symbol="BTCUSD", qty="100")
    frames = booth.frames(9)
    shown = [(frame["topic"], frame["data"][0]["category"]) for frame in frames]
    assert shown == [("order.linear", "linear"), ("order.inverse", "inverse")]


def test_nothing_is_told_at_first_nor_of_others_nor_after_the_end(heard):
    assert heard.frames() == []
    heard.others("sell", 600_100, 5)
    assert heard.frames() == []
    heard.send(9, {"op": "unsubscribe", "args": list(TOPICS)})
    heard.place()
    heard.server.close(9, heard.at)
    heard.place()
    assert heard.frames() == []


# Orders


def test_an_order_is_told_as_it_comes_changes_and_goes(heard):
    number = heard.place(orderLinkId="mine")["orderId"]
    changed = {"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "mine", "qty": "0.02"}
    heard.ok("POST", "/v5/order/amend", changed)
    cancel(heard, "mine")
    rows = told(heard, "order")
    assert [row["orderStatus"] for row in rows] == ["New", "New", "Cancelled"]
    assert [row["qty"] for row in rows] == ["0.010", "0.020", "0.020"]
    assert {row["orderId"] for row in rows} == {number}
    assert (rows[-1]["cancelType"], rows[-1]["rejectReason"]) == (
        "CancelByUser",
        "EC_PerCancelRequest",
    )
    assert rows[-1]["leavesQty"] == "0.000"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"timeInForce": "PostOnly", "price": "60010"}, "EC_PostOnlyWillTakeLiquidity"),
        ({"timeInForce": "FOK", "price": "60010"}, "EC_NoEnoughQtyToFill"),
        ({"timeInForce": "IOC", "price": "59000"}, "EC_NoImmediateQtyToFill"),
    ],
)
def test_what_the_book_forbids_is_acknowledged_and_told_as_cancelled(heard, changes, reason):
    heard.others("sell", 600_100, 5)
    heard.place(qty="0.1", **changes)
    [row] = told(heard, "order")
    assert (row["orderStatus"], row["rejectReason"]) == ("Cancelled", reason)
    assert (row["cancelType"], row["cumExecQty"]) == ("UNKNOWN", "0.000")


def test_a_taker_hears_once_of_an_order_that_is_filled(heard):
    heard.others("sell", 600_000, 5)
    heard.others("sell", 600_100, 5)
    heard.place(price="60010", orderLinkId="taker")
    [row] = told(heard, "order")
    assert (row["orderStatus"], row["cumExecQty"], row["avgPrice"]) == ("Filled", "0.010", "60005")


def test_a_conditional_order_keeps_its_id_when_it_triggers(heard):
    placed = heard.place(triggerPrice="60500", triggerDirection=1, price="60600")
    [waits] = told(heard, "order")
    assert (waits["orderStatus"], waits["stopOrderType"]) == ("Untriggered", "Stop")
    heard.others("sell", 605_500, 1)
    heard.fund("third")
    heard.others("buy", 605_500, 1, account="third")
    rows = told(heard, "order")
    assert rows[-1]["orderId"] == placed["orderId"] == waits["orderId"]
    assert rows[-1]["orderStatus"] in ("New", "Filled")


def test_a_conditional_order_cancelled_before_its_trigger_is_deactivated(heard):
    heard.place(triggerPrice="60500", triggerDirection=1, price="60600", orderLinkId="stop")
    cancel(heard, "stop")
    assert [row["orderStatus"] for row in told(heard, "order")] == ["Untriggered", "Deactivated"]


# Executions, positions, wallets


def trade(booth):
    """Buy 0.01 as maker, then sell 0.004 of it as taker."""
    booth.place(price="59900", orderLinkId="maker")
    booth.others("sell", 599_000, 10)
    booth.others("buy", 599_500, 4)
    booth.place(side="Sell", price="59950", qty="0.004", timeInForce="IOC", orderLinkId="taker")


def test_executions_tell_what_was_paid_and_what_closing_brought(heard):
    trade(heard)
    made, taken = told(heard, "execution")
    assert (made["isMaker"], made["feeRate"], made["execFee"]) == (True, "0.0002", "0.1198")
    assert (taken["isMaker"], taken["execFee"]) == (False, "0.13189")
    assert (made["execPnl"], taken["execPnl"]) == ("0", "0.2")
    assert (made["closedSize"], taken["closedSize"]) == ("0.000", "0.004")
    assert made["execId"] != taken["execId"]


def test_what_an_order_closed_is_told_with_it_less_both_fees(heard):
    trade(heard)
    row = told(heard, "order")[-1]
    opening = Decimal("0.1198") * 4 / 10
    assert Decimal(row["closedPnl"]) == Decimal("0.2") - opening - Decimal("0.13189")


def test_fast_executions_are_short_and_do_not_name_makers(heard):
    trade(heard)
    made, taken = told(heard, "execution.fast")
    assert (made["orderLinkId"], taken["orderLinkId"]) == ("", "taker")


def test_fills_of_one_command_share_a_message(heard):
    heard.others("sell", 600_000, 5)
    heard.others("sell", 600_100, 5)
    heard.place(price="60010")
    frames = [frame for frame in heard.frames(9) if frame["topic"] == "execution"]
    assert [len(frame["data"]) for frame in frames] == [2]


def test_positions_are_told_with_every_order_and_share_the_sequence_of_the_match(heard):
    trade(heard)
    frames = heard.frames(9)
    legs = [row for frame in frames if frame["topic"] == "position" for row in frame["data"]]
    fills = [row for frame in frames if frame["topic"] == "execution" for row in frame["data"]]
    assert [leg["size"] for leg in legs] == ["0.000", "0.010", "0.006"]
    assert [leg["side"] for leg in legs] == ["", "Buy", "Buy"]
    assert [leg["seq"] for leg in legs[1:]] == [fill["seq"] for fill in fills]
    assert legs[-1]["entryPrice"] == "59900"
    assert "avgPrice" not in legs[-1]


def test_a_flat_leg_tells_zeros_where_rest_tells_nothing(heard):
    heard.place()
    [leg] = told(heard, "position")
    for name in ("entryPrice", "positionValue", "takeProfit", "liqPrice", "unrealisedPnl"):
        assert leg[name] == "0", name
    assert leg["side"] == ""


def test_a_hedge_tells_both_legs(booth):
    hedged = {"category": "linear", "coin": "USDT", "mode": 3}
    booth.ok("POST", "/v5/position/switch-mode", hedged)
    booth.private("position")
    booth.place(positionIdx=1)
    assert [leg["positionIdx"] for leg in told(booth, "position")] == [1, 2]


def test_a_leverage_is_told_with_its_position(heard):
    heard.command(SetLeverage(ACCOUNT, "BTCUSDT", 7))
    assert [leg["leverage"] for leg in told(heard, "position")] == ["7"]


def test_wallets_tell_the_coins_that_moved(heard):
    trade(heard)
    rows = told(heard, "wallet")
    assert [[coin["coin"] for coin in row["coin"]] for row in rows] == [["USDT"]] * 3
    moved = Decimal("0.2") - Decimal("0.1198") - Decimal("0.13189")
    assert Decimal(rows[-1]["coin"][0]["walletBalance"]) == 10_000_000 + moved


def test_the_mark_alone_moves_no_wallet(heard):
    trade(heard)
    heard.frames()
    heard.command(SetMark("BTCUSDT", 61_000 * 10**8))
    assert heard.frames(9) == []


def test_funding_is_an_execution_without_an_order(heard):
    trade(heard)
    heard.command(SetFunding("BTCUSDT", 10_000, 8))
    heard.frames()
    heard.pass_ms(8 * 3600 * 1000)
    frames = heard.frames(9)
    [row] = [row for f in frames if f["topic"] == "execution" for row in f["data"]]
    assert (row["execType"], row["orderType"], row["isMaker"]) == ("Funding", "UNKNOWN", False)
    assert Decimal(row["execFee"]) == Decimal("0.006") * 60_000 * Decimal("0.0001")
    assert {frame["topic"] for frame in frames} == {"execution", "wallet"}


# Disconnected-cancel-all


def armed(booth):
    booth.ok(
        "POST",
        "/v5/order/disconnected-cancel-all",
        {"timeWindow": 10, "product": "DERIVATIVES"},
    )
    booth.private("dcp.future", stream=3)
    booth.private("dcp.future", stream=4)
    booth.place()


def resting(booth):
    return booth.ok("GET", "/v5/order/realtime", {"category": "linear", "symbol": "BTCUSDT"})[
        "list"
    ]


def test_orders_end_when_all_watching_connections_were_dead_for_too_long(booth):
    armed(booth)
    booth.private("order")
    booth.server.close(3, booth.at)
    booth.pass_ms(60_000)
    assert len(resting(booth)) == 1
    booth.server.close(4, booth.at)
    booth.pass_ms(9_999)
    assert len(resting(booth)) == 1
    booth.pass_ms(1)
    assert [row["cancelType"] for row in told(booth, "order")] == ["CancelByDCP"]
    assert resting(booth) == []


def test_whoever_comes_back_in_time_keeps_his_orders(booth):
    armed(booth)
    booth.server.close(3, booth.at)
    booth.server.close(4, booth.at)
    booth.pass_ms(5_000)
    booth.private("dcp.future", stream=5)
    booth.pass_ms(60_000)
    assert len(resting(booth)) == 1


def test_without_a_window_nothing_ends(booth):
    booth.private("dcp.future", stream=3)
    booth.place()
    booth.server.close(3, booth.at)
    booth.pass_ms(600_000)
    assert len(resting(booth)) == 1
