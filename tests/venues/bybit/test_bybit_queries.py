"""Asking what became of orders: pages, histories, executions, closed profits, the log.

Rules: docs/v5/order/open-order, order-list, execution, position/close-pnl and
account/transaction-log, 2026-07-24.
"""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote, unquote

import pytest

from conformance.model.commands import (
    Deposit,
    SetDelivery,
    SetFunding,
    SetMark,
    SetSettlement,
)
from tests.venues.bybit.booth import Booth, misfits

UNIT = 10**8
HOUR = 3_600_000
DAY = 24 * HOUR
BTC = {"category": "linear", "symbol": "BTCUSDT"}
REALTIME, HISTORY = "/v5/order/realtime", "/v5/order/history"
EXECUTIONS, CLOSED = "/v5/execution/list", "/v5/position/closed-pnl"
LOG = "/v5/account/transaction-log"


@pytest.fixture
def booth():
    return Booth()


def names(found):
    return [order["orderLinkId"] for order in found["list"]]


def cancel(booth, link):
    booth.ok("POST", "/v5/order/cancel", {**BTC, "orderLinkId": link})


def traded(booth):
    """Buy 0.020 in two fills, and sell 0.015 of it in one."""
    booth.others("sell", 600_000, 10)
    booth.others("sell", 600_200, 10)
    booth.place(orderType="Market", price=None, qty="0.020", orderLinkId="buy")
    booth.at += 1000
    booth.others("buy", 601_000, 15)
    booth.place(side="Sell", orderType="Market", price=None, qty="0.015", orderLinkId="sell")
    return booth


@pytest.mark.parametrize("times", [0, 1])
def test_pages_follow_each_other_whatever_arrives_and_however_cursors_are_escaped(booth, times):
    for number in range(5):
        booth.at += 1
        booth.place(orderLinkId=f"n{number}")
    asked, told, cursor = {**BTC, "limit": 2}, [], ""
    while True:
        sent = cursor
        for _ in range(times):
            sent = quote(sent, safe="")
        page = booth.ok("GET", REALTIME, {**asked, **({"cursor": sent} if sent else {})})
        told += names(page)
        cursor = page["nextPageCursor"]
        if not cursor:
            break
        assert unquote(cursor) != cursor
        booth.at += 1
        booth.place(orderLinkId=f"late{len(told)}")
    assert told == ["n4", "n3", "n2", "n1", "n0"]


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 51},
        {"limit": "many"},
        {"cursor": "page_args%3Dx%26"},
        {"cursor": "other%3D1%26"},
        {"openOnly": 2},
        {"symbol": None},
        {"category": "spot"},
    ],
)
def test_a_question_that_cannot_be_is_refused(booth, params):
    asked = {name: value for name, value in {**BTC, **params}.items() if value is not None}
    assert booth.ask("GET", REALTIME, asked)["retCode"] == 10001


def test_a_closed_order_is_found_by_its_ids_and_not_among_the_open_ones(booth):
    made = booth.place(orderLinkId="mine")
    cancel(booth, "mine")
    assert booth.ok("GET", REALTIME, BTC)["list"] == []
    for params in (made, {"orderLinkId": "mine"}, {"orderId": made["orderId"]}):
        found = booth.ok("GET", REALTIME, {"category": "linear", **params})
        assert names(found) == ["mine"]
    assert names(booth.ok("GET", REALTIME, {**BTC, "openOnly": 1})) == ["mine"]
    assert booth.ok("GET", REALTIME, {**BTC, "orderLinkId": "never"})["list"] == []


def test_inverse_orders_need_no_anchor(booth):
    booth.place(category="inverse", symbol="BTCUSD", qty="10", orderLinkId="coin")
    assert names(booth.ok("GET", REALTIME, {"category": "inverse"})) == ["coin"]


