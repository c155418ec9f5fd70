"""Every documented refusal that a client can provoke on these paths, as a table.

Codes: usds-margined-futures/error-code, 2026-05-28.
"""

from __future__ import annotations

import json

import pytest

from conformance.model.commands import SetMark, SetPhase
from conformance.model.instruments import Phase
from conformance.venues.binance_usdm.facts import ENDPOINTS, ERRORS

ORDER = "/fapi/v1/order"
BATCH = "/fapi/v1/batchOrders"
MARKET = {"type": "MARKET", "timeInForce": None, "price": None}
GTD = {"timeInForce": "GTD"}

PLACING = [
    (-1102, {"side": None}),
    (-1117, {"side": "HOLD"}),
    (-1102, {"type": None}),
    (-1116, {"type": "FANCY"}),
    (-1102, {"timeInForce": None}),
    (-1115, {"timeInForce": "DAY"}),
    (-1106, {**MARKET, "timeInForce": "GTC"}),
    (-1106, {**MARKET, "price": "1"}),
    (-1102, {"quantity": None}),
    (-1102, {"quantity": ""}),
    (-1102, {"quantity": "1e-05"}),
    (-1102, {"quantity": "abc"}),
    (-1102, {"quantity": "NaN"}),
    (-1102, {"price": None}),
    (-1102, {"price": "0x10"}),
    (-1102, {"symbol": None}),
    (-1121, {"symbol": "NONE"}),
    (-4120, {"type": "STOP_MARKET", "stopPrice": "50000"}),
    (-4120, {"type": "TRAILING_STOP_MARKET", "callbackRate": "1"}),
    (-1102, {"type": "STOP_MARKET"}),
    (-4061, {"positionSide": "LONG"}),
    (-4060, {"positionSide": "UP"}),
    (-4062, {"reduceOnly": "maybe"}),
    (-1118, {"newClientOrderId": ""}),
    (-4015, {"newClientOrderId": "x" * 37}),
    (-4015, {"newClientOrderId": "with space"}),
    (-1136, {"newOrderRespType": "FULL"}),
    (-5037, {"priceMatch": "OPPONENT"}),
    (-5037, {"priceMatch": "BEST", "price": None}),
    (-5038, {**MARKET, "priceMatch": "OPPONENT"}),
    (-5041, {"priceMatch": "OPPONENT", "price": None}),
    (-5039, {"selfTradePreventionMode": "EXPIRE_NOBODY"}),
    (-1102, GTD),
    (-1102, {**GTD, "goodTillDate": "soon"}),
    (-5040, {**GTD, "goodTillDate": "1"}),
    (-5040, {**GTD, "goodTillDate": "253402300799000"}),
    (-4003, {"quantity": "0"}),
    (-4003, {"quantity": "-0.010"}),
    (-4005, {"quantity": "1000.001"}),
    (-4005, {**MARKET, "quantity": "120.001"}),
    (-1111, {"quantity": "0.0101"}),
    (-1111, {"price": "59000.001"}),
    (-4014, {"price": "59000.05"}),
    (-4001, {"price": "0"}),
    (-4001, {"price": "-1"}),
    (-4002, {"price": "809484.10"}),
    (-4013, {"price": "261.00"}),
    (-4016, {"price": "63000.10"}),
    (-4024, {"side": "SELL", "price": "56999.90"}),
    (-4164, {"symbol": "SOLUSDT", "price": "149", "quantity": "0.03"}),
    (-2022, {"reduceOnly": "true"}),
    (-2019, {"quantity": "900"}),
]


@pytest.mark.parametrize(("code", "changes"), PLACING)
def test_an_order_is_refused_with_the_documented_code(counter, code, changes):
    status, given = counter.code("POST", ORDER, counter.limit(**changes))
    assert (status, given) == (ERRORS[code].status, code)


@pytest.mark.parametrize(
    ("code", "changes"), [row for row in PLACING if row[0] > -2000 or row[0] in (-4003, -4016)]
)
def test_order_test_refuses_alike(counter, code, changes):
    assert counter.code("POST", "/fapi/v1/order/test", counter.limit(**changes))[1] == code


def test_a_position_beyond_the_leverage_bracket_is_refused(counter):
    # bracket 1 of BTCUSDT: up to 50 000 at 125x
    counter.ok("POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": "125"})
    assert counter.code("POST", ORDER, counter.limit(quantity="1"))[1] == -2027


def test_what_order_test_accepts_reaches_no_book(counter):
    counter.ok("POST", "/fapi/v1/order/test", counter.limit(newClientOrderId="ghost"))
    assert counter.core.open_orders("testee") == ()


