"""Orders by WebSocket: logins, headers, ids, rates, and replies in the order of captures."""

from __future__ import annotations

import pytest

from tests.venues.bybit.booth import Booth

RATE = ("X-Bapi-Limit", "X-Bapi-Limit-Status", "X-Bapi-Limit-Reset-Timestamp")


@pytest.fixture
def booth():
    booth = Booth()
    booth.trade()
    return booth


def test_a_login_says_so_once(booth):
    booth.open(6, "trade")
    said = booth.auth(6, reqId="a")
    assert list(said) == ["reqId", "retCode", "retMsg", "op", "connId"]
    assert (said["retCode"], said["retMsg"], said["op"]) == (0, "OK", "auth")
    assert booth.auth(6)["retCode"] == 20001
    assert not booth.received.private


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ([], 10001),
        (None, 10001),
        (["KEY", "soon", "x"], 10001),
        (["KEY", 1, "x"], 10002),
        (["nobody", 99999999999999, "x"], 10003),
        (["KEY", 99999999999999, "x"], 10004),
    ],
)
def test_a_login_that_fails_says_why(booth, args, code):
    booth.open(6, "trade")
    args = args and [booth.key.key if arg == "KEY" else arg for arg in args]
    [said] = booth.send(6, {"op": "auth", "args": args})
    assert said["retCode"] == code
    assert booth.call(6, "order.create", booth.order())["retCode"] == 10003


def test_an_order_is_acknowledged_as_in_captures(booth):
    said = booth.call(5, "order.create", booth.order(orderLinkId="mine"), number="test-005")
    assert list(said) == [
        "reqId", "retCode", "retMsg", "op", "data", "retExtInfo", "header", "connId",
    ]  # fmt: skip
    assert (said["reqId"], said["retCode"], said["op"]) == ("test-005", 0, "order.create")
    assert said["data"]["orderLinkId"] == "mine"
    assert list(said["header"]) == [*RATE, "Traceid", "Timenow"]
    assert (said["header"]["X-Bapi-Limit"], said["header"]["X-Bapi-Limit-Status"]) == ("10", "9")
    assert said["header"]["Timenow"] == str(booth.at)
    assert len(said["header"]["Traceid"]) == 32
    assert b'"op":"order.create"' in booth.received.pushes[0].text