def test_history_forgets_after_a_day_what_never_filled(booth):
    booth.place(orderLinkId="gone")
    cancel(booth, "gone")
    booth.others("sell", 599_000, 10)
    booth.place(orderLinkId="filled")
    assert names(booth.ok("GET", HISTORY, BTC)) == ["filled", "gone"]
    booth.pass_ms(DAY + 1)
    assert names(booth.ok("GET", HISTORY, BTC)) == ["filled"]
    assert booth.ok("GET", HISTORY, {**BTC, "orderLinkId": "gone"})["list"] == []
    assert names(booth.ok("GET", HISTORY, {**BTC, "orderLinkId": "filled"})) == ["filled"]


def test_history_holds_no_open_orders_and_filters_by_state_and_time(booth):
    booth.place(orderLinkId="open", price="59500")
    booth.place(orderLinkId="gone")
    cancel(booth, "gone")
    start = booth.at
    booth.at += 1000
    booth.others("sell", 598_000, 10)
    booth.place(price="59700", orderLinkId="filled", timeInForce="IOC")
    booth.place(price="59800", orderLinkId="done", timeInForce="IOC")
    assert "open" not in names(booth.ok("GET", HISTORY, BTC))
    assert booth.ok("GET", HISTORY, {**BTC, "orderLinkId": "open"})["list"] == []
    assert names(booth.ok("GET", HISTORY, {**BTC, "orderStatus": "Filled"})) == ["done"]
    early = {**BTC, "startTime": start - 1, "endTime": start}
    assert names(booth.ok("GET", HISTORY, early)) == ["gone"]
    assert names(booth.ok("GET", HISTORY, {**BTC, "startTime": start + 1}))[-1] == "filled"
    assert names(booth.ok("GET", HISTORY, {**BTC, "endTime": start})) == ["gone"]


@pytest.mark.parametrize(("start", "end"), [(0, 7 * DAY + 1), (1000, 999)])
def test_a_question_spans_at_most_seven_days(booth, start, end):
    asked = {**BTC, "startTime": booth.at - 8 * DAY + start, "endTime": booth.at - 8 * DAY + end}
    assert booth.ask("GET", HISTORY, asked)["retCode"] == 10001


def test_executions_come_newest_first_with_what_they_closed(booth):
    found = traded(booth).ok("GET", EXECUTIONS, BTC)["list"]
    shown = ("orderLinkId", "execQty", "execPrice", "leavesQty", "closedSize", "isMaker")
    assert [tuple(row[n] for n in shown) for row in found] == [
        ("sell", "0.015", "60100.00", "0.000", "0.015", False),
        ("buy", "0.010", "60020.00", "0.000", "0.000", False),
        ("buy", "0.010", "60000.00", "0.010", "0.000", False),
    ]
    # 0.015 x 60100 at a taker's 0.055 %
    assert (found[0]["execValue"], found[0]["execFee"]) == ("901.5", "0.495825")
    assert len({row["execId"] for row in found}) == 3


def test_executions_are_found_by_either_id_of_their_order(booth):
    traded(booth)
    (sold,) = booth.ok("GET", EXECUTIONS, {**BTC, "orderLinkId": "sell"})["list"]
    asked = {"category": "linear", "orderId": sold["orderId"], "execType": "Funding"}
    assert booth.ok("GET", EXECUTIONS, asked)["list"] == [sold]
    assert booth.ok("GET", EXECUTIONS, {**BTC, "orderLinkId": "never"})["list"] == []


def test_what_was_closed_brings_its_value_less_the_fees_of_both_ways(booth):
    (row,) = traded(booth).ok("GET", CLOSED, BTC)["list"]
    entry, exit_ = Decimal("0.015") * 60010, Decimal("0.015") * 60100
    fee = (entry + exit_) * Decimal("0.00055")
    assert (row["side"], row["closedSize"], row["fillCount"]) == ("Sell", "0.015", "1")
    assert (row["avgEntryPrice"], row["avgExitPrice"]) == ("60010", "60100")
    assert Decimal(row["cumEntryValue"]) == entry
    assert Decimal(row["cumExitValue"]) == exit_
    # docs/v5/position/close-pnl: +-(exit - entry) - openFee - closeFee
    assert abs(Decimal(row["closedPnl"]) - (exit_ - entry - fee)) <= Decimal("0.00000001")


