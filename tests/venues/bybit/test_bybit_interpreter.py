"""The wire of Bybit in neutral words, for those who watch it."""

from __future__ import annotations

import orjson
import pytest

from conformance.exchange import Engine
from conformance.model.categories import Category
from conformance.model.study import Carried, Told
from conformance.model.wire import (
    Condition,
    Frame,
    Operation,
    Reading,
    RoundTrip,
    Stream,
    Topic,
    WireReply,
    WireRequest,
)
from conformance.venues.bybit import VENUE
from conformance.venues.bybit.signing import KEY, SIGNATURE, STAMP

READER = VENUE.interpreter()
AT = 1_700_000_000_000
SIGNED = ((KEY, "k"), (STAMP, str(AT)), (SIGNATURE, "beef"))


def post(path, body, headers=SIGNED):
    return WireRequest("POST", f"/v5/{path}", b"", headers, orjson.dumps(body))


def told(reply, request=None, operation=Operation.PLACE):
    request = request or post("order/create", {})
    trip = RoundTrip(1, request, AT, Reading(operation=operation), reply, AT)
    return READER.told(trip)


def ok(result, ext=None):
    return WireReply(200, orjson.dumps({"retCode": 0, "result": result, "retExtInfo": ext or {}}))


def pushed(message, topic):
    return READER.carried(Frame(1, 1, AT, False, "text", orjson.dumps(message), topic))


ORDER = {
    "category": "linear",
    "symbol": "BTCUSDT",
    "side": "Buy",
    "orderType": "Limit",
    "qty": "1E1",
    "price": 60000,
    "orderLinkId": "mine",
    "positionIdx": 1,
    "reduceOnly": True,
    "triggerPrice": "7",
}


def test_an_order_is_read_as_it_is_spelt():
    found = READER.study(post("order/create", ORDER))
    [order] = found.orders
    assert (order.symbol, order.side, order.kind) == ("BTCUSDT", "Buy", "Limit")
    assert (order.price, order.quantity, order.further) == ("60000", "1E1", ("7", "1"))
    assert (order.client_id, order.reduce_only) == ("mine", True)
    assert order.position_side is None
    assert (found.keyed, found.signed, found.signature) == (True, True, "beef")
    assert found.costs == (("requests", 1), ("create", 1))


def test_a_batch_is_read_order_by_order():
    body = {"category": "linear", "request": [ORDER, {"symbol": "ETHUSDT", "orderId": "7"}, 5]}
    found = READER.study(post("order/create-batch", body))
    assert [order.symbol for order in found.orders] == ["BTCUSDT", "ETHUSDT"]
    assert found.costs == (("requests", 1), ("create-batch", 2))
    found = READER.study(post("order/cancel-batch", body))
    assert (found.orders, found.targets) == ((), ("mine", "7"))
    assert READER.study(post("order/cancel-batch", {"request": "none"})).targets == ()


def test_the_order_that_is_meant_is_read():
    query = b"category=linear&symbol=BTCUSDT&orderLinkId=mine&orderId=7"
    request = WireRequest("GET", "/v5/order/realtime", query, SIGNED, b"")
    assert READER.study(request).targets == ("7", "mine")


def test_public_and_unknown_endpoints_are_told_apart():
    public = READER.study(WireRequest("GET", "/v5/market/time", b"", (), b""))
    assert (public.known, public.keyed, public.costs) == (True, False, (("requests", 1),))
    assert not READER.study(WireRequest("GET", "/v9/market/time", b"", (), b"")).known
    assert READER.study(WireRequest("POST", "/v5/order/create", b"", (), b"{")).known


@pytest.fixture(scope="module")
def half():
    return VENUE.server(Engine(VENUE.listings, VENUE.rules), {})


@pytest.mark.parametrize(
    ("condition", "category"),
    [
        (Condition.TIMEOUT_UNKNOWN, Category.UNKNOWN),
        (Condition.BUS_UNKNOWN, Category.UNKNOWN),
        (Condition.INTERNAL_ERROR, Category.UNKNOWN),
        (Condition.HTML_GATEWAY, Category.UNKNOWN),
        (Condition.EMPTY_BODY, Category.UNKNOWN),
        (Condition.TRUNCATED_BODY, Category.UNKNOWN),
        (Condition.NOT_JSON, Category.UNKNOWN),
        (Condition.NOVEL_CODE, Category.UNKNOWN),
        (Condition.CLOCK_LATE, Category.CLOCK),
        (Condition.BAD_KEY, Category.AUTH),
        (Condition.BAD_SIGNATURE, Category.AUTH),
        (Condition.NO_SUCH_ORDER, Category.NOT_FOUND),
        (Condition.INSUFFICIENT_MARGIN, Category.STATE),
        (Condition.THROTTLED, Category.THROTTLED),
        (Condition.BANNED, Category.BANNED),
    ],
)
def test_answers_are_read_by_their_category(half, condition, category):
    assert told(half.refusal(condition, Operation.PLACE, AT)).category is category


