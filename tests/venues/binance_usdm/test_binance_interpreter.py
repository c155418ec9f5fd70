"""The wire of Binance USDM in neutral words, for those who watch it."""

from __future__ import annotations

import pytest

from conformance.exchange import Engine
from conformance.model.categories import Category
from conformance.model.orders import PositionSide
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
from conformance.venues import load

VENUE = load("binance_usdm")
READER = VENUE.interpreter()
AT = 1_700_000_000_000


def study(method, target, body=b""):
    path, _, query = target.partition("?")
    return READER.study(WireRequest(method, path, query.encode(), (), body))


def told(reply, operation=Operation.PLACE, target="/"):
    path, _, query = target.partition("?")
    request = WireRequest("POST", path, query.encode(), (), b"")
    trip = RoundTrip(1, request, AT, Reading(operation=operation), reply, AT)
    return READER.told(trip)


def pushed(text, topic):
    return READER.carried(Frame(1, 1, AT, False, "text", text, topic))


def test_an_order_is_read_as_it_is_spelt():
    found = study(
        "POST",
        "/fapi/v1/order?symbol=btcusdt&side=BUY&type=LIMIT&price=1E%2B3&quantity=1.50&timestamp=1",
        b"newClientOrderId=a.b&reduceOnly=true&positionSide=LONG&stopPrice=7&signature=beef",
    )
    [order] = found.orders
    assert (order.symbol, order.side, order.kind) == ("BTCUSDT", "BUY", "LIMIT")
    assert (order.price, order.quantity, order.further) == ("1E+3", "1.50", ("7",))
    assert (order.client_id, order.reduce_only) == ("a.b", True)
    assert order.position_side is PositionSide.LONG
    assert (found.keyed, found.signed, found.signature) == (True, True, "beef")
    assert found.costs == (("orders", 1), ("orders-minute", 1))


def test_a_batch_is_read_order_by_order():
    rows = '[{"symbol":"BTCUSDT","newClientOrderId":"a","quantity":1.5},{"symbol":"ETHUSDT"}, 7]'
    found = study("POST", f"/fapi/v1/batchOrders?batchOrders={rows}")
    assert [order.symbol for order in found.orders] == ["BTCUSDT", "ETHUSDT"]
    assert found.orders[0].quantity == "1.5"
    assert found.costs == (("requests", 5), ("orders", 5), ("orders-minute", 1))


@pytest.mark.parametrize(
    ("target", "targets"),
    [
        ("order?symbol=BTCUSDT&orderId=7", ("7",)),
        ("order?symbol=BTCUSDT&origClientOrderId=a", ("a",)),
        ("batchOrders?symbol=BTCUSDT&orderIdList=%5B1%2C2%5D", ("1", "2")),
        ('batchOrders?symbol=BTCUSDT&origClientOrderIdList=["a","b"]', ("a", "b")),
        ("order?symbol=BTCUSDT", ()),
        ("batchOrders?symbol=BTCUSDT&orderIdList=nonsense", ()),
    ],
)
def test_the_orders_that_are_meant_are_read(target, targets):
    assert study("DELETE", f"/fapi/v1/{target}").targets == targets


def test_what_was_refused_is_the_same_whenever_it_is_asked():
    def asked(query):
        reply = WireReply(400, b'{"code":-2019,"msg":"no"}')
        return told(reply, target=f"/fapi/v1/order?{query}").asked

    first, second = (
        asked(f"symbol=A&orderId=1&timestamp={at}&signature={at}&recvWindow=9") for at in (1, 2)
    )
    assert first == second != asked("symbol=A&orderId=2")


def test_public_and_unknown_endpoints_are_told_apart():
    public = study("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=1000")
    assert (public.known, public.keyed, public.costs) == (True, False, (("requests", 20),))
    assert not study("GET", "/fapi/v9/depth").known
    assert study("POST", "/fapi/v1/order?symbol=A&symbol=B").orders[0].symbol == ""


@pytest.mark.parametrize(
    ("condition", "category"),
    [
        (Condition.TIMEOUT_UNKNOWN, Category.UNKNOWN),
        (Condition.INTERNAL_ERROR, Category.UNKNOWN),
        (Condition.OVERLOADED_UNKNOWN, Category.UNKNOWN),
        (Condition.OVERLOADED_REFUSED, Category.RETRY),
        (Condition.HTML_GATEWAY, Category.UNKNOWN),
        (Condition.EMPTY_BODY, Category.UNKNOWN),
        (Condition.NOT_JSON, Category.UNKNOWN),
        (Condition.CLOCK_LATE, Category.CLOCK),
        (Condition.BAD_KEY, Category.AUTH),
        (Condition.NO_SUCH_ORDER, Category.NOT_FOUND),
        (Condition.INSUFFICIENT_MARGIN, Category.STATE),
        (Condition.NOVEL_CODE, Category.UNKNOWN),
    ],
)
def test_answers_are_read_by_their_category(engine_half, condition, category):
    assert told(engine_half.refusal(condition, Operation.PLACE, AT)).category is category


