"""The WebSocket API: sessions, signatures, limits, and the replies of its methods.

Source: usds-margined-futures/websocket-api-general-info, 2026-05-28.
"""

from __future__ import annotations

import json
from dataclasses import replace

import orjson
import pytest

from conformance.model.commands import Deposit
from conformance.resources import data
from conformance.venues.binance_usdm.facts import ENDPOINTS, METHODS
from conformance.venues.keys import key as ready
from tests.venues.binance_usdm.caller import PATH, Caller

LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.010",
    "price": "59000",
}


@pytest.fixture
def caller(counter):
    return Caller(counter)


def usage(reply):
    return {(row["rateLimitType"], row["intervalNum"]): row["count"] for row in reply["rateLimits"]}


def test_an_order_lives_through_place_status_modify_and_cancel(caller):
    placed = caller.ok("order.place", **LIMIT, newClientOrderId="mine")
    assert (placed["status"], placed["clientOrderId"]) == ("NEW", "mine")
    name = {"symbol": "BTCUSDT", "origClientOrderId": "mine"}
    assert caller.ok("order.status", **name)["orderId"] == placed["orderId"]
    changed = caller.ok("order.modify", **name, side="BUY", quantity="0.02", price="58000")
    assert (changed["origQty"], changed["price"]) == ("0.020", "58000.00")
    assert caller.ok("order.cancel", **name)["status"] == "CANCELED"
    assert caller.counter.core.open_orders("testee") == ()


def test_the_reply_of_modify_names_no_pair(caller):
    # SDK 18.1.0: the REST reply does
    caller.ok("order.place", **LIMIT, newClientOrderId="mine")
    sent = {**LIMIT, "price": "58000", "origClientOrderId": "mine"}
    assert "pair" not in caller.ok("order.modify", **sent)
    sent["price"] = "57900"
    assert "pair" in caller.counter.ok("PUT", "/fapi/v1/order", sent)


@pytest.mark.parametrize("kind", ["hmac", "ed25519", "rsa"])
def test_every_kind_of_key_may_sign_a_request(make_counter, kind):
    caller = Caller(make_counter(kind))
    assert caller.ok("order.place", **LIMIT)["status"] == "NEW"


@pytest.mark.parametrize(
    "values",
    [
        {"recvWindow": 5000},
        {"recvWindow": "5000"},
        {"quantity": 0.01},
        {"reduceOnly": False},
        {"reduceOnly": "false"},
        {"returnRateLimits": False},
    ],
)
def test_values_are_signed_as_they_were_sent(caller, values):
    assert caller.ok("order.place", **{**LIMIT, **values})["origQty"] == "0.010"


def test_numbers_are_signed_by_their_digits(caller):
    # a JSON number keeps the text it was sent as: 0.010 is not 0.01
    key = caller.counter.key
    at = caller.counter.at
    text = f"apiKey={key.key}&price=59000.0&quantity=0.010&side=BUY&symbol=BTCUSDT"
    text += f"&timeInForce=GTC&timestamp={at}&type=LIMIT"
    signature = ready(key.kind, key.secret).sign(text.encode())
    raw = (
        f'{{"id":1,"method":"order.place","params":{{"symbol":"BTCUSDT","side":"BUY",'
        f'"type":"LIMIT","timeInForce":"GTC","quantity":0.010,"price":59000.0,'
        f'"timestamp":{at},"apiKey":"{key.key}","signature":"{signature}"}}}}'
    )
    assert caller.raw(raw.encode())["status"] == 200


def test_a_changed_value_breaks_the_signature(caller):
    key = caller.counter.key
    stamp = {"apiKey": key.key, "timestamp": caller.counter.at}
    text = f"apiKey={key.key}&timestamp={caller.counter.at}"
    signature = ready(key.kind, key.secret).sign(text.encode())
    assert caller.ask("account.balance", **stamp, signature=signature)["status"] == 200
    reply = caller.ask("account.balance", **stamp, signature=signature, recvWindow=1)
    assert (reply["status"], reply["error"]["code"]) == (400, -1022)


