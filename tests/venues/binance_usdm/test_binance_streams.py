"""Handshakes and control messages.

Source: usds-margined-futures/websocket-market-streams, 2026-05-28, and the change notice of
2026-04-23; forms seen in ccxt 4.5.90, the official SDKs and other clients.
"""

from __future__ import annotations

import pytest

from conformance.model.wire import Topic

BOOK = "btcusdt@bookTicker"
MARK = "btcusdt@markPrice@1s"


def stir(counter):
    """Let something happen that every kind of stream tells."""
    resting = len(counter.core.open_orders("testee"))
    counter.place(price=f"{59000 + resting}.0")
    counter.until_quiet(counter.at + 1_000)


@pytest.mark.parametrize(
    ("path", "query", "combined"),
    [
        (f"/public/ws/{BOOK}", "", False),
        (f"/public/ws/{BOOK}/ethusdt@bookTicker", "", False),
        ("/public/stream", f"streams={BOOK}", True),
        ("/public/stream", f"streams={BOOK}/ethusdt@bookTicker", True),
        ("/public/stream", "streams=btcusdt%40bookTicker&timeUnit=ms", True),
        (f"/ws/{BOOK}", "", False),
        ("/stream", f"streams={BOOK}", True),
    ],
)
def test_streams_may_be_named_in_the_address(counter, path, query, combined):
    assert counter.open(1, path, query).accepted
    stir(counter)
    (frame,) = counter.frames(1)
    assert (frame["stream"] == BOOK) if combined else (frame["e"] == "bookTicker")


@pytest.mark.parametrize("path", ["/public/ws", "/public/stream", "/public/ws/0", "/ws/0", "/ws"])
def test_streams_may_be_named_afterwards_whatever_the_suffix(counter, path):
    assert counter.open(1, path).accepted
    assert counter.control(1, method="SUBSCRIBE", params=[BOOK], id=1) == {"result": None, "id": 1}
    assert counter.received.pushes[0].topic is Topic.CONTROL
    stir(counter)
    assert len(counter.frames(1)) == 1


@pytest.mark.parametrize("path", ["/", "/nowhere", "/public", "/public/wss", "/ws-fapi/v2"])
def test_other_addresses_are_not_found(counter, path):
    opened = counter.open(1, path)
    assert not opened.accepted
    assert opened.reply.status == 404


def private_forms(key):
    return [
        (f"/private/ws/{key}", "", False),
        ("/private/ws", f"listenKey={key}", False),
        ("/private/ws", f"listenKey={key}&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE", False),
        ("/private/stream", f"listenKey={key}", True),
        ("/private/stream", f"streams={key}", True),
        (
            "/private/stream",
            f"listenKey=other&events=X&listenKey={key}&events=ORDER_TRADE_UPDATE",
            True,
        ),
    ]


@pytest.mark.parametrize("number", range(len(private_forms(""))))
def test_user_events_come_by_every_private_form(counter, number):
    key = counter.ok("POST", "/fapi/v1/listenKey", signed=False)["listenKey"]
    path, query, combined = private_forms(key)[number]
    opened = counter.open(1, path, query)
    assert (opened.accepted, opened.private) == (True, True)
    stir(counter)
    (frame,) = counter.frames(1)
    assert (frame["data"] if combined else frame)["e"] == "ORDER_TRADE_UPDATE"
    assert not combined or frame["stream"] == key


def test_a_private_stream_may_open_without_a_key_and_subscribe_one(counter):
    # the official Python SDK does
    opened = counter.open(1, "/private/stream")
    assert (opened.accepted, opened.private) == (True, False)
    key = counter.ok("POST", "/fapi/v1/listenKey", signed=False)["listenKey"]
    uuid = "b6c7a5f0-2f0b-4d0e-9f39-0f5a0f0e0c11"
    assert counter.control(1, method="SUBSCRIBE", params=[key], id=uuid)["id"] == uuid
    assert counter.received.private
    stir(counter)
    assert [frame["stream"] for frame in counter.frames(1)] == [key]


