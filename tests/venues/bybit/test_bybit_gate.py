"""Who may pass: address, time, key, signature, parameters, rate.

Rules: docs/v5/guide and rate-limit, 2026-07-24.
"""

from __future__ import annotations

import orjson
import pytest

from conformance.errors import UsageError
from conformance.model.commands import SetMark
from conformance.model.wire import Operation, Topic, WireReply, WireRequest
from conformance.venues import pools
from conformance.venues.bybit.facts import ENDPOINTS
from conformance.venues.bybit.signing import KEY, SIGNATURE, STAMP
from tests.venues.bybit.booth import Booth

INFO = "/v5/account/info"


@pytest.fixture
def booth():
    return Booth()


def served(booth, request, at=None):
    return booth.server.handle(request, booth.at if at is None else at)


def without(request, name):
    return request._replace(headers=tuple(row for row in request.headers if row[0] != name))


@pytest.mark.parametrize(
    ("later_ms", "code"), [(5000, ""), (5001, "10002"), (-999, ""), (-1000, "10002")]
)
def test_a_stamp_may_lag_by_its_window_and_lead_by_less_than_a_second(booth, later_ms, code):
    request = booth.request("GET", INFO)
    assert served(booth, request, booth.at + later_ms).reading.code == code


def test_a_clock_that_is_off_is_told_all_three_figures(booth):
    request = booth.request("GET", INFO)
    body = orjson.loads(served(booth, request, booth.at + 6000).reply.body)
    assert body["retMsg"] == (
        "invalid request, please check your server timestamp or recv_window param. "
        f"req_timestamp[{booth.at}],server_timestamp[{booth.at + 6000}],recv_window[5000]"
    )


def test_a_request_without_authentication_is_told_what_is_empty(booth):
    reply = booth.ask("GET", INFO, signed=False)
    assert (reply["retCode"], reply["result"]) == (10001, {})
    assert reply["retMsg"] == (
        "empty value: apiTimestamp[] apiKey[] apiSignature[]: openapi sign params error!"
    )


@pytest.mark.parametrize("status", [200, 401])
def test_the_status_of_who_is_not_known_is_a_switch(status):
    booth = Booth(unauthenticated=status)
    request = without(booth.request("GET", INFO), SIGNATURE)
    assert served(booth, request).reply.status == status


def test_a_wrong_signature_is_shown_what_should_have_been_signed(booth):
    request = booth.request("GET", INFO, {"a": 1})
    body = orjson.loads(served(booth, request._replace(query=b"a=2")).reply.body)
    assert body["retCode"] == 10004
    assert body["retMsg"] == f"error sign! origin_string[{booth.at}{booth.key.key}5000a=2]"


def test_time_is_checked_before_the_key_and_the_key_before_the_signature(booth):
    request = booth.request("GET", INFO)._replace(query=b"x=1")
    late = booth.at + 9000
    assert served(booth, request, late).reading.code == "10002"
    booth.server.revoke_key(booth.key.key)
    assert served(booth, request, late).reading.code == "10002"
    assert served(booth, request).reading.code == "10003"


@pytest.mark.parametrize(("trouble", "code"), [(33004, "33004"), (10010, "10004")])
def test_an_expired_key_is_told_before_its_signature_is_looked_at(trouble, code):
    booth = Booth(key_trouble=trouble)
    request = booth.request("GET", INFO)
    assert served(booth, request).reading.code == str(trouble)
    assert served(booth, request._replace(query=b"x=1")).reading.code == code
    assert booth.ask("GET", "/v5/market/time", signed=False)["retCode"] == 0


@pytest.mark.parametrize("stamp", ["", "now", "1e12", "9" * 19])
def test_a_stamp_that_is_none_is_a_bad_parameter(booth, stamp):
    request = booth.request("GET", INFO)
    headers = tuple((n, stamp if n == STAMP else v) for n, v in request.headers)
    code = served(booth, request._replace(headers=headers)).reading.code
    assert code == "10001"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"text"'])
def test_a_body_that_is_no_object_is_a_bad_parameter(booth, body):
    request = booth.request("POST", "/v5/order/create", booth.order())
    stamp = str(booth.at)
    raw = f"{stamp}{booth.key.key}5000".encode() + body
    headers = tuple(
        (n, booth.secret.sign(raw) if n == SIGNATURE else v) for n, v in request.headers
    )
    assert served(booth, request._replace(headers=headers, body=body)).reading.code == "10001"


def test_an_unknown_path_is_not_found_and_a_wrong_method_is_no_route(booth):
    reply = served(booth, booth.request("GET", "/v5/nowhere")).reply
    assert reply.status == 404
    assert booth.ask("GET", "/v5/order/create")["retCode"] == 10017