def recorded():
    for path in sorted(data("fixtures", "vectors", "binance_usdm").glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        for vector in file["vectors"]:
            if vector.get("wire", {}).get("method") == "WS":
                yield path.stem, file, vector


def test_the_messages_of_every_sdk_carry_a_valid_signature(make_counter):
    counters, checked = {}, 0
    for source, file, vector in recorded():
        if "null" in vector["id"]:
            continue  # one signs the text of its language's nothing, another drops it
        owner = file["keys"][vector["key"]]
        if vector["key"] not in counters:
            counter = make_counter()
            secret = owner.get("secret") or data(
                "fixtures", "vectors", "keys", owner["pem"]
            ).read_text(encoding="utf-8")
            counter.key = replace(counter.key, kind=owner["kind"], key=owner["key"], secret=secret)
            counter.server.add_key(counter.key, "testee")
            counter.at = file["now_ms"]
            counters[vector["key"]] = Caller(counter)
        caller = counters[vector["key"]]
        caller.counter.at = json.loads(vector["wire"]["body"])["params"]["timestamp"]
        caller.counter.server.add_key(caller.counter.key, "testee")
        reply = caller.raw(vector["wire"]["body"].encode())
        code = reply.get("error", {}).get("code")
        assert code not in (-1022, -1021, -2014, -2015, -1013), (source, vector["id"], reply)
        if "logon" in vector["id"]:
            assert (reply["status"] == 200) is (owner["kind"] == "ed25519")
        checked += 1
    assert checked > 100


@pytest.mark.parametrize("form", ["plain", "encoded", "either"])
def test_how_texts_are_signed_is_a_switch(make_counter, form):
    # the page's sample signs them as they are, the SDKs percent-encode them
    caller = Caller(make_counter(api_signed_form=form))
    reply = caller.signed("account.position", symbol="币安人生USDT")
    assert (reply.get("error", {}).get("code") == -1022) is (form == "encoded")


# Sessions


@pytest.fixture
def session(make_counter):
    return Caller(make_counter("ed25519"))


def test_after_logon_neither_key_nor_signature_is_needed(session):
    at, key = session.counter.at, session.counter.key.key
    session.counter.at += 5
    assert session.ok("session.logon") == {
        "apiKey": key,
        "authorizedSince": at + 5,
        "connectedSince": at,
        "returnRateLimits": True,
        "serverTime": at + 5,
    }
    placed = session.ask("order.place", **LIMIT, timestamp=session.counter.at)
    assert placed["result"]["status"] == "NEW"
    late = session.ask("account.balance", timestamp=session.counter.at - 5001)
    assert late["error"]["code"] == -1021
    assert session.ask("account.balance")["error"]["code"] == -1102


def test_status_and_logout_tell_who_is_logged_on(session):
    nobody = {"apiKey": None, "authorizedSince": None}
    assert session.ask("session.status")["result"].items() >= nobody.items()
    session.ok("session.logon")
    assert session.ask("session.status")["result"]["apiKey"] == session.counter.key.key
    assert session.ask("session.logout")["result"].items() >= nobody.items()
    reply = session.ask("account.balance", timestamp=session.counter.at)
    assert (reply["status"], reply["error"]["code"]) == (401, -2014)


@pytest.mark.parametrize("kind", ["hmac", "rsa"])
def test_only_ed25519_keys_may_log_on(make_counter, kind):
    assert Caller(make_counter(kind)).code("session.logon") == (400, -4056)


def test_a_request_may_name_another_key_than_the_session(session):
    counter = session.counter
    other = counter.venue.credentials("hmac", 7)
    counter.server.add_key(other, "second")
    counter.command(Deposit("second", "USDT", 10**12))
    session.ok("session.logon")
    reply = session.signed("order.place", key=other, **LIMIT)
    assert reply["status"] == 200
    assert [order.account for order in counter.core.open_orders("second")] == ["second"]
    assert counter.core.open_orders("testee") == ()


def test_logging_on_again_replaces_the_key(session):
    counter = session.counter
    session.ok("session.logon")
    other = counter.venue.credentials("ed25519", 8)
    counter.server.add_key(other, "testee")
    assert session.signed("session.logon", key=other)["result"]["apiKey"] == other.key


def test_a_key_revoked_in_mid_session_ends_it(session):
    session.ok("session.logon")
    session.counter.server.revoke_key(session.counter.key.key)
    reply = session.ask("account.balance", 4, timestamp=session.counter.at)
    assert reply == {
        "id": None,
        "status": 401,
        "error": {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."},
    }
    assert session.ask("session.status")["result"]["apiKey"] is None


# Limits


def test_the_weight_of_rest_and_sockets_is_one_pool(counter):
    before = int(
        dict(counter.send("GET", "/fapi/v1/ping", signed=False).reply.headers)[
            "x-mbx-used-weight-1m"
        ]
    )
    caller = Caller(counter)
    reply = caller.ask("depth", symbol="BTCUSDT", limit=5)
    # handshake 5, depth 2
    assert usage(reply) == {("REQUEST_WEIGHT", 1): before + 7}


def test_order_calls_tell_the_order_pools_too(caller):
    caller.counter.place()
    reply = caller.signed("order.place", **LIMIT)
    assert usage(reply).keys() == {("REQUEST_WEIGHT", 1), ("ORDERS", 10), ("ORDERS", 1)}
    assert usage(reply)[("ORDERS", 10)] == usage(reply)[("ORDERS", 1)] == 2
    failed = caller.signed("order.place", **{**LIMIT, "quantity": ""})
    assert failed["error"]["code"] == -1102
    assert usage(failed)[("ORDERS", 10)] == 3
    assert caller.signed("order.modify", **LIMIT, orderId=1)["status"] == 400
    assert usage(caller.signed("order.place", **LIMIT))[("ORDERS", 1)] == 5


@pytest.mark.parametrize(
    ("query", "param", "shown"),
    [
        ("", None, True),
        ("returnRateLimits=false", None, False),
        ("returnRateLimits=true", None, True),
        ("returnRateLimits=false", True, True),
        ("", False, False),
        ("", "false", False),
    ],
)
def test_limits_are_shown_where_they_are_wanted(counter, query, param, shown):
    caller = Caller(counter, query)
    params = {} if param is None else {"returnRateLimits": param}
    assert ("rateLimits" in caller.ask("time", **params)) is shown
    assert ("rateLimits" in caller.ask("depth", **params)) is shown


def test_too_much_weight_is_refused_with_the_end_of_the_silence(caller):
    counter = caller.counter
    while (reply := caller.ask("depth", symbol="BTCUSDT", limit=1000))["status"] == 200:
        pass
    assert (reply["status"], reply["error"]["code"]) == (429, -1003)
    assert reply["error"]["data"] == {
        "serverTime": counter.at,
        "retryAfter": counter.at // 60_000 * 60_000 + 60_000,
    }
    assert counter.send("GET", "/fapi/v1/ping", signed=False).reply.status == 429
    opened = counter.open(12, PATH)
    assert (opened.accepted, opened.reply.status) == (False, 429)
    for _ in range(5):
        reply = caller.ask("time")
    assert (reply["status"], reply["error"]["code"]) == (418, -1003)
    assert counter.open(13, PATH).reply.status == 418


def test_too_many_orders_are_refused(caller):
    for number in range(300):
        caller.counter.code("PUT", "/fapi/v1/order", {**LIMIT, "orderId": number + 1})
    reply = caller.signed("order.place", **LIMIT)
    assert (reply["status"], reply["error"]["code"]) == (429, -1015)


# Form


@pytest.mark.parametrize("number", [1, 0, -7, "x", "b6c7a5f0-2f0b-4d0e-9f39-0f5a0f0e0c11", None])
def test_ids_are_echoed(caller, number):
    assert caller.ask("ping", number)["id"] == number


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"{", -1013),
        (b"[]", -1013),
        (b'"ping"', -1013),
        (b"\xff", -1013),
        (b'{"id":"\\ud800","method":"ping"}', -1013),
        (b"[" * 100_000, -1013),
        (b'{"method":"ping"}', -1102),
        (b'{"id":1.5,"method":"ping"}', -1102),
        (b'{"id":true,"method":"ping"}', -1102),
        (b'{"id":[1],"method":"ping"}', -1102),
    ],
)
def test_what_is_no_request_is_answered_without_an_id(caller, payload, code):
    reply = caller.raw(payload)
    assert (reply["id"], reply["status"], reply["error"]["code"]) == (None, 400, code)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"id": 3}, -1102),
        ({"id": 3, "method": ""}, -1102),
        ({"id": 3, "method": 5}, -1102),
        ({"id": 3, "method": "order.test"}, -1020),
        ({"id": 3, "method": "ping", "params": [1]}, -1102),
    ],
)
def test_a_request_that_cannot_be_carried_out_keeps_its_id(caller, message, code):
    reply = caller.raw(orjson.dumps(message))
    assert (reply["id"], reply["status"], reply["error"]["code"]) == (3, 400, code)


