"""Frames of Binance USDM as the client half reads them, and how book deltas follow each other."""

import json
from decimal import Decimal

import pytest

from conformance.contracts.adapter import Credentials
from conformance.contracts.client import (
    BookDelta,
    Confirmed,
    Held,
    Link,
    OrderNews,
    StreamKeyGone,
)
from conformance.model.orders import MarginMode, PositionSide, Side, Status
from conformance.venues.binance_usdm.client import Client

HALF = Client()
# Composed from captures: user-data-streams Event-Order-Update, 2026-05-28.
FILL = {
    "e": "ORDER_TRADE_UPDATE",
    "T": 1568879465651,
    "E": 1568879465651,
    "o": {
        "s": "BTCUSDT", "c": "TEST", "S": "BUY", "o": "LIMIT", "f": "GTC", "q": "0.001",
        "p": "7100.50", "ap": "7100.50", "sp": "0", "x": "TRADE", "X": "FILLED", "i": 8886774,
        "l": "0.001", "z": "0.001", "L": "7100.50", "N": "USDT", "n": "0.00142010",
        "T": 1568879465651, "t": 12345678, "b": "0", "a": "0", "m": True, "R": False,
        "wt": "CONTRACT_PRICE", "ot": "LIMIT", "ps": "BOTH", "cp": False, "pP": False, "si": 0,
        "ss": 0, "rp": "0", "V": "EXPIRE_MAKER", "pm": "NONE", "gtd": 0, "er": "0",
    },
}  # fmt: skip
# websocket-market-streams Diff-Book-Depth-Streams, 2026-05-28.
DEPTH = (
    '{"e":"depthUpdate","E":123456789,"T":123456788,"s":"BTCUSDT","U":157,"u":160,"pu":149,'
    '"b":[["0.0024","10"]],"a":[["0.0026","100"]],"ps":"BTCUSDT","st":1}'
)


def news(**changes):
    frame = {**FILL, "o": {**FILL["o"], **changes}}
    for name in [name for name, value in changes.items() if value is None]:
        del frame["o"][name]
    (event,) = HALF.events(json.dumps(frame))
    assert isinstance(event, OrderNews)
    return event


def test_a_fill_brings_the_order_and_the_execution():
    order, fill = news()
    assert (order.status, order.filled, order.average_price) == (
        Status.FILLED, Decimal("0.001"), Decimal("7100.50"),
    )  # fmt: skip
    assert (fill.trade_id, fill.fee, fill.fee_asset, fill.maker) == (
        "12345678", Decimal("0.00142010"), "USDT", True,
    )  # fmt: skip


def test_a_state_without_a_trade_brings_no_execution():
    assert news(x="NEW", X="NEW", t=0, l="0", z="0").fill is None
    assert news(x="CALCULATED", X="NEW", t=7, l="0").fill is None


def test_a_liquidation_fill_may_lack_its_commission():
    order, fill = news(c="autoclose-1568879465651", N=None, n=None)
    assert order.reason == "liquidation"
    assert (fill.fee, fill.fee_asset) == (Decimal(0), "")


@pytest.mark.parametrize(
    ("status", "expiry", "known", "reason"),
    [
        ("EXPIRED", "2", Status.EXPIRED, "ioc-remainder"),
        ("EXPIRED", "4", Status.EXPIRED, "reduce-only-knocked-out"),
        ("EXPIRED", "77", Status.EXPIRED, "expiry reason 77"),
        ("EXPIRED_IN_MATCH", "1", Status.EXPIRED, "self-trade"),
        ("CANCELED", "0", Status.CANCELLED, ""),
        ("TELEPORTED", "0", Status.UNKNOWN, "status TELEPORTED"),
    ],
)
def test_the_end_of_an_order_keeps_its_reason(status, expiry, known, reason):
    order = news(x="EXPIRED", X=status, er=expiry, t=0).order
    assert (order.status, order.reason) == (known, reason)


def test_unknown_kinds_and_forces_do_not_lose_the_order():
    order = news(o="A_NEW_TYPE", f="RPI").order
    assert order.status is Status.FILLED


def test_the_combined_envelope_is_opened():
    frame = json.dumps({"stream": "the-listen-key", "data": FILL})
    assert HALF.events(frame) == HALF.events(json.dumps(FILL))