def test_replies_say_what_is_left_of_the_rate(booth):
    request = booth.request("POST", "/v5/order/create", booth.order())
    headers = dict(served(booth, request).reply.headers)
    assert headers["X-Bapi-Limit"] == "10"
    assert headers["X-Bapi-Limit-Status"] == "9"
    assert headers["X-Bapi-Limit-Reset-Timestamp"] == str(booth.at)
    assert headers["Timenow"] == str(booth.at)
    assert len(headers["Traceid"]) == 32
    public = served(booth, booth.request("GET", "/v5/market/time", signed=False)).reply.headers
    assert "X-Bapi-Limit" not in dict(public)


def test_a_rolling_second_holds_so_many_requests_of_one_endpoint(booth):
    limit = ENDPOINTS["fee-rate"].rate
    params = {"category": "linear"}
    for _ in range(limit):
        booth.ok("GET", "/v5/account/fee-rate", params)
        booth.at += 100
    request = booth.request("GET", "/v5/account/fee-rate", params)
    refused = served(booth, request)
    assert refused.reading.code == "10006"
    free = booth.at - 100 * limit + 1000
    assert dict(refused.reply.headers)["X-Bapi-Limit-Reset-Timestamp"] == str(free)
    booth.ok("GET", "/v5/account/fee-rate", {"category": "inverse"})  # a budget of its own
    booth.at = free
    booth.ok("GET", "/v5/account/fee-rate", params)


def test_a_batch_is_charged_for_every_order_and_fails_at_its_tail(booth):
    item = {n: v for n, v in booth.order().items() if n != "category"}
    asked = {"category": "linear", "request": [item] * 12}
    reply = booth.ask("POST", "/v5/order/create-batch", asked)
    assert reply["retCode"] == 0
    codes = [row["code"] for row in reply["retExtInfo"]["list"]]
    assert codes == [0] * 10 + [10006] * 2
    assert all(
        bool(row["orderId"]) is (code == 0)
        for row, code in zip(reply["result"]["list"], codes, strict=True)
    )
    assert booth.ask("POST", "/v5/order/create-batch", asked)["retCode"] == 10006


def test_an_address_that_asks_too_much_is_banned_for_ten_minutes(booth):
    request = booth.request("GET", "/v5/market/time", signed=False)
    assert {served(booth, request).reply.status for _ in range(600)} == {200}
    refused = served(booth, request)
    assert (refused.reply.status, refused.reading.code) == (403, "403")
    assert refused.reply.body == b"access too frequent"
    assert served(booth, request, booth.at + 599_999).reply.status == 403
    assert served(booth, request._replace(peer="127.0.0.2")).reply.status == 200
    assert served(booth, request, booth.at + 600_000).reply.status == 200


def test_a_get_with_a_body_is_forbidden(booth):
    request = booth.request("GET", INFO)._replace(body=b"{}")
    assert served(booth, request).reply.status == 403
    assert booth.server.code(served(booth, request).reply) == "403"


def test_the_demo_environment_serves_its_whitelist_alone():
    demo = Booth(environment="demo")
    assert demo.ask("GET", "/v5/account/info")["retCode"] == 0
    assert demo.ask("GET", "/v5/account/fee-rate", {"category": "linear"})["retCode"] == 10001


def test_the_whitelist_is_the_published_one():
    """demo, Available API List, 2026-07-24."""
    served = {e.path.removeprefix("/v5/") for e in ENDPOINTS.values() if e.signed and e.demo}
    orders = "create amend cancel realtime cancel-all history create-batch amend-batch cancel-batch"
    positions = "list set-leverage switch-mode trading-stop set-auto-add-margin add-margin"
    account = (
        "wallet-balance borrow-history set-collateral-switch collateral-info info "
        "transaction-log set-margin-mode set-hedging-mode demo-apply-money"
    )
    assert served == {
        *(f"order/{name}" for name in orders.split()),
        *(f"position/{name}" for name in positions.split()),
        *(f"account/{name}" for name in account.split()),
        *("execution/list", "position/closed-pnl", "user/query-api"),
        *(f"asset/{name}" for name in ("coin-greeks", "delivery-record", "settlement-record")),
    }