@pytest.fixture(scope="module")
def engine_half():
    return VENUE.server(Engine(VENUE.listings), {})


def test_a_silence_is_read_with_whom_it_concerns(engine_half):
    def of(condition):
        return told(engine_half.refusal(condition, Operation.PLACE, AT, retry_after_ms=5_000))

    assert of(Condition.THROTTLED) == Told(Category.THROTTLED, "-1003", 5_000)
    assert of(Condition.ORDER_RATE_EXCEEDED).pools == ("orders", "orders-minute")
    banned = of(Condition.BANNED)
    assert (banned.banned, banned.silent_ms) == (True, 5_000)


def test_a_success_has_no_category():
    assert told(WireReply(200, b'{"orderId":1}')) == Told()
    batch = b'[{"orderId":1},{"code":-2019,"msg":"no"}]'
    assert told(WireReply(200, batch), Operation.PLACE_BATCH).refused == ((1, Category.STATE),)
    book = b'{"lastUpdateId":77,"E":1,"bids":[]}'
    assert told(WireReply(200, book), Operation.BOOK).sequence == 77


def test_frames_are_read_with_and_without_envelope():
    order = b'{"e":"ORDER_TRADE_UPDATE","o":{"s":"BTCUSDT","c":"mine","X":"NEW"}}'
    assert pushed(order, Topic.ORDERS) == Carried("BTCUSDT", "mine")
    change = b'{"e":"depthUpdate","s":"BTCUSDT","U":5,"u":7,"pu":4}'
    for text in (change, b'{"stream":"btcusdt@depth","data":%b}' % change):
        assert pushed(text, Topic.BOOK) == Carried("BTCUSDT", "", 7, 4)
    for text in (b"nonsense", b"[]", b"{}", b'{"u":"x","pu":1}'):
        assert pushed(text, Topic.BOOK) == Carried()
    assert pushed(change, Topic.TICKER) == Carried()


@pytest.mark.parametrize(
    ("path", "query", "interests"),
    [
        ("/public/ws/btcusdt@depth@100ms", "", {(Topic.BOOK, "BTCUSDT")}),
        (
            "/public/stream",
            "streams=btcusdt@depth/ethusdt@depth@500ms",
            {(Topic.BOOK, "BTCUSDT"), (Topic.BOOK, "ETHUSDT")},
        ),
        ("/private/ws", "listenKey=abc", {(Topic.ORDERS, "")}),
        ("/ws/" + "a" * 64, "", {(Topic.ORDERS, "")}),
        ("/market/ws/btcusdt@markPrice@1s", "", {(Topic.MARK, "BTCUSDT@markPrice@1s")}),
        ("/public/ws/btcusdt@depth5@100ms", "", {(Topic.TICKER, "BTCUSDT@depth5@100ms")}),
        ("/public/ws/0", "", set()),
        ("/nowhere", "", set()),
    ],
)
def test_what_a_handshake_subscribes_to_is_read(path, query, interests):
    assert set(READER.interests(Stream(1, path, query, AT))) == interests


def test_what_a_message_wants_and_gives_up_is_read():
    wanted = b'{"method":"SUBSCRIBE","params":["btcusdt@depth", 7],"id":1}'
    assert READER.wishes(wanted) == ({(Topic.BOOK, "BTCUSDT")}, ())
    unwanted = wanted.replace(b"SUB", b"UNSUB")
    assert READER.wishes(unwanted) == ((), {(Topic.BOOK, "BTCUSDT")})
    for text in (b"nonsense", b"[]", b'{"method":"SUBSCRIBE"}', b'{"method":"LIST","params":[]}'):
        assert READER.wishes(text) == ((), ())


def test_customs_are_the_published_ones():
    customs = READER.customs
    assert (customs.window_ms, customs.window_ms_max, customs.ahead_ms) == (5_000, 60_000, 1_000)
    assert (customs.messages, customs.pong_ms) == ((10, 1_000), 600_000)
    assert (customs.stream_key_ms, customs.batch_max["place-batch"]) == (3_600_000, 5)
