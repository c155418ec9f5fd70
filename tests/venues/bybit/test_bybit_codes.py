"""Every documented code is reached by a real request, or quirks.md says why it is not.

Codes: docs/v5/error, 2026-07-24.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import conformance.venues.bybit as folder
from conformance.model.commands import Deposit, SetMark, SetPhase, SetRiskControl
from conformance.model.instruments import Phase
from conformance.model.orders import RiskControl
from conformance.model.rules import Rules
from conformance.model.wire import Condition, Operation
from conformance.venues.bybit.facts import ERRORS
from tests.venues.bybit.booth import Booth

UNIT = 10**8
BTC = {"category": "linear", "symbol": "BTCUSDT"}
COIN = {"category": "inverse", "symbol": "BTCUSD"}
MARKET = {"orderType": "Market", "price": None}
CREATE, AMEND, CANCEL = "/v5/order/create", "/v5/order/amend", "/v5/order/cancel"
LEVERAGE, MODE = "/v5/position/set-leverage", "/v5/position/switch-mode"
STOP, ADD = "/v5/position/trading-stop", "/v5/position/add-margin"
MARGIN = "/v5/account/set-margin-mode"
QUIRKS = Path(folder.__file__).with_name("quirks.md").read_text(encoding="utf-8")

# code: what is changed of a limit order that buys 0.010 BTC at 59 900
PLACING = {
    10001: {"side": "Hold"},
    110003: {"price": "2000000"},
    110017: {"reduceOnly": True},
    110057: {"triggerPrice": "59000", "triggerDirection": 2, "takeProfit": "65000"},
    110092: {"triggerPrice": "59000", "triggerDirection": 1},
    110093: {"triggerPrice": "61000", "triggerDirection": 2},
    110094: {"category": "linear", "symbol": "SOLUSDT", "qty": "0.1", "price": "40"},
    110108: {**MARKET, "slippageToleranceType": "TickSize", "slippageTolerance": "10001"},
    110109: {**MARKET, "slippageToleranceType": "Percent", "slippageTolerance": "0.001"},
    110118: MARKET,
    110119: {"timeInForce": "RPI"},
}
# code: a request that nothing has to precede
ASKING = {
    10017: ("POST", "/v5/market/time", {}),
    100028: ("POST", "/v5/position/switch-isolated", BTC),
    110001: ("POST", CANCEL, {**BTC, "orderLinkId": "never"}),
    110013: ("POST", LEVERAGE, {**BTC, "buyLeverage": "101", "sellLeverage": "101"}),
    110015: ("POST", ADD, {**BTC, "margin": "1"}),
    110025: ("POST", MODE, {**BTC, "mode": 0}),
    110029: ("POST", MODE, {**COIN, "mode": 3}),
    110031: ("POST", "/v5/position/set-risk-limit", {**BTC, "riskId": 99}),
    110043: ("POST", LEVERAGE, {**BTC, "buyLeverage": "20", "sellLeverage": "20"}),
    110076: ("POST", "/v5/position/set-auto-add-margin", {**BTC, "autoAddMargin": 1}),
    110082: ("POST", "/v5/position/confirm-pending-mmr", BTC),
    3400045: ("POST", MARGIN, {"setMarginMode": "PORTFOLIO_MARGIN"}),
}
STORIES = {}


def story(*codes):
    def keep(tell):
        STORIES.update(dict.fromkeys(codes, tell))
        return tell

    return keep


def long_position(booth):
    booth.others("sell", 600_000, 10)
    booth.place(orderType="Market", price=None)


def isolate(booth):
    booth.ok("POST", MARGIN, {"setMarginMode": "ISOLATED_MARGIN"})


def placed(booth, **changes):
    booth.at += 1000  # whatever went before, the rate allows this one
    return booth.ask("POST", CREATE, booth.order(**changes))["retCode"]


@story(10002)
def a_late_clock(booth):
    request = booth.request("GET", "/v5/account/info")
    return booth.server.handle(request, booth.at + 5001).reading.code


@story(10003)
def a_revoked_key(booth):
    booth.server.revoke_key(booth.key.key)
    return booth.ask("GET", "/v5/account/info")["retCode"]


@story(10004)
def a_changed_body(booth):
    request = booth.request("POST", CREATE, booth.order())
    served = booth.server.handle(request._replace(body=request.body + b" "), booth.at)
    return served.reading.code


@story(10005)
def outside_of_the_demo_whitelist(_booth):
    demo = Booth(environment="demo", demo_refusal=10005)
    return demo.ask("GET", "/v5/account/smp-group")["retCode"]


@story(10007, 10008, 10009, 10010, 10024, 10027, 10028, 10029, 33004)
def a_key_in_trouble(_booth, code):
    return Booth(key_trouble=code).ask("GET", "/v5/account/info")["retCode"]


@story(10006)
def too_fast(booth):
    return [booth.ask("POST", CREATE, booth.order())["retCode"] for _ in range(11)][-1]


@story(110004)
def more_demo_money_than_there_is(_booth):
    demo = Booth(environment="demo")
    demo.command(Deposit("testee", "USDT", -9_999_999 * UNIT))
    row = {"coin": "USDT", "amountStr": "2"}
    asked = {"adjustType": 1, "utaDemoApplyMoney": [row]}
    return demo.ask("POST", "/v5/account/demo-apply-money", asked)["retCode"]


@story(110007)
def without_the_margin(booth):
    booth.command(Deposit("testee", "USDT", -9_999_990 * UNIT))
    return placed(booth)


@story(110005)
def while_being_liquidated(_booth):
    booth = Booth(rules=Rules(liquidation_ms=60_000))
    booth.command(Deposit("testee", "USDT", -9_999_950 * UNIT))
    long_position(booth)
    booth.command(SetMark("BTCUSDT", 55_000 * UNIT))
    return placed(booth, price="54000")


@story(110009)
def too_many_stops(booth):
    waiting = {"triggerPrice": "59000", "triggerDirection": 2, "orderLinkId": None}
    for _ in range(10):
        booth.at += 100
        booth.place(**waiting)
    return placed(booth, **waiting)


@story(110012)
def lower_leverage_without_the_margin(booth):
    booth.command(Deposit("testee", "USDT", -9_999_950 * UNIT))
    booth.place()
    return booth.ask("POST", LEVERAGE, {**BTC, "buyLeverage": "1", "sellLeverage": "1"})["retCode"]


@story(110014, 110027, 110033, 110078)
def isolated_margin(booth, code):
    isolate(booth)
    if code != 110033:
        long_position(booth)
    amount = {110014: "20000000", 110027: "0", 110033: "1", 110078: "-25"}[code]
    return booth.ask("POST", ADD, {**BTC, "margin": amount})["retCode"]


@story(110020)
def too_many_open_orders(booth):
    for _ in range(500):
        booth.at += 100
        booth.place(qty="0.001")
    return placed(booth, qty="0.001")


@story(110023)
def a_contract_that_may_only_be_reduced(booth):
    booth.command(SetRiskControl("BTCUSDT", RiskControl.BOTH))
    return placed(booth)


@story(110024, 110028)
def another_mode_while_something_is_open(booth, code):
    if code == 110024:
        long_position(booth)
    else:
        booth.place()
    return booth.ask("POST", MODE, {**BTC, "mode": 3})["retCode"]


@story(110026)
def the_same_margin_mode(_booth):
    strict = Booth(same_margin_mode=110026)
    return strict.ask("POST", MARGIN, {"setMarginMode": "REGULAR_MARGIN"})["retCode"]


@story(110032)
def a_batch_that_amends_a_conditional_order(booth):
    booth.place(triggerPrice="59000", triggerDirection=2, orderLinkId="wait")
    item = {"symbol": "BTCUSDT", "orderLinkId": "wait", "price": "59001"}
    asked = {"category": "linear", "request": [item]}
    reply = booth.ask("POST", "/v5/order/amend-batch", asked)
    assert reply["retCode"] == 0
    return reply["retExtInfo"]["list"][0]["code"]


@story(110042, 110063, 110066, 110074)
def a_contract_that_does_not_trade(booth, code):
    phase = {
        110042: Phase.PRE_DELIVERY,
        110063: Phase.DELIVERING,
        110066: Phase.HALTED,
        110074: Phase.CLOSED,
    }[code]
    booth.command(SetPhase("BTCUSDT", phase))
    return placed(booth)


@story(110060)
def exits_of_an_open_order(booth):
    booth.place(orderLinkId="mine")
    asked = {**BTC, "orderLinkId": "mine", "takeProfit": "65000"}
    return booth.ask("POST", AMEND, asked)["retCode"]


@story(110061)
def too_many_partial_exits(booth):
    long_position(booth)
    asked = {**BTC, "tpslMode": "Partial", "positionIdx": 0, "tpSize": "0.001"}
    for number in range(20):
        booth.at += 100
        booth.ok("POST", STOP, {**asked, "takeProfit": str(65000 + number)})
    booth.at += 1000
    return booth.ask("POST", STOP, {**asked, "takeProfit": "66000"})["retCode"]


@story(110064)
def less_than_is_filled(booth):
    booth.place(orderLinkId="mine")
    booth.others("sell", 599_000, 4)
    asked = {**BTC, "orderLinkId": "mine", "qty": "0.004"}
    return booth.ask("POST", AMEND, asked)["retCode"]


@story(110072)
def a_name_that_was_used(booth):
    booth.place(orderLinkId="mine")
    booth.ok("POST", CANCEL, {**BTC, "orderLinkId": "mine"})
    return placed(booth, orderLinkId="mine")


@story(110090)
def beyond_the_tier_of_the_leverage(booth):
    booth.ok("POST", LEVERAGE, {**BTC, "buyLeverage": "100", "sellLeverage": "100"})
    return placed(booth, qty="34")


@story(110120, 110121)
def a_far_price_where_it_is_refused(booth, code):
    asked = {"category": "linear", "modifyEnable": False}
    booth.ok("POST", "/v5/account/set-limit-px-action", asked)
    if code == 110121:
        return placed(booth, price="60600.1")
    return placed(booth, side="Sell", price="59399.9")


@story(34040)
def the_same_exits_again(booth):
    long_position(booth)
    booth.ok("POST", STOP, {**BTC, "takeProfit": "65000"})
    return booth.ask("POST", STOP, {**BTC, "takeProfit": "65000"})["retCode"]


def provoked(booth, code):
    if code in PLACING:
        return placed(booth, **PLACING[code])
    if code in ASKING:
        method, path, params = ASKING[code]
        return booth.ask(method, path, params)["retCode"]
    tell = STORIES[code]
    return tell(booth, code) if tell.__code__.co_argcount > 1 else tell(booth)


REACHED = sorted({*PLACING, *ASKING, *STORIES})
EXCUSED = {
    int(code)
    for row in QUIRKS.partition("## Codes that no request provokes")[2].splitlines()
    for code in re.findall(r"`(-?\d+)`", row.partition("|")[2].partition("|")[0])
}


@pytest.mark.parametrize("code", REACHED)
def test_a_real_request_reaches_the_code(code):
    assert str(provoked(Booth(), code)) == str(code)


def test_every_documented_code_is_reached_or_excused():
    assert EXCUSED.isdisjoint(REACHED)
    assert EXCUSED | set(REACHED) == set(ERRORS)


def test_a_code_stands_in_the_table_once():
    booth = Booth()
    assert len(ERRORS) == len({row.code for row in ERRORS.values()})
    row = ERRORS[110007]
    reply = booth.server.documented(replace(row, status=500), "other words")
    assert (reply.status, booth.server.code(reply)) == (500, "110007")
    assert b'"retMsg":"other words"' in reply.body


@pytest.mark.parametrize("condition", Condition)
def test_every_trouble_can_be_said_for_every_operation(condition):
    booth = Booth()
    for operation in Operation:
        reply = booth.server.refusal(condition, operation, booth.at)
        if condition is not Condition.TRUNCATED_BODY:
            assert reply.status != 200 or b'"retCode":0,' not in reply.body


def test_a_spent_rate_says_when_it_is_whole_again():
    booth = Booth()
    reply = booth.server.refusal(
        Condition.THROTTLED, Operation.PLACE, booth.at, retry_after_ms=3000
    )
    assert dict(reply.headers)["X-Bapi-Limit-Reset-Timestamp"] == str(booth.at + 3000)