# QuantConnect Lean.Brokerages.Binance #82, 2026-09
def test_order_test_refuses_a_small_market_order_unless_it_reduces(counter):
    small = counter.limit(**MARKET, symbol="SOLUSDT", quantity="0.01")
    assert counter.code("POST", "/fapi/v1/order/test", small)[1] == -4164
    counter.ok("POST", "/fapi/v1/order/test", {**small, "reduceOnly": "true"})


def test_each_filter_is_checked_by_order_test(counter):
    for code, changes in [
        (-4005, {"quantity": "1000.001"}),
        (-4001, {"price": "0"}),
        (-4024, {"side": "SELL", "price": "56999.90"}),
    ]:
        assert counter.code("POST", "/fapi/v1/order/test", counter.limit(**changes))[1] == code


def test_refusals_name_the_parameter_in_lower_case(make_counter):
    # binance-connector-python #483, 2026-01
    for lower, name in ((True, "timeinforce"), (False, "timeInForce")):
        counter = make_counter(lower_case_names=lower)
        _, body = counter.ask("POST", ORDER, counter.limit(timeInForce=None))
        assert body["msg"] == (
            f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
        )


def test_the_least_notional_is_named(counter):
    _, body = counter.ask("POST", ORDER, counter.limit(quantity="0.000", price="59000"))
    assert body["code"] == -4003
    small = counter.limit(symbol="ETHUSDT", quantity="0.006", price="2990")
    assert counter.ask("POST", ORDER, small)[1]["msg"] == (
        "Order's notional must be no smaller than 20 (unless you choose reduce only)"
    )


def test_a_duplicate_client_id_is_refused_before_the_filters(counter):
    counter.place(newClientOrderId="same")
    for changes in ({}, {"price": "59000.05"}, {"quantity": "0.000"}):
        sent = counter.limit(newClientOrderId="same", **changes)
        assert counter.code("POST", ORDER, sent)[1] == -4116