@pytest.mark.parametrize(
    ("rate", "paths"),
    [
        (10, "order/create order/amend order/cancel order/cancel-all order/pre-check"),
        (10, "order/create-batch order/amend-batch order/cancel-batch user/query-api"),
        (50, "order/realtime order/history execution/list position/list position/closed-pnl"),
        (10, "position/set-leverage position/switch-mode position/trading-stop"),
        (10, "position/add-margin position/set-auto-add-margin position/confirm-pending-mmr"),
        (50, "account/wallet-balance account/info account/user-setting-config account/withdrawal"),
        (10, "account/instruments-info account/set-limit-px-action"),
        (5, "account/fee-rate account/set-margin-mode account/smp-group account/query-dcp-info"),
        (5, "order/disconnected-cancel-all asset/coin/query-info"),
        (25, "account/transaction-log"),
    ],
)
def test_rates_are_those_that_are_published(rate, paths):
    """rate-limit, 2026-07-24: what an account of no rank may ask in a second."""
    rates = {each.path: each.rate for each in ENDPOINTS.values()}
    assert {path: rates[f"/v5/{path}"] for path in paths.split()} == dict.fromkeys(
        paths.split(), rate
    )


def test_demo_money_is_applied_for_in_the_demo_environment():
    demo = Booth(environment="demo")
    rows = [{"coin": "USDT", "amountStr": "1000.5"}, {"coin": "BTC", "amountStr": "2"}]
    demo.ok("POST", "/v5/account/demo-apply-money", {"utaDemoApplyMoney": rows})
    wallet = demo.ok("GET", "/v5/account/wallet-balance", {"accountType": "UNIFIED"})["list"][0]
    coins = {row["coin"]: row["walletBalance"] for row in wallet["coin"]}
    assert coins == {"BTC": "1002", "USDT": "10001000.5"}
    asked = {"utaDemoApplyMoney": rows[:1]}
    demo.at += 59_999
    assert demo.ask("POST", "/v5/account/demo-apply-money", asked)["retCode"] == 10006
    demo.at += 1
    rows = [{"coin": "BTC", "amountStr": "16"}]
    refused = demo.ask("POST", "/v5/account/demo-apply-money", {"utaDemoApplyMoney": rows})
    assert refused["retCode"] == 10001


@pytest.mark.parametrize("switches", [{"colour": "blue"}, {"environment": "production"}])
def test_a_switch_that_does_not_exist_cannot_be_set(switches):
    with pytest.raises(UsageError):
        Booth(**switches)


def test_a_reading_says_what_a_request_is_about(booth):
    request = booth.request("POST", "/v5/order/create", booth.order(orderLinkId="mine"))
    reading = booth.server.read(request, booth.at)
    assert reading.operation is Operation.PLACE
    assert (reading.symbol, reading.client_id, reading.venue_id) == ("BTCUSDT", "mine", "")
    assert (reading.signed, reading.key_sent, reading.signature_valid) == (True, True, True)
    assert (reading.timestamp_ms, reading.window_ms, reading.weight) == (booth.at, 5000, 1)
    strange = WireRequest("PUT", "/", b"\xff=%", ((KEY, "é"),), b"\x00")
    assert booth.server.read(strange, booth.at).signature_valid is None


def test_an_account_that_never_held_anything_has_an_empty_wallet(booth):
    booth.server.add_key(booth.key, "newcomer")
    wallet = booth.ok("GET", "/v5/account/wallet-balance", {"accountType": "UNIFIED"})["list"][0]
    assert wallet["totalEquity"] == "0"
    assert booth.ok("GET", "/v5/position/list", {"category": "inverse"})["list"] == []


def test_owners_beyond_the_bound_are_forgotten_together(monkeypatch):
    monkeypatch.setattr(pools, "_OWNERS_KEPT", 2)
    pool = pools.Rolling(1, 1000)
    assert [pool.charge(name, 1, 0) for name in "abcabc"] == [1, 1, 1, 1, 1, 1]


def test_a_command_that_the_core_refuses_is_the_callers_mistake(booth):
    with pytest.raises(ValueError, match="unknown-symbol"):
        booth.command(SetMark("NONE", 1))


def test_streams_have_no_keys_that_could_expire(booth):
    assert booth.server.expire_stream_key("testee", booth.at) == ()


def test_what_the_venue_says_is_known_to_who_looks_on(booth):
    server = booth.server
    assert server.private("/v5/private", "") is True
    assert server.private("/v5/public/linear", "") is False
    assert server.topic(b'{"topic":"execution.linear","data":[]}') is Topic.FILLS
    assert server.topic(b"no json") is Topic.CONTROL
    assert server.code(WireReply(200, b'{"retCode":0}')) == ""
    assert server.code(WireReply(502, b"<html>")) == "502"


def test_the_id_of_an_execution_is_no_id_of_an_order(booth):
    booth.others("sell", 599_000, 10)
    booth.place()
    (row,) = booth.ok("GET", "/v5/execution/list", {"category": "linear"})["list"]
    asked = {"category": "linear", "symbol": "BTCUSDT", "orderId": row["execId"]}
    assert booth.ask("POST", "/v5/order/cancel", asked)["retCode"] == 110001