def test_the_log_adds_up_to_the_wallet(booth):
    found = traded(booth).ok("GET", LOG, {"currency": "USDT"})["list"]
    assert [row["type"] for row in found] == ["TRADE"] * 3 + ["TRANSFER_IN"]
    for row in found:
        parts = Decimal(row["cashFlow"]) - Decimal(row["fee"])
        assert Decimal(row["change"]) == parts
    assert found[0]["cashBalance"] == str(sum(Decimal(row["change"]) for row in found))
    assert (found[0]["size"], found[0]["orderLinkId"]) == ("0.005", "sell")
    assert len({row["id"] for row in found}) == 4


def test_the_log_is_of_the_last_day_unless_told_otherwise(booth):
    traded(booth).pass_ms(DAY + 1)
    assert booth.ok("GET", LOG)["list"] == []
    week = {"startTime": booth.at - 2 * DAY, "endTime": booth.at, "type": "TRADE"}
    assert len(booth.ok("GET", LOG, {**week, "category": "linear"})["list"]) == 3
    assert booth.ok("GET", LOG, {**week, "baseCoin": "ETH"})["list"] == []
    assert booth.ok("GET", LOG, {**week, "category": "inverse"})["list"] == []
    page = booth.ok("GET", LOG, {**week, "limit": 1})
    assert page["nextPageCursor"]


@pytest.mark.parametrize("side", ["Buy", "Sell"])
def test_a_funding_is_told_with_opposite_signs_in_executions_and_in_the_log(booth, side):
    booth.others("sell" if side == "Buy" else "buy", 600_000, 20)
    booth.place(side=side, orderType="Market", price=None, qty="0.020")
    booth.command(SetMark("BTCUSDT", 60_000 * UNIT))
    booth.command(SetFunding("BTCUSDT", 10_000, 8))
    booth.pass_ms(8 * HOUR)
    (row,) = booth.ok("GET", EXECUTIONS, {**BTC, "execType": "Funding"})["list"]
    paid = "0.12" if side == "Buy" else "-0.12"  # 0.020 x 60000 x 0.0001
    assert (row["execFee"], row["execValue"], row["execPrice"]) == (paid, "1200", "60000")
    assert (row["side"], row["execQty"], row["orderType"]) == (side, "0.020", "UNKNOWN")
    assert row["feeRate"] == ("0.0001" if side == "Buy" else "-0.0001")
    uid, second = booth.ok("GET", "/v5/user/query-api")["userID"], int(row["execTime"]) // 1000
    assert row["orderId"] == f"{second}-BTCUSDT-{uid}-{side}"
    (logged,) = booth.ok("GET", LOG, {"type": "SETTLEMENT"})["list"]
    assert Decimal(logged["funding"]) == Decimal(logged["change"]) == -Decimal(paid)
    assert (logged["tradeId"], logged["cashFlow"]) == (row["execId"], "0")
    assert logged["orderId"].startswith(f"{second}-8-{uid}-")
    assert logged["id"].startswith(f"{uid}_BTCUSDT_")
    assert booth.ok("GET", EXECUTIONS, {**BTC, "execType": "Trade"})["list"][0]["createType"]


def test_what_is_liquidated_is_told_as_bust(booth):
    booth.command(Deposit("testee", "USDT", -9_999_950 * UNIT))
    booth.others("sell", 600_000, 10)
    booth.place(orderType="Market", price=None)
    booth.command(SetMark("BTCUSDT", 55_000 * UNIT))
    bust = booth.ok("GET", EXECUTIONS, {**BTC, "execType": "BustTrade"})["list"]
    assert [row["createType"] for row in bust] == ["CreateByLiq"]
    assert bust[0]["orderLinkId"] == ""
    (logged,) = booth.ok("GET", LOG, {"type": "LIQUIDATION"})["list"]
    assert (logged["orderId"], logged["size"]) == (bust[0]["orderId"], "0.000")
    assert Decimal(logged["change"]) < 0