def test_a_client_id_may_be_used_again_after_its_order_ended(counter):
    first = counter.place(newClientOrderId="again")
    counter.ok("DELETE", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": "again"})
    second = counter.place(newClientOrderId="again")
    assert (second["clientOrderId"], second["orderId"] > first["orderId"]) == ("again", True)


def test_the_position_mode_is_checked_before_the_filters(counter):
    sent = counter.limit(positionSide="LONG", price="59000.05")
    assert counter.code("POST", ORDER, sent)[1] == -4061


def test_hedge_mode_refuses_reduce_only_and_the_net_leg(counter):
    # nautilus_trader #4231, 2026-06
    counter.ok("POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "true"})
    sent = counter.limit(positionSide="LONG", reduceOnly="true")
    assert counter.code("POST", ORDER, sent)[1] == -1106
    assert counter.code("POST", ORDER, counter.limit())[1] == -4061
    sent = counter.limit(positionSide="LONG", side="SELL", price="60000")
    assert counter.code("POST", ORDER, sent)[1] == -2022


def test_post_only_that_would_take_and_fok_that_cannot_fill_are_refused(counter):
    counter.others("sell", 590_000, 5)
    assert counter.code("POST", ORDER, counter.limit(timeInForce="GTX"))[1] == -5022
    assert counter.code("POST", ORDER, counter.limit(timeInForce="FOK"))[1] == -5021


def test_a_market_order_against_a_price_out_of_band_is_refused(counter):
    counter.others("sell", 620_000, 5)
    counter.command(SetMark("BTCUSDT", 58_000 * 10**8))
    assert counter.code("POST", ORDER, counter.limit(**MARKET))[1] == -4131


def test_more_open_orders_than_the_limit_are_refused(counter):
    for number in range(200):
        counter.at += 50
        counter.place(newClientOrderId=f"n{number}", quantity="0.001")
    assert counter.code("POST", ORDER, counter.limit(quantity="0.001"))[1] == -2025


@pytest.mark.parametrize(
    ("phase", "code"), [(Phase.HALTED, -4140), (Phase.PRE_DELIVERY, -4140), (Phase.CLOSED, -4141)]
)
def test_a_symbol_that_does_not_trade_takes_no_orders(counter, phase, code):
    counter.command(SetPhase("BTCUSDT", phase))
    assert counter.code("POST", ORDER, counter.limit())[1] == code


@pytest.mark.parametrize(
    ("code", "method", "path", "params"),
    [
        (-1102, "DELETE", ORDER, {"symbol": "BTCUSDT"}),
        (-1119, "DELETE", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": ""}),
        (-1102, "DELETE", ORDER, {"symbol": "BTCUSDT", "orderId": "abc"}),
        (-2011, "DELETE", ORDER, {"symbol": "BTCUSDT", "orderId": "77"}),
        (-2011, "DELETE", ORDER, {"symbol": "BTCUSDT", "orderId": "-1"}),
        (-2011, "DELETE", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": "none"}),
        (-1121, "DELETE", ORDER, {"symbol": "NONE", "orderId": "77"}),
        (-2013, "GET", ORDER, {"symbol": "BTCUSDT", "orderId": "77"}),
        (-2013, "GET", "/fapi/v1/openOrder", {"symbol": "BTCUSDT", "orderId": "77"}),
        (-1121, "GET", "/fapi/v1/openOrders", {"symbol": "NONE"}),
        (-1121, "GET", "/fapi/v1/allOrders", {"symbol": "NONE"}),
        (-1130, "GET", "/fapi/v1/allOrders", {"symbol": "BTCUSDT", "limit": "1001"}),
        (-1130, "GET", "/fapi/v1/allOrders", {"symbol": "BTCUSDT", "limit": "0"}),
        (-1023, "GET", "/fapi/v1/allOrders", {"startTime": "2", "endTime": "1"}),
        (-4165, "GET", "/fapi/v1/allOrders", {"startTime": "0", "endTime": "604800001"}),
        (-1102, "GET", "/fapi/v1/userTrades", {}),
        (-1128, "GET", "/fapi/v1/userTrades", {"symbol": "BTCUSDT", "fromId": "1", "endTime": "1"}),
        (-1121, "DELETE", "/fapi/v1/allOpenOrders", {"symbol": "NONE"}),
        (-1102, "DELETE", "/fapi/v1/allOpenOrders", {}),
        (-1102, "DELETE", BATCH, {"symbol": "BTCUSDT"}),
        (-4032, "DELETE", BATCH, {"symbol": "BTCUSDT", "orderIdList": str(list(range(11)))}),
        (-1130, "DELETE", BATCH, {"symbol": "BTCUSDT", "orderIdList": "[1"}),
        (-1130, "DELETE", BATCH, {"symbol": "BTCUSDT", "orderIdList": "7"}),
        (-1102, "DELETE", BATCH, {"symbol": "BTCUSDT", "orderIdList": "[null]"}),
        (-1102, "POST", BATCH, {}),
        (-1130, "POST", BATCH, {"batchOrders": "{"}),
        (-1130, "POST", BATCH, {"batchOrders": "[1]"}),
        (-4082, "POST", BATCH, {"batchOrders": "[]"}),
        (-4082, "POST", BATCH, {"batchOrders": json.dumps([{}] * 6)}),
        (-4082, "PUT", BATCH, {"batchOrders": json.dumps([{}] * 6)}),
        (-4028, "POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": "126"}),
        (-4028, "POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": "0"}),
        (-1102, "POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": "ten"}),
        (-1102, "POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT"}),
        (-1121, "POST", "/fapi/v1/leverage", {"symbol": "NONE", "leverage": "1"}),
        (-4046, "POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": "CROSSED"}),
        (-1130, "POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": "PAPER"}),
        (-4059, "POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "false"}),
        (-1102, "POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "both"}),
        (-1121, "GET", "/fapi/v3/positionRisk", {"symbol": "NONE"}),
        (-1121, "GET", "/fapi/v1/leverageBracket", {"symbol": "NONE"}),
        (-1102, "GET", "/fapi/v1/commissionRate", {}),
    ],
)
def test_a_signed_request_is_refused_with_the_documented_code(counter, code, method, path, params):
    assert counter.code(method, path, params) == (ERRORS[code].status, code)


@pytest.mark.parametrize(
    ("code", "path", "params"),
    [
        (-1102, "depth", {}),
        (-1121, "depth", {"symbol": "NONE"}),
        (-4021, "depth", {"symbol": "BTCUSDT", "limit": "7"}),
        (-1102, "depth", {"symbol": "BTCUSDT", "limit": "many"}),
        (-1130, "trades", {"symbol": "BTCUSDT", "limit": "1001"}),
        (-1127, "aggTrades", {"symbol": "BTCUSDT", "startTime": "0", "endTime": "3600000"}),
        (-1120, "klines", {"symbol": "BTCUSDT", "interval": "1s"}),
        (-1102, "klines", {"symbol": "BTCUSDT"}),
        (-1130, "klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": "1501"}),
        (-1121, "ticker/24hr", {"symbol": "NONE"}),
        (-1102, "openInterest", {}),
    ],
)
def test_a_public_request_is_refused_with_the_documented_code(counter, code, path, params):
    given = counter.code("GET", f"/fapi/v1/{path}", params, signed=False)
    assert given == (ERRORS[code].status, code)


