"""Every documented code is reached by a real request, or quirks.md says why it is not.

Codes: usds-margined-futures/error-code, 2026-05-28.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import conformance.venues.binance_usdm as folder
from conformance.model.commands import (
    AmendOrder,
    Deposit,
    SetMark,
    SetPhase,
    SetRiskControl,
)
from conformance.model.instruments import Phase
from conformance.model.orders import RiskControl
from conformance.model.rules import Rules
from conformance.venues.binance_usdm import VENUE
from conformance.venues.binance_usdm.facts import ERRORS
from conformance.venues.keys import key

UNIT = 10**8
BTC = {"symbol": "BTCUSDT"}
ORDER, ALGO, BATCH = "/fapi/v1/order", "/fapi/v1/algoOrder", "/fapi/v1/batchOrders"
MARKET = {"type": "MARKET", "timeInForce": None, "price": None}
QUIRKS = Path(folder.__file__).with_name("quirks.md").read_text(encoding="utf-8")

# code: what is changed of a plain limit order of 0.010 BTC at 59 000
PLACING = {
    -1102: {"quantity": None},
    -1106: {**MARKET, "timeInForce": "GTC"},
    -1111: {"quantity": "0.0101"},
    -1115: {"timeInForce": "DAY"},
    -1116: {"type": "FANCY"},
    -1117: {"side": "HOLD"},
    -1118: {"newClientOrderId": ""},
    -1121: {"symbol": "NONE"},
    -1136: {"newOrderRespType": "FULL"},
    -2019: {"quantity": "900"},
    -2022: {"reduceOnly": "true"},
    -4001: {"price": "0"},
    -4002: {"price": "809484.10"},
    -4003: {"quantity": "0"},
    -4005: {"quantity": "1000.001"},
    -4013: {"price": "261.00"},
    -4014: {"price": "59000.05"},
    -4015: {"newClientOrderId": "x" * 37},
    -4016: {"price": "63000.10"},
    -4024: {"side": "SELL", "price": "56999.90"},
    -4060: {"positionSide": "UP"},
    -4061: {"positionSide": "LONG"},
    -4062: {"reduceOnly": "maybe"},
    -4120: {"type": "STOP_MARKET", "stopPrice": "50000"},
    -4164: {"symbol": "SOLUSDT", "price": "149", "quantity": "0.03"},
    -5037: {"priceMatch": "OPPONENT"},
    -5038: {**MARKET, "priceMatch": "OPPONENT"},
    -5039: {"selfTradePreventionMode": "EXPIRE_NOBODY"},
    -5040: {"timeInForce": "GTD", "goodTillDate": "1"},
    -5041: {"priceMatch": "OPPONENT", "price": None},
}
TRAILING = {"type": "TRAILING_STOP_MARKET", "triggerPrice": None, "callbackRate": "1"}
LIMITED = {"type": "STOP", "price": "61000"}
# code: what is changed of a stop that buys 0.001 BTC at 61 000
WAITING = {
    -2021: {"triggerPrice": "59000"},
    -4006: {"triggerPrice": "0"},
    -4007: {"triggerPrice": "900000"},
    -4031: {"workingType": "INDEX_PRICE"},
    -4135: {**TRAILING, "activatePrice": "0"},
    -4136: {**TRAILING, "closePosition": "true", "quantity": None},
    -4137: {"closePosition": "true"},
    -4138: {"closePosition": "true", "quantity": None, "reduceOnly": "false"},
    -4183: {**LIMITED, "price": "64050.10"},
    -4184: {**LIMITED, "side": "SELL", "triggerPrice": "58000", "price": "55099.90"},
    -4210: {"triggerPrice": "700000"},
    -4211: {"side": "SELL", "triggerPrice": "5000"},
}
PUBLIC = "/fapi/v1"
# code: a request that nothing has to precede
ASKING = {
    -1023: ("GET", "/fapi/v1/allOrders", {"startTime": "2", "endTime": "1"}),
    -1119: ("DELETE", ORDER, {**BTC, "origClientOrderId": ""}),
    -1125: ("PUT", "/fapi/v1/listenKey", {}),
    -1127: ("GET", f"{PUBLIC}/aggTrades", {**BTC, "startTime": "0", "endTime": "3600000"}),
    -1128: ("GET", "/fapi/v1/userTrades", {**BTC, "fromId": "1", "endTime": "1"}),
    -1130: ("GET", "/fapi/v1/allOrders", {**BTC, "limit": "1001"}),
    -1120: ("GET", f"{PUBLIC}/klines", {**BTC, "interval": "1s"}),
    -2011: ("DELETE", ORDER, {**BTC, "orderId": "77"}),
    -2013: ("GET", ORDER, {**BTC, "orderId": "77"}),
    -4021: ("GET", f"{PUBLIC}/depth", {**BTC, "limit": "7"}),
    -4028: ("POST", "/fapi/v1/leverage", {**BTC, "leverage": "126"}),
    -4032: ("DELETE", BATCH, {**BTC, "orderIdList": str(list(range(11)))}),
    -4046: ("POST", "/fapi/v1/marginType", {**BTC, "marginType": "CROSSED"}),
    -4049: ("POST", "/fapi/v1/positionMargin", {**BTC, "amount": "1", "type": "1"}),
    -4059: ("POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "false"}),
    -4082: ("POST", BATCH, {"batchOrders": "[]"}),
    -4104: ("GET", f"{PUBLIC}/continuousKlines", {"pair": "BTCUSDT", "contractType": "X"}),
    -4144: ("GET", f"{PUBLIC}/indexPriceKlines", {"pair": "X", "interval": "1m"}),
    -4165: ("GET", "/fapi/v1/allOrders", {"startTime": "0", "endTime": "604800001"}),
    -4171: ("POST", "/fapi/v1/multiAssetsMargin", {"multiAssetsMargin": "false"}),
}
KEYED = {-1125}
"""Asked with the key but without a signature."""
STORIES = {}


def story(*codes):
    def keep(tell):
        STORIES.update(dict.fromkeys(codes, tell))
        return tell

    return keep


def amended(counter, **changes):
    counter.place(newClientOrderId="mine")
    sent = {**BTC, "side": "BUY", "quantity": "0.010", "price": "59000"}
    return counter.code("PUT", ORDER, {**sent, "origClientOrderId": "mine", **changes})[1]


@story(-1003)
def too_much_weight(counter):
    while counter.send("GET", f"{PUBLIC}/historicalTrades", BTC).reply.status == 200:
        pass
    return counter.code("GET", f"{PUBLIC}/ping", signed=False)[1]


@story(-1015)
def too_many_orders(counter):
    for _ in range(300):
        counter.send("POST", ORDER, {})
    return counter.code("POST", ORDER, counter.limit())[1]


@story(-1021)
def a_late_clock(counter):
    return counter.code("GET", "/fapi/v2/balance", {"timestamp": counter.at - 5001})[1]


@story(-1022)
def a_wrong_signature(counter):
    raw = f"timestamp={counter.at}&signature=00".encode()
    return counter.code("GET", "/fapi/v2/balance", raw=raw)[1]


@story(-1101)
def a_name_sent_twice(counter):
    raw = b"symbol=BTCUSDT&symbol=ETHUSDT"
    return counter.code("GET", f"{PUBLIC}/depth", raw=raw, signed=False)[1]


@story(-1104)
def an_unknown_parameter(counter):
    return counter.code("GET", ORDER, {**BTC, "orderId": "1", "colour": "blue"})[1]


@story(-1013, -1020)
def a_broken_message(counter, code):
    counter.open(9, "/ws-fapi/v1")
    payload = b"{" if code == -1013 else b'{"id":1,"method":"order.test"}'
    (reply,) = counter.receive(9, payload)
    return reply["error"]["code"]


@story(-4056)
def a_logon_with_hmac(counter):
    counter.open(9, "/ws-fapi/v1")
    name = counter.key.key
    stamp = {"apiKey": name, "timestamp": counter.at}
    text = f"apiKey={name}&timestamp={counter.at}"
    stamp["signature"] = key(counter.key.kind, counter.key.secret).sign(text.encode())
    message = {"id": 1, "method": "session.logon", "params": stamp}
    (reply,) = counter.receive(9, json.dumps(message).encode())
    return reply["error"]["code"]


@story(-2014, -2015)
def a_bad_key(counter, code):
    name = "short" if code == -2014 else "k" * 64
    return counter.code("GET", "/fapi/v2/balance", headers=(("x-mbx-apikey", name),))[1]


@story(-4109)
def an_account_that_never_held_anything(counter):
    counter.server.add_key(counter.key, "nobody")
    return counter.code("GET", "/fapi/v2/balance")[1]


@story(-2025)
def too_many_open_orders(counter):
    for number in range(200):
        counter.at += 50
        counter.place(newClientOrderId=f"n{number}", quantity="0.001")
    return counter.code("POST", ORDER, counter.limit(quantity="0.001"))[1]


@story(-4045)
def too_many_waiting_orders(counter):
    for _ in range(200):
        counter.at += 50
        counter.wait()
    return counter.code("POST", ALGO, counter.stop())[1]


@story(-2027)
def beyond_the_bracket(counter):
    counter.ok("POST", "/fapi/v1/leverage", {**BTC, "leverage": "125"})
    return counter.code("POST", ORDER, counter.limit(quantity="1"))[1]


@story(-2028)
def lower_leverage_without_the_margin(counter):
    counter.command(Deposit("testee", "USDT", -999_950 * UNIT))
    counter.place(quantity="0.010")
    return counter.code("POST", "/fapi/v1/leverage", {**BTC, "leverage": "1"})[1]


@story(-2023)
def while_being_liquidated(counter):
    counter.command(Deposit("testee", "USDT", -999_950 * UNIT))
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    counter.command(SetMark("BTCUSDT", 55_000 * UNIT))
    return counter.code("POST", ORDER, counter.limit(price="53000"))[1]


@story(-4004, -4023)
def off_the_lot_size(counter, code):
    quantity = "0.002" if code == -4004 else "0.005"
    return counter.code("POST", ORDER, counter.limit(quantity=quantity))[1]


@story(-4169)
def joining_with_a_loss(counter):
    counter.command(Deposit("testee", "USDT", -999_950 * UNIT))
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    counter.command(SetMark("BTCUSDT", 50_000 * UNIT))
    return counter.code(*_JOIN)[1]


@story(-4047, -4067, -4170)
def while_orders_rest(counter, code):
    counter.place()
    return counter.code(*CHANGES[code])[1]


@story(-4048, -4068, -4167)
def while_a_position_is_open(counter, code):
    if code == -4167:
        counter.ok("POST", "/fapi/v1/marginType", {**BTC, "marginType": "ISOLATED"})
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    return counter.code(*CHANGES[code])[1]


_ISOLATE = ("POST", "/fapi/v1/marginType", {**BTC, "marginType": "ISOLATED"})
_HEDGE = ("POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "true"})
_JOIN = ("POST", "/fapi/v1/multiAssetsMargin", {"multiAssetsMargin": "true"})
CHANGES = {
    -4047: _ISOLATE,
    -4067: _HEDGE,
    -4170: _JOIN,
    -4048: _ISOLATE,
    -4068: _HEDGE,
    -4167: _JOIN,
}


@story(-4168)
def isolated_under_multi_assets(counter):
    counter.ok(*_JOIN)
    return counter.code(*_ISOLATE)[1]


@story(-4050, -4051, -4054, -4055, -4161)
def isolated_margin(counter, code):
    counter.ok(*_ISOLATE)
    if code != -4054:
        counter.others("sell", 600_000, 10)
        counter.close("0.010", side="BUY")
    if code == -4161:
        return counter.code("POST", "/fapi/v1/leverage", {**BTC, "leverage": "5"})[1]
    amount = {-4050: "2000000", -4051: "25", -4054: "1", -4055: "0"}[code]
    kind = "2" if code == -4051 else "1"
    return counter.code("POST", "/fapi/v1/positionMargin", {**BTC, "amount": amount, "type": kind})[
        1
    ]


@story(-4105, -4106, -4107)
def position_risk_control(counter, code):
    control = {-4105: RiskControl.BOTH, -4106: RiskControl.BUY, -4107: RiskControl.SELL}[code]
    counter.command(SetRiskControl("BTCUSDT", control))
    side = {"side": "SELL", "price": "60000"} if code == -4107 else {}
    return counter.code("POST", ORDER, counter.limit(**side))[1]


@story(-4116)
def a_name_that_is_open(counter):
    counter.place(newClientOrderId="same")
    return counter.code("POST", ORDER, counter.limit(newClientOrderId="same"))[1]


@story(-4130)
def two_that_close_the_same_leg(counter):
    closing = {"quantity": None, "closePosition": "true"}
    counter.wait(**closing)
    return counter.code("POST", ALGO, counter.stop(**closing))[1]


@story(-4131)
def a_counter_price_out_of_band(counter):
    counter.others("sell", 620_000, 5)
    counter.command(SetMark("BTCUSDT", 58_000 * UNIT))
    return counter.code("POST", ORDER, counter.limit(**MARKET))[1]


@story(-4140, -4141)
def a_symbol_that_does_not_trade(counter, code):
    phase = Phase.HALTED if code == -4140 else Phase.CLOSED
    counter.command(SetPhase("BTCUSDT", phase))
    return counter.code("POST", ORDER, counter.limit())[1]


@story(-5021, -5022)
def what_the_book_forbids(counter, code):
    counter.others("sell", 590_000, 5)
    in_force = "FOK" if code == -5021 else "GTX"
    return counter.code("POST", ORDER, counter.limit(timeInForce=in_force))[1]


@story(-5024)
def an_amendment_while_halted(counter):
    counter.place(newClientOrderId="mine")
    counter.command(SetPhase("BTCUSDT", Phase.HALTED))
    sent = {**BTC, "side": "BUY", "quantity": "1", "price": "59000", "origClientOrderId": "mine"}
    return counter.code("PUT", ORDER, sent)[1]


@story(-5025)
def an_amendment_of_a_market_order(counter):
    counter.others("sell", 600_000, 5)
    order = counter.close("0.005", side="BUY")
    sent = {**BTC, "side": "BUY", "quantity": "1", "price": "59000", "orderId": order["orderId"]}
    return counter.code("PUT", ORDER, sent)[1]


@story(-5026)
def one_amendment_too_many(counter):
    order = counter.place(newClientOrderId="mine")
    for number in range(9_999):
        price = 590_000 + number % 2 * 10 + 10
        command = AmendOrder("testee", "BTCUSDT", order["orderId"], price, 10)
        counter.core.apply(command, counter.at)
    sent = {**BTC, "side": "BUY", "quantity": "0.010", "price": "58000"}
    return counter.code("PUT", ORDER, {**sent, "origClientOrderId": "mine"})[1]


@story(-5027)
def an_amendment_of_nothing(counter):
    return amended(counter)


@story(-5029)
def an_amendment_below_the_least_notional(counter):
    counter.place(newClientOrderId="mine")
    counter.command(SetMark("BTCUSDT", 48_000 * UNIT))
    sent = {**BTC, "side": "BUY", "quantity": "0.001", "price": "49000"}
    return counter.code("PUT", ORDER, {**sent, "origClientOrderId": "mine"})[1]


@story(-5047)
def an_amendment_that_claims_to_reduce(counter):
    return amended(counter, price="59100", reduceOnly="true")


COARSE = replace(
    VENUE.listings[0], step=Decimal("0.002"), min_quantity=Decimal("0.004"), min_lots=2
)
LENIENT = Rules(liquidates=False, collateral=VENUE.rules.collateral)
NEEDS = {
    -1104: {"strict_params": True},
    -2023: {"rules": Rules(liquidation_ms=60_000)},
    -4004: {"listings": [COARSE]},
    -4023: {"listings": [COARSE]},
    -4169: {"rules": LENIENT},
}
"""Switches, instruments and rules without which a code is not reached."""


def unreached():
    """Return the codes that quirks.md lists as reached by no request."""
    _, _, section = QUIRKS.partition("## Codes that no request provokes")
    table = section.partition("\n## ")[0]
    return {int(code) for code in re.findall(r"`(-\d{4})`", table)}


def reached():
    return PLACING.keys() | WAITING.keys() | ASKING.keys() | STORIES.keys()


def test_every_documented_code_is_reached_or_excused():
    assert reached() | unreached() == ERRORS.keys()
    assert not reached() & unreached()


@pytest.mark.parametrize("code", sorted(reached(), reverse=True))
def test_a_real_request_reaches(make_counter, code):
    counter = make_counter(**NEEDS.get(code, {}))
    if code in STORIES:
        tell = STORIES[code]
        given = tell(counter, code) if tell.__code__.co_argcount > 1 else tell(counter)
    elif code in PLACING:
        given = counter.code("POST", ORDER, counter.limit(**PLACING[code]))[1]
    elif code in WAITING:
        given = counter.code("POST", ALGO, counter.stop(**WAITING[code]))[1]
    else:
        method, path, params = ASKING[code]
        given = counter.code(method, path, params, signed=code not in KEYED)[1]
    assert given == code


def test_what_is_excused_can_still_be_said_on_demand(counter):
    assert unreached()
    for code in unreached():
        reply = counter.server.documented(ERRORS[code])
        assert str(code).encode() in reply.body