def test_a_key_subscribed_twice_doubles_its_events(counter):
    key = counter.user_stream()
    counter.control(1, method="SUBSCRIBE", params=[key], id=1)
    assert not counter.received.private
    stir(counter)
    assert len(counter.frames(1)) == 2


def test_events_narrow_the_user_stream(counter):
    key = counter.ok("POST", "/fapi/v1/listenKey", signed=False)["listenKey"]
    counter.open(1, "/private/ws", f"listenKey={key}&events=ACCOUNT_UPDATE")
    counter.others("sell", 590_000, 4)
    counter.place()
    assert [frame["e"] for frame in counter.frames(1)] == ["ACCOUNT_UPDATE"]


@pytest.mark.parametrize("path", ["/public/ws", "/market/ws", "/ws"])
def test_user_events_come_on_the_private_route_only(counter, path):
    key = counter.ok("POST", "/fapi/v1/listenKey", signed=False)["listenKey"]
    assert not counter.open(1, f"{path}/{key}").private
    counter.control(1, method="SUBSCRIBE", params=[key], id=1)
    assert not counter.received.private
    stir(counter)
    assert counter.frames(1) == []


@pytest.mark.parametrize(
    ("unrouted", "names"),
    [
        ("public-only", {"bookTicker"}),
        ("all", {"bookTicker", "markPriceUpdate", "ORDER_TRADE_UPDATE"}),
    ],
)
def test_what_unrouted_streams_carry_is_a_switch(make_counter, unrouted, names):
    counter = make_counter(unrouted_streams=unrouted)
    key = counter.ok("POST", "/fapi/v1/listenKey", signed=False)["listenKey"]
    assert counter.open(1, f"/ws/{BOOK}/{MARK}/{key}").private == (unrouted == "all")
    stir(counter)
    assert {frame["e"] for frame in counter.frames(1)} == names


def test_unrouted_streams_may_be_refused(make_counter):
    counter = make_counter(unrouted_streams="refuse")
    assert not counter.open(1, "/ws").accepted
    assert counter.open(1, "/public/ws").accepted


def test_a_stream_of_another_route_is_acknowledged_and_silent(make_counter):
    counter = make_counter()
    counter.open(1, "/public/ws")
    assert counter.control(1, method="SUBSCRIBE", params=[MARK], id=1)["result"] is None
    assert counter.server.due() is None
    stir(counter)
    assert counter.frames(1) == []
    loose = make_counter(wrong_route="serve")
    loose.open(1, f"/public/ws/{MARK}")
    stir(loose)
    assert [frame["e"] for frame in loose.frames(1)] == ["markPriceUpdate"]


def test_the_private_route_may_mix_keys_and_market_streams(counter):
    counter.user_stream()
    counter.control(1, method="SUBSCRIBE", params=[BOOK, MARK], id=1)
    stir(counter)
    assert {frame["e"] for frame in counter.frames(1)} == {
        "ORDER_TRADE_UPDATE",
        "bookTicker",
        "markPriceUpdate",
    }


def test_subscriptions_are_listed_and_ended(counter):
    counter.open(1, "/public/ws")
    counter.control(1, method="SUBSCRIBE", params=[BOOK, "nothing@all", BOOK], id=1)
    listed = counter.control(1, method="LIST_SUBSCRIPTIONS", id="two")
    assert listed == {"result": [BOOK, "nothing@all"], "id": "two"}
    gone = counter.control(1, method="UNSUBSCRIBE", params=[BOOK, "never@had"], id=3)
    assert gone == {"result": None, "id": 3}
    assert counter.control(1, method="LIST_SUBSCRIPTIONS", id=4)["result"] == ["nothing@all"]
    stir(counter)
    assert counter.frames(1) == []