def test_margin_and_position_mode_wait_for_orders_and_positions(counter):
    margin = ("POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": "ISOLATED"})
    mode = ("POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "true"})
    counter.others("sell", 600_000, 5)
    counter.place()
    assert counter.code(*margin)[1] == -4047
    assert counter.code(*mode)[1] == -4067
    counter.ok("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    counter.place(**MARKET, quantity="0.005")
    assert counter.code(*margin)[1] == -4048
    assert counter.code(*mode)[1] == -4068


def test_an_isolated_position_keeps_its_leverage_or_raises_it(counter):
    counter.ok("POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": "ISOLATED"})
    counter.others("sell", 600_000, 5)
    counter.place(**MARKET, quantity="0.005")
    lower = {"symbol": "BTCUSDT", "leverage": "5"}
    assert counter.code("POST", "/fapi/v1/leverage", lower)[1] == -4161
    assert counter.ok("POST", "/fapi/v1/leverage", {**lower, "leverage": "50"})["leverage"] == 50


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (-1102, {"side": None}),
        (-1102, {"quantity": None}),
        (-1102, {"price": None}),
        (-1102, {"origClientOrderId": None}),
        (-1121, {"symbol": "NONE"}),
        (-1130, {"side": "SELL"}),
        (-2013, {"origClientOrderId": "none"}),
        (-5027, {}),
        (-5047, {"price": "59100", "reduceOnly": "true"}),
        (-4062, {"price": "59100", "reduceOnly": "maybe"}),
        (-5029, {"price": "59100", "quantity": "0.000"}),
        (-4014, {"price": "59100.05"}),
        (-4016, {"price": "63000.10"}),
        (-5037, {"priceMatch": "QUEUE"}),
        (-5041, {"priceMatch": "OPPONENT", "price": None}),
        (-1102, {"price": "59100", "modifyId": "x"}),
    ],
)
def test_an_amendment_is_refused_with_the_documented_code(counter, code, changes):
    counter.place(newClientOrderId="mine")
    before = counter.core.order("testee", "BTCUSDT", client_id="mine")
    sent = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "quantity": "0.010",
        "price": "59000",
        "origClientOrderId": "mine",
        **changes,
    }
    if code == -5029:
        sent["quantity"] = "0.001"
        sent["price"] = "49000"
        counter.command(SetMark("BTCUSDT", 48_000 * 10**8))
    sent = {name: value for name, value in sent.items() if value is not None}
    tag = before.tag
    assert counter.code("PUT", ORDER, sent) == (ERRORS[code].status, code)
    assert (before.price, before.quantity, before.tag) == (590_000, 10, tag)


def test_an_ended_market_order_cannot_be_amended(counter):
    counter.others("sell", 600_000, 5)
    order = counter.place(**MARKET, quantity="0.005")
    sent = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "1", "price": "59000"}
    assert counter.code("PUT", ORDER, {**sent, "orderId": order["orderId"]})[1] == -5025


def test_a_halted_symbol_takes_no_amendment(counter):
    counter.place(newClientOrderId="mine")
    counter.command(SetPhase("BTCUSDT", Phase.HALTED))
    sent = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "1", "price": "59000"}
    assert counter.code("PUT", ORDER, {**sent, "origClientOrderId": "mine"})[1] == -5024


def test_the_code_for_amending_an_unknown_order_is_a_switch(make_counter):
    counter = make_counter(amend_unknown=-2011)
    sent = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "1", "price": "59000", "orderId": "9"}
    assert counter.code("PUT", ORDER, sent)[1] == -2011


def test_unknown_paths_and_verbs_are_not_found(counter):
    for method, path in (("GET", "/fapi/v9/order"), ("PATCH", ORDER), ("GET", "/")):
        served = counter.send(method, path)
        assert served.reply.status == 404
        assert served.reading.code == "404"


def test_an_account_that_never_held_anything_is_inactive(counter):
    # change log 2025-07-25
    counter.server.add_key(counter.key, "nobody")
    assert counter.code("GET", "/fapi/v2/balance")[1] == -4109


def test_unknown_parameters_are_ignored_unless_strict(make_counter):
    sent = {"symbol": "BTCUSDT", "orderId": "1", "colour": "blue"}
    assert make_counter().code("GET", ORDER, sent)[1] == -2013
    _, body = make_counter(strict_params=True).ask("GET", ORDER, sent)
    assert body["code"] == -1104
    assert "read '4' parameter(s) but was sent '5'" in body["msg"]


@pytest.mark.parametrize("name", [name for name, found in ENDPOINTS.items() if found.required])
def test_every_endpoint_that_wants_parameters_refuses_their_absence(counter, name):
    endpoint = ENDPOINTS[name]
    status, code = counter.code(endpoint.method, endpoint.path, signed=endpoint.signed)
    assert (status, code) == (400, -1102)