def test_a_method_may_carry_its_version(caller):
    assert caller.ask("v1/time")["result"] == {"serverTime": caller.counter.at}


def test_the_listen_key_twins_need_only_the_key(caller):
    key = caller.counter.key.key
    started = caller.ask("userDataStream.start", apiKey=key)["result"]
    assert caller.ask("userDataStream.ping", apiKey=key)["result"] == started
    assert caller.counter.ok("POST", "/fapi/v1/listenKey", signed=False) == started
    assert caller.ask("userDataStream.stop", apiKey=key)["result"] == {}
    assert caller.ask("userDataStream.ping", apiKey=key)["error"]["code"] == -1125
    assert caller.ask("userDataStream.start")["error"]["code"] == -2014


def test_user_events_do_not_come_here_but_follow_on_their_stream(caller):
    caller.counter.user_stream(1)
    reply = caller.signed("order.place", **LIMIT)
    assert reply["status"] == 200
    streams = [push.stream for push in caller.counter.received.pushes]
    assert streams == [9, 1]


def test_reads_agree_with_rest(caller):
    counter = caller.counter
    counter.others("sell", 600_000, 20)
    counter.place(price="60000")
    for method, path in [
        ("account.balance", "/fapi/v2/balance"),
        ("v2/account.balance", "/fapi/v3/balance"),
        ("account.position", "/fapi/v2/positionRisk"),
        ("v2/account.position", "/fapi/v3/positionRisk"),
    ]:
        assert caller.ok(method) == counter.ok("GET", path)
    whole = counter.ok("GET", "/fapi/v2/account")
    del whole["feeBurn"]
    assert caller.ok("account.status") == whole
    small = counter.ok("GET", "/fapi/v3/account")
    for row in small["assets"]:
        row["marginAvailable"] = True
    assert caller.ok("v2/account.status") == small
    for method, name in (("ticker.price", "ticker-price"), ("ticker.book", "book-ticker")):
        path = ENDPOINTS[name].path
        one = counter.ok("GET", path, {"symbol": "BTCUSDT"}, signed=False)
        assert caller.ask(method, symbol="BTCUSDT")["result"] == one
        assert len(caller.ask(method)["result"]) == len(counter.venue.listings)


# usds-margined-futures/websocket-api-general-info and the methods' own pages, 2026-05-28
@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("session.logon", 2),
        ("session.status", 2),
        ("session.logout", 2),
        ("order.place", 0),
        ("order.modify", 0),
        ("order.cancel", 1),
        ("order.status", 1),
        ("account.balance", 5),
        ("v2/account.status", 5),
        ("v2/account.position", 5),
        ("userDataStream.start", 1),
    ],
)
def test_methods_cost_what_their_pages_say(name, weight):
    assert METHODS[name].weight == weight