def test_the_envelope_is_a_property(counter):
    counter.open(1, f"/public/ws/{BOOK}")
    assert counter.control(1, method="GET_PROPERTY", params=["combined"], id=1)["result"] is False
    counter.control(1, method="SET_PROPERTY", params=["combined", True], id=2)
    assert counter.control(1, method="GET_PROPERTY", params=["combined"], id=3)["result"] is True
    stir(counter)
    assert [frame["stream"] for frame in counter.frames(1)] == [BOOK]


def test_both_forms_of_a_frame_hold_the_same_payload(counter):
    counter.open(1, f"/public/ws/{BOOK}")
    counter.open(2, "/public/stream", f"streams={BOOK}")
    counter.open(3, f"/public/ws/{BOOK}")
    stir(counter)
    raw = {push.stream: push.text for push in counter.pushes}
    assert raw[1] is raw[3]
    assert raw[2] == b'{"stream":"%b","data":%b}' % (BOOK.encode(), raw[1])


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        (
            {"method": "SUBSCRIBE", "params": [], "id": -1},
            2,
            "request ID must be an unsigned integer",
        ),
        ({"method": "SUBSCRIBE", "params": [], "id": 1.5}, 2, "request ID must be an unsigned"),
        ({"method": "SUBSCRIBE", "params": [], "id": None}, 2, "request ID must be an unsigned"),
        ({"method": "SUBSCRIBE", "params": [], "id": True}, 2, "request ID must be an unsigned"),
        ({"method": "SUBSCRIBE", "params": []}, 2, "request ID must be an unsigned integer"),
        ({"method": "SUBSCRIBE", "params": "x", "id": 1}, 2, "Invalid request"),
        ({"method": "SUBSCRIBE", "params": [1], "id": 1}, 2, "Invalid request"),
        ({"params": [], "id": 1}, 2, "missing field `method` at line 1 column"),
        ([1], 2, "missing field `method`"),
        ({"method": "SHOUT", "id": 1}, 2, "unknown variant SHOUT, expected one of `SUBSCRIBE`, "),
        ({"method": "GET_PROPERTY", "params": ["colour"], "id": 1}, 0, "Unknown property"),
        ({"method": "GET_PROPERTY", "params": [1], "id": 1}, 2, "property name must be a string"),
        ({"method": "GET_PROPERTY", "params": [], "id": 1}, 2, "property name must be a string"),
        ({"method": "GET_PROPERTY", "params": ["combined", 1], "id": 1}, 2, "too many parameters"),
        ({"method": "SET_PROPERTY", "params": ["combined"], "id": 1}, 1, "expected Boolean"),
        ({"method": "SET_PROPERTY", "params": ["combined", 1], "id": 1}, 1, "expected Boolean"),
        ({"method": "SET_PROPERTY", "params": ["combined", True, 1], "id": 1}, 2, "too many"),
    ],
)
def test_a_wrong_message_is_answered_with_its_error_object(counter, message, code, text):
    counter.open(1, "/public/ws")
    payload = message if isinstance(message, dict) else None
    answer = counter.control(1, **payload) if payload is not None else counter.receive(1, b"[1]")[0]
    assert answer["error"]["code"] == code
    assert text in answer["error"]["msg"]
    assert counter.received.close_code is None


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff\xfe", b"hello", b'{"method":'])
def test_what_is_no_json_is_answered_and_hung_up_on(counter, payload):
    counter.open(1, "/public/ws")
    (answer,) = counter.receive(1, payload)
    assert answer["error"]["code"] == 3
    assert answer["error"]["msg"].startswith("Invalid JSON: expected value at line 1 column ")
    assert counter.received.close_code == 1008


def test_more_than_ten_messages_in_a_second_end_the_connection(counter):
    counter.open(1, "/public/ws")
    for number in range(10):
        counter.control(1, method="LIST_SUBSCRIPTIONS", id=number)
        assert counter.received.close_code is None
    assert counter.receive(1, b"{}") == []
    assert counter.received.close_code == 1008
    counter.at += 1000
    counter.control(1, method="LIST_SUBSCRIPTIONS", id=11)
    assert counter.received.close_code is None