def test_a_silence_is_read_with_whom_it_concerns(half):
    reply = half.refusal(Condition.THROTTLED, Operation.PLACE, AT, retry_after_ms=5_000)
    assert told(reply) == Told(Category.THROTTLED, "10006", 5_000, ("create",))
    elsewhere = WireRequest("GET", "/nowhere", b"", (), b"")
    assert told(reply, elsewhere).pools == ()
    banned = told(half.refusal(Condition.BANNED, Operation.PLACE, AT))
    assert (banned.banned, banned.silent_ms, banned.code) == (True, 600_000, "403")


def test_what_was_refused_is_the_same_whenever_it_is_asked():
    refused = WireReply(200, b'{"retCode":110007,"retMsg":"no"}')

    def asked(stamp, link):
        headers = ((KEY, "k"), (STAMP, str(stamp)), (SIGNATURE, f"{stamp}"))
        return told(refused, post("order/create", {"orderLinkId": link}, headers)).asked

    assert asked(1, "a") == asked(2, "a") != asked(1, "b")


def test_a_success_has_no_category():
    assert told(ok({"orderId": "x"})) == Told()
    batch = {"list": [{"code": 0, "msg": "OK"}, {"code": 110007, "msg": "no"}, 7]}
    assert told(ok({}, batch)).refused == ((1, Category.STATE),)
    assert told(ok({"u": 77}), operation=Operation.BOOK).sequence == 77
    assert told(ok([]), operation=Operation.BOOK).sequence == 0
    assert told(WireReply(200, b'{"retCode":"0"}')).category is Category.UNKNOWN


def test_order_events_name_their_order():
    message = {"topic": "order", "data": [{"symbol": "BTCUSDT", "orderLinkId": "mine"}]}
    assert pushed(message, Topic.ORDERS) == Carried("BTCUSDT", "mine")
    assert pushed(message, Topic.FILLS) == Carried()


@pytest.mark.parametrize("message", [{}, [], {"topic": "order", "data": []}, {"data": {"u": 1}}])
def test_events_that_say_nothing_are_about_nothing(message):
    assert pushed(message, Topic.ORDERS) == Carried()


def test_changes_of_a_book_follow_each_other_and_snapshots_begin_anew():
    def book(depth, kind, update):
        data = {"s": "BTCUSDT", "u": update}
        return pushed(
            {"topic": f"orderbook.{depth}.BTCUSDT", "type": kind, "data": data}, Topic.BOOK
        )

    assert book(50, "delta", 7) == Carried("50.BTCUSDT", "", 7, 6)
    assert book(50, "snapshot", 1) == Carried("50.BTCUSDT", "", 1, 0, whole=True)
    assert book(1, "snapshot", 7) == Carried()


def test_wishes_come_by_message():
    names = ["orderbook.50.BTCUSDT", "orderbook.1.BTCUSDT", "publicTrade.BTCUSDT", "order.linear"]
    wanted, unwanted = READER.wishes(orjson.dumps({"op": "subscribe", "args": names}))
    assert unwanted == ()
    assert wanted == {
        (Topic.BOOK, "50.BTCUSDT"),
        (Topic.BOOK, "orderbook.1.BTCUSDT"),
        (Topic.TRADES, "publicTrade.BTCUSDT"),
        (Topic.ORDERS, ""),
    }
    assert READER.wishes(orjson.dumps({"op": "unsubscribe", "args": names})) == ((), wanted)
    assert READER.interests(Stream(1, "/v5/private", "", AT)) == ()


@pytest.mark.parametrize(
    "payload", [b"{", b"[]", b'{"op":"subscribe"}', b'{"op":"ping","args":[]}']
)
def test_other_messages_wish_for_nothing(payload):
    assert READER.wishes(payload) in (((), ()), ((), set()))


def test_the_key_may_stand_in_the_messages_of_private_streams():
    assert READER.customs.call_paths == ("/v5/private", "/v5/trade")
    assert READER.customs.batch_max[Operation.PLACE_BATCH] == 20