def test_an_order_is_changed_and_cancelled(booth):
    booth.call(5, "order.create", booth.order(orderLinkId="mine"))
    named = {"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "mine"}
    assert booth.call(5, "order.amend", {**named, "qty": "0.02"}, number="2")["retCode"] == 0
    assert booth.call(5, "order.cancel", named, number="3")["retCode"] == 0
    for number, op, word in (("4", "order.cancel", "cancel"), ("5", "order.amend", "replace")):
        said = booth.call(5, op, {**named, "qty": "0.03"}, number=number)
        assert (said["retCode"], said["data"]) == (110001, {})
        assert said["retMsg"] == f"order not exists or too late to {word}"


def test_a_batch_tells_of_each_order(booth):
    rows = [booth.order(), booth.order(qty="0")]
    batch = {"category": "linear", "request": rows}
    said = booth.call(5, "order.create-batch", batch)
    assert said["retCode"] == 0
    assert [bool(row["orderId"]) for row in said["data"]["list"]] == [True, False]
    codes = [row["code"] for row in said["retExtInfo"]["list"]]
    assert codes[0] == 0 != codes[1]


def test_what_follows_is_told_behind_the_reply(booth):
    booth.private("order", stream=9)
    booth.call(5, "order.create", booth.order())
    assert [push.stream for push in booth.received.pushes] == [5, 9]


def test_an_id_is_optional_and_used_once(booth):
    assert "reqId" not in booth.call(5, "order.create", booth.order(), number=None)
    assert booth.call(5, "order.create", booth.order(), number="a")["retCode"] == 0
    assert booth.call(5, "order.create", booth.order(), number="a")["retCode"] == 20006
    assert booth.call(5, "order.create", booth.order(), number="x" * 37)["retCode"] == 10001
    booth.trade(6)
    assert booth.call(6, "order.create", booth.order(), number="a")["retCode"] == 0


@pytest.mark.parametrize(
    ("shift_ms", "window", "code"),
    [(0, None, 0), (999, None, 0), (1_000, None, 10002), (-5_001, None, 10002), (-5_001, 6000, 0)],
)
def test_requests_are_stamped_by_the_rule_of_rest(booth, shift_ms, window, code):
    header = {"X-BAPI-TIMESTAMP": booth.at + shift_ms}
    if window:
        header["X-BAPI-RECV-WINDOW"] = window
    assert booth.call(5, "order.create", booth.order(), **header)["retCode"] == code


def test_a_request_without_a_stamp_is_refused(booth):
    message = {"op": "order.create", "args": [booth.order()]}
    assert booth.send(5, message)[0]["retCode"] == 10001
    assert booth.send(5, {**message, "header": "none"})[0]["retCode"] == 10001


@pytest.mark.parametrize(
    ("op", "params"),
    [
        ("order.create", {"category": "nonsense"}),
        ("order.cancel-all", {"category": "linear"}),
        ("", {"category": "linear"}),
    ],
)
def test_unknown_operations_and_product_lines_are_refused(booth, op, params):
    assert booth.call(5, op, params)["retCode"] == 10404


@pytest.mark.parametrize("payload", [b"ping", b"[]", b"7", b'{"op":7}'])
def test_what_is_no_request_is_refused(booth, payload):
    [said] = booth.send(5, payload)
    assert (said["retCode"], said["op"]) == (10404, "")


@pytest.mark.parametrize("args", [None, [], [{}, {}], ["order"], {"category": "linear"}])
def test_a_request_carries_exactly_one_set_of_parameters(booth, args):
    header = {"X-BAPI-TIMESTAMP": str(booth.at)}
    said = booth.send(5, {"op": "order.create", "header": header, "args": args})[0]
    assert said["retCode"] == 10001


def test_nothing_is_carried_out_before_the_login(booth):
    booth.open(6, "trade")
    said = booth.call(6, "order.create", booth.order())
    assert (said["retCode"], said["op"], said["reqId"]) == (10003, "order.create", "1")


def test_a_refusal_may_lack_the_id():
    booth = Booth(refusal_names_request=False, trade_unauthenticated=10005)
    booth.open(6, "trade")
    said = booth.call(6, "order.create", booth.order())
    assert said["retCode"] == 10005
    assert "reqId" not in said


def test_a_revoked_key_trades_no_more(booth):
    booth.server.revoke_key(booth.key.key)
    assert booth.call(5, "order.create", booth.order())["retCode"] == 10003


def test_rest_and_stream_share_the_rate_of_an_account(booth):
    for number in range(5):
        booth.call(5, "order.create", booth.order(), number=f"w{number}")
        booth.place()
    said = booth.call(5, "order.create", booth.order(), number="one too many")
    assert (said["retCode"], said["header"]["X-Bapi-Limit-Status"]) == (10006, "0")
    assert int(said["header"]["X-Bapi-Limit-Reset-Timestamp"]) > booth.at
    booth.pass_ms(1_000)
    assert booth.call(5, "order.create", booth.order(), number="later")["retCode"] == 0


def test_single_orders_by_stream_have_a_rate_of_their_own_where_the_switch_says_so():
    booth = Booth(trade_rate="own")
    booth.trade()
    for number in range(10):
        booth.place()
        said = booth.call(5, "order.create", booth.order(), number=f"w{number}")
        assert (said["retCode"], said["header"]["X-Bapi-Limit-Status"]) == (0, str(9 - number))
    assert booth.call(5, "order.create", booth.order(), number="x")["retCode"] == 10006
    batch = {"category": "linear", "request": [booth.order()] * 10}
    assert booth.call(5, "order.create-batch", batch, number="b")["retCode"] == 0
    assert booth.ask("POST", "/v5/order/create-batch", batch)["retCode"] == 10006


@pytest.mark.parametrize("code", [10016, 10019, 10429, 20003])
def test_a_venue_in_trouble_says_so_to_every_order(code):
    booth = Booth(trade_trouble=code)
    booth.trade()
    said = booth.call(5, "order.create", booth.order())
    assert (said["retCode"], said["data"], said["op"]) == (code, {}, "order.create")
    assert said["retMsg"]
    assert booth.core.open_orders("testee", "BTCUSDT") == ()


def test_an_address_has_a_rate_of_its_own(booth):
    for number in range(3_000):
        booth.call(5, "order.cancel", {"category": "linear"}, number=str(number))
    assert booth.call(5, "order.cancel", {"category": "linear"})["retCode"] == 10403
