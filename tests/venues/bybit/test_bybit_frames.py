"""Frames of Bybit into events: captured payloads, answers to commands, and books in band."""

import json
from decimal import Decimal

import pytest

from conformance.contracts.client import (
    BookDelta,
    BookReset,
    Confirmed,
    Denied,
    Execution,
    Held,
    Link,
    OrderNews,
)
from conformance.model.orders import PositionSide, Side, Status
from conformance.venues.bybit.client import Client

HALF = Client()


def events(message):
    return HALF.events(json.dumps(message))


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"success": True, "ret_msg": "", "op": "auth", "conn_id": "c"}, (Confirmed(),)),
        ({"success": True, "ret_msg": "subscribe", "op": "subscribe"}, (Confirmed(),)),
        ({"success": True, "ret_msg": "", "op": "unsubscribe"}, ()),
        ({"success": True, "ret_msg": "pong", "conn_id": "c", "req_id": "", "op": "ping"}, ()),
        ({"req_id": "1", "op": "pong", "args": ["1675418560633"], "conn_id": "c"}, ()),
        ({"success": False, "ret_msg": "Params Error", "op": "auth"}, (Denied("Params Error"),)),
        ({"success": False, "retMsg": "no", "retCode": 10003, "op": "auth"}, (Denied("no"),)),
        ({"topic": "wallet", "data": []}, ()),
        ({"topic": "tickers.BTCUSDT", "data": {}}, ()),
        ([1], ()),
        (None, ()),
    ],
)
def test_answers_and_heartbeats_are_told_apart(message, told):
    assert tuple(events(message)) == told


BOOK = {
    "topic": "orderbook.1000.BTCUSDT",
    "type": "snapshot",
    "ts": 1,
    "data": {"s": "BTCUSDT", "b": [["62710.2", "5.52"]], "a": [["62710.3", "0.01"]], "u": 7},
}


def test_a_book_begins_in_band_and_begins_anew_after_a_restart():
    (reset,) = events(BOOK)
    assert isinstance(reset, BookReset)
    assert reset.snapshot.bids == ((Decimal("62710.2"), Decimal("5.52")),)
    assert reset.snapshot.sequence == 7
    (delta,) = events(BOOK | {"type": "delta"})
    assert isinstance(delta, BookDelta)
    assert delta.last == 7
    (again,) = events(BOOK | {"type": "delta", "data": BOOK["data"] | {"u": 1}})
    assert isinstance(again, BookReset)


@pytest.mark.parametrize(("number", "link"), [(7, Link.STALE), (8, Link.NEXT), (9, Link.GAP)])
def test_numbers_of_a_book_leave_no_hole(number, link):
    delta = BookDelta("BTCUSDT", number, number, number - 1, (), ())
    assert HALF.link(delta, 7, fresh=False) is link


def test_each_book_is_asked_for_by_itself():
    plan = HALF.book_stream(["BTCUSDT", "ETHUSDT"])
    assert plan.path == "/v5/public/linear"
    assert [json.loads(text)["args"] for text in plan.opening] == [
        ["orderbook.1000.BTCUSDT"],
        ["orderbook.1000.ETHUSDT"],
    ]
    assert HALF.book_stream(["BTCUSD"]).path == "/v5/public/inverse"
    assert [json.loads(text)["op"] for text in HALF.book_again("BTCUSDT")] == [
        "unsubscribe",
        "subscribe",
    ]


# Subscriptions/V5/Private of Bybit.Net's test payloads, shortened by empty fields; the sample of
# an order is an option's there, so its symbol and category are replaced.
ORDER = {
    "symbol": "BTCUSDT",
    "orderId": "5cf98598-39a7-459e-97bf-76ca765ee020",
    "side": "Sell",
    "orderType": "Market",
    "cancelType": "UNKNOWN",
    "price": "72.5",
    "qty": "1",
    "timeInForce": "IOC",
    "orderStatus": "Filled",
    "orderLinkId": "",
    "reduceOnly": False,
    "leavesQty": "",
    "cumExecQty": "1",
    "avgPrice": "75",
    "positionIdx": 0,
    "updatedTime": "1672364262457",
    "rejectReason": "EC_NoError",
    "category": "linear",
}
EXECUTION = {
    "category": "linear",
    "symbol": "XRPUSDT",
    "execFee": "0.005061",
    "execId": "7e2ae69c-4edf-5800-a352-893d52b446aa",
    "execPrice": "0.3374",
    "execQty": "25",
    "execType": "Trade",
    "isMaker": False,
    "orderId": "f6e324ff-99c2-4e89-9739-3086e47f9381",
    "orderLinkId": "",
    "side": "Sell",
    "execTime": "1672364174443",
}
POSITION = {
    "positionIdx": 2,
    "symbol": "BTCUSDT",
    "side": "",
    "size": "0",
    "entryPrice": "0",
    "leverage": "10",
    "markPrice": "28184.5",
    "unrealisedPnl": "0",
    "liqPrice": "0",
    "updatedTime": "1697682317038",
    "category": "linear",
}


def test_account_events_are_read_from_the_captured_rows():
    (news,) = events({"topic": "order", "data": [ORDER]})
    assert isinstance(news, OrderNews)
    assert (news.order.status, news.order.filled, news.fill) == (Status.FILLED, Decimal(1), None)
    (execution,) = events({"topic": "execution", "data": [EXECUTION]})
    assert isinstance(execution, Execution)
    assert (execution.fill.side, execution.fill.quantity) == (Side.SELL, Decimal(25))
    (held,) = events({"topic": "position", "data": [POSITION]})
    assert isinstance(held, Held)
    assert (held.position.quantity, held.position.position_side) == (0, PositionSide.SHORT)


def test_one_message_may_carry_several_rows_and_rows_of_other_products():
    rows = [ORDER, ORDER | {"category": "option"}, ORDER | {"orderId": "x"}]
    assert [news.order.venue_id for news in events({"topic": "order", "data": rows})] == [
        ORDER["orderId"],
        "x",
    ]
    assert events({"topic": "execution", "data": [EXECUTION | {"execType": "Funding"}]}) == []


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        '{"topic":"order","data":[{}]}',
        '{"topic":"orderbook.1000.BTCUSDT","type":"delta","data":{"u":"x"}}',
        '{"topic":"order","data":null}',
    ],
)
def test_what_cannot_be_read_says_so(frame):
    with pytest.raises(ValueError, match=r".+"):
        HALF.events(frame)