def test_an_account_update_states_the_legs():
    frame = (
        '{"e":"ACCOUNT_UPDATE","E":1564745798939,"T":1564745798938,"a":{"m":"ORDER","B":[],"P":['
        '{"s":"BTCUSDT","pa":"20","ep":"6563.66500","bep":"6563.6","cr":"0","up":"2850.21200",'
        '"mt":"isolated","iw":"13200.70726908","ps":"LONG"},'
        '{"s":"BTCUSDT","pa":"-10","ep":"6563.86000","bep":"6563.6","cr":"-45.04000000",'
        '"up":"-1423.15600","mt":"isolated","iw":"6570.42511771","ps":"SHORT"}]}}'
    )
    long, short = HALF.events(frame)
    assert isinstance(long, Held)
    assert isinstance(short, Held)
    assert (long.position.quantity, short.position.quantity) == (Decimal(20), Decimal(-10))
    assert (long.position.position_side, long.position.margin_mode) == (
        PositionSide.LONG, MarginMode.ISOLATED,
    )  # fmt: skip
    assert long.at_ms == 1564745798938


@pytest.mark.parametrize(
    ("frame", "events"),
    [
        ('{"e":"listenKeyExpired","E":1,"listenKey":"x"}', (StreamKeyGone(),)),
        ('{"result":null,"id":1}', (Confirmed(),)),
        ('{"error":{"code":2,"msg":"Invalid request"},"id":1}', ()),
        ('{"e":"TRADE_LITE","E":1}', ()),
        ('{"e":"A_NEW_EVENT"}', ()),
        ("[]", ()),
        ("7", ()),
    ],
)
def test_what_else_arrives_on_a_stream(frame, events):
    assert HALF.events(frame) == events


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        b"\xff\xfe",
        "",
        '{"e":"depthUpdate"}',
        DEPTH.replace('"10"', '"ten"'),
        DEPTH.replace('["0.0024","10"]', '["0.0024"]'),
        DEPTH.replace('"b":[', '"b":[null,'),
        '{"e":"ORDER_TRADE_UPDATE","T":1,"o":null}',
    ],
)
def test_unreadable_frames_raise_value_error_alone(frame):
    with pytest.raises(ValueError, match=r"."):
        HALF.events(frame)


def test_numbers_beyond_floats_are_kept_exactly():
    frame = DEPTH.replace('"u":160', '"u":9007199254740993').replace('"10"', "1e-7")
    (delta,) = HALF.events(frame)
    assert isinstance(delta, BookDelta)
    assert delta.last == 9007199254740993
    assert delta.bids == ((Decimal("0.0024"), Decimal("1E-7")),)


def delta(first, last, previous):
    return BookDelta("BTCUSDT", first, last, previous, (), ())


@pytest.mark.parametrize(
    ("event", "sequence", "fresh", "link"),
    [
        # The published rule: drop u < lastUpdateId; the first needs U <= lastUpdateId <= u.
        (delta(150, 159, 149), 160, True, Link.STALE),
        (delta(157, 160, 149), 160, True, Link.NEXT),
        (delta(157, 165, 149), 160, True, Link.NEXT),
        (delta(161, 165, 160), 160, True, Link.GAP),
        # Then pu must be the u before; that ids jump is no gap.
        (delta(170, 180, 160), 160, False, Link.NEXT),
        (delta(161, 165, 159), 160, False, Link.GAP),
        (delta(157, 160, 149), 160, False, Link.STALE),
    ],
)
def test_deltas_follow_by_the_rule_of_futures(event, sequence, fresh, link):
    assert HALF.link(event, sequence, fresh=fresh) is link


def test_streams_go_to_their_routes():
    plan = HALF.book_stream(["BTCUSDT", "币安人生USDT"])
    assert plan.path == "/public/ws"
    assert json.loads(plan.opening[0])["params"] == [
        "btcusdt@depth@100ms", "币安人生usdt@depth@100ms",
    ]  # fmt: skip
    account = HALF.user_stream("a/b", Credentials("hmac", "key", "secret"), 1)
    assert account.path == "/private/ws?listenKey=a%2Fb"
    assert "a/b" not in repr(account)


def test_sides_are_read():
    assert news(S="SELL").order.side is Side.SELL
    with pytest.raises(ValueError, match="without its fields"):
        news(S="SIDEWAYS")