def test_a_connection_takes_no_more_than_1024_streams(counter):
    # change log 2025-07-02
    counter.open(1, "/public/ws")
    counter.control(1, method="SUBSCRIBE", params=[f"s{n}@x" for n in range(1100)], id=1)
    assert len(counter.control(1, method="LIST_SUBSCRIPTIONS", id=2)["result"]) == 1024


def test_a_closed_stream_is_forgotten(counter):
    counter.open(1, f"/market/ws/{MARK}")
    assert counter.server.due() is not None
    counter.server.close(1, counter.at)
    counter.server.close(1, counter.at)
    assert counter.server.due() is None
    assert counter.receive(1, b"{}") == []


def test_a_stream_goes_on_for_those_who_stay(counter):
    counter.open(1, f"/public/ws/{BOOK}")
    counter.open(2, f"/public/ws/{BOOK}")
    counter.server.close(1, counter.at)
    stir(counter)
    assert [push.stream for push in counter.pushes] == [2]


def test_a_stream_wanted_on_the_wrong_route_too_speaks_on_the_right_one(counter):
    counter.open(1, f"/public/ws/{MARK}")
    counter.open(2, f"/market/ws/{MARK}")
    counter.server.close(1, counter.at)
    stir(counter)
    assert [push.stream for push in counter.pushes] == [2]


# Listen keys: user-data-streams, 2026-05-28

LISTEN = "/fapi/v1/listenKey"


def test_a_second_post_returns_the_key_in_force(counter):
    first = counter.ok("POST", LISTEN, signed=False)
    assert counter.ok("POST", LISTEN, {"listenKey": "x"}, signed=False) == first
    assert len(first["listenKey"]) == 64


def test_the_same_seed_draws_the_same_keys(make_counter):
    draw = lambda seed: make_counter(seed=seed).ok("POST", LISTEN, signed=False)  # noqa: E731
    assert draw(1) == draw(1) != draw(2)


def test_extending_needs_a_key_in_force(counter):
    assert counter.code("PUT", LISTEN, signed=False) == (400, -1125)
    key = counter.ok("POST", LISTEN, signed=False)
    assert counter.ok("PUT", LISTEN, signed=False) == key
    assert counter.ok("DELETE", LISTEN, signed=False) == {}
    assert counter.ok("DELETE", LISTEN, signed=False) == {}
    assert counter.code("PUT", LISTEN, signed=False) == (400, -1125)


def test_a_deleted_key_goes_silent(counter):
    counter.user_stream()
    counter.ok("DELETE", LISTEN, signed=False)
    stir(counter)
    assert counter.frames(1) == []


def test_a_key_ends_after_an_hour_with_an_event_and_then_silence(counter):
    key = counter.user_stream()
    counter.at += 1_800_000
    counter.ok("PUT", LISTEN, signed=False)
    assert counter.server.due() == counter.at + 3_600_000
    counter.until_quiet(counter.at + 3_599_999)
    assert counter.frames(1) == []
    counter.until_quiet(counter.at + 1)
    (event,) = counter.frames(1)
    assert event == {"e": "listenKeyExpired", "E": counter.at, "listenKey": key}
    stir(counter)
    assert counter.frames(1) == []
    assert counter.code("PUT", LISTEN, signed=False) == (400, -1125)
    assert counter.ok("POST", LISTEN, signed=False)["listenKey"] != key


def test_a_key_nobody_listens_to_ends_without_an_alarm(counter):
    counter.ok("POST", LISTEN, signed=False)
    assert counter.server.due() is None
    counter.at += 3_600_000
    assert counter.code("PUT", LISTEN, signed=False) == (400, -1125)


def test_the_venue_may_end_a_session_early(counter):
    assert counter.server.expire_stream_key("testee", counter.at) == []
    counter.user_stream()
    (push,) = counter.server.expire_stream_key("testee", counter.at)
    assert push.topic is Topic.STREAM_KEY