def test_a_delivery_is_an_execution_without_an_order(booth):
    dated = {"category": "linear", "symbol": "BTCUSDT-29DEC28"}
    booth.private("order", "execution", "position")
    booth.others("sell", 121_000, 10, dated["symbol"])
    booth.place(**dated, orderType="Market", price=None, orderLinkId="entry")
    booth.place(**dated, price="60000", orderLinkId="rest")
    booth.frames()
    booth.command(SetSettlement(dated["symbol"], 60_600 * UNIT))
    booth.command(SetDelivery(dated["symbol"], booth.at + HOUR))
    booth.pass_ms(2 * HOUR)
    told = [(frame["topic"], row) for frame in booth.frames(9) for row in frame["data"]]
    (ended,) = [row for topic, row in told if topic == "order"]
    assert (ended["orderLinkId"], ended["cancelType"]) == ("rest", "CancelBySettle")
    assert [row["execType"] for topic, row in told if topic == "execution"] == ["Delivery"]
    assert names(booth.ok("GET", HISTORY, dated)) == ["rest", "entry"]
    (row,) = booth.ok("GET", EXECUTIONS, {**dated, "execType": "Delivery"})["list"]
    assert (row["createType"], row["orderType"], row["execPrice"]) == (
        "CreateBySettle",
        "UNKNOWN",
        "60600.00",
    )
    assert booth.ok("GET", REALTIME, {**dated, "orderId": row["orderId"]})["list"] == []
    (closed,) = booth.ok("GET", CLOSED, dated)["list"]
    assert closed["execType"] == "Settle"
    assert booth.ok("GET", LOG, {"type": "DELIVERY"})["list"][0]["tradeId"] == row["execId"]


def test_deliveries_are_recorded_with_what_they_brought(booth):
    dated, path = {"category": "linear", "symbol": "BTCUSDT-29DEC28"}, "/v5/asset/delivery-record"
    booth.others("buy", 121_000, 10, dated["symbol"])
    booth.place(**dated, side="Sell", orderType="Market", price=None)
    booth.command(SetSettlement(dated["symbol"], 60_600 * UNIT))
    booth.command(SetDelivery(dated["symbol"], booth.at + HOUR))
    booth.pass_ms(2 * HOUR)
    reply = booth.ask("GET", path, dated)
    assert misfits("asset-delivery-record", reply) == []
    (row,) = reply["result"]["list"]
    assert (row["side"], row["position"], row["deliveryTime"]) == ("Sell", "0.010", booth.at - HOUR)
    assert (row["entryPrice"], row["deliveryPrice"]) == ("60500", "60600")
    assert (row["deliveryRpl"], row["fee"]) == ("-1", "0.3333")  # 0.01 x 100; 606 x 0.00055
    assert booth.ok("GET", path, {**dated, "endTime": booth.at - 2 * HOUR})["list"] == []
    assert booth.ok("GET", path, {"category": "inverse"})["list"] == []


@pytest.mark.parametrize("category", ["spot", "option"])
def test_product_lines_with_nothing_in_them_have_empty_lists(booth, category):
    for path in (REALTIME, HISTORY, EXECUTIONS, "/v5/account/fee-rate", "/v5/market/tickers"):
        assert booth.ok("GET", path, {"category": category})["list"] == []
    assert booth.ok("POST", "/v5/order/cancel-all", {"category": category, "baseCoin": "BTC"}) == {
        "list": [],
        "success": "1",
    }
    for path in (CLOSED, "/v5/position/list"):
        assert booth.ask("GET", path, {"category": category})["retMsg"] == "Illegal category"
