"""Conditional orders as algo orders.

Source: usds-margined-futures/trade New-Algo-Order and user-data-streams
Event-Algo-Order-Update, 2026-05-28; change log 2025-12-09 to 2026-10-23.
"""

from __future__ import annotations

import pytest

from conformance.model.commands import SetLast, SetMark, SetPhase
from conformance.model.instruments import Phase
from conformance.venues.binance_usdm.facts import ERRORS

ALGO = "/fapi/v1/algoOrder"
ORDER = "/fapi/v1/order"
UNIT = 10**8


@pytest.fixture
def floor(counter):
    """A venue with two-sided depth, and somebody who listens."""
    counter.user_stream()
    counter.others("sell", 600_100, 50)
    counter.others("buy", 599_900, 50)
    counter.frames()
    return counter


def last(counter, price):
    counter.command(SetLast("BTCUSDT", price * UNIT))


def told(counter):
    """What was told, as (event, status) pairs."""
    return [
        (frame["e"], frame.get("o", {}).get("X", ""))
        for frame in counter.frames(1)
        if frame["e"] in ("ALGO_UPDATE", "ORDER_TRADE_UPDATE")
    ]


def found(counter, name):
    return counter.ok("GET", ALGO, {"clientAlgoId": name})


def test_a_stop_lives_from_new_to_finished(floor):
    ack = floor.wait(clientAlgoId="mine", triggerPrice="60005")
    assert (ack["algoStatus"], ack["triggerPrice"], ack["triggerTime"]) == ("NEW", "60005.00", 0)
    assert told(floor) == [("ALGO_UPDATE", "NEW")]
    floor.at += 20
    last(floor, 60_005)
    # sheet of event scripts: NEW, TRIGGERING, TRIGGERED, the child's own events, FINISHED
    assert told(floor) == [
        ("ALGO_UPDATE", "TRIGGERING"),
        ("ALGO_UPDATE", "TRIGGERED"),
        ("ORDER_TRADE_UPDATE", "NEW"),
        ("ORDER_TRADE_UPDATE", "FILLED"),
        ("ALGO_UPDATE", "FINISHED"),
    ]
    row = found(floor, "mine")
    assert (row["algoStatus"], row["actualType"]) == ("FINISHED", "MARKET")
    assert (row["actualQty"], row["actualPrice"]) == ("0.001", "60010.00000")
    assert row["triggerTime"] == floor.at


def test_the_child_order_has_an_id_of_its_own_and_the_clients_name(floor):
    floor.wait(clientAlgoId="mine", triggerPrice="60005", type="STOP", price="60000")
    last(floor, 60_005)
    frames = {frame["o"]["X"]: frame for frame in floor.frames(1) if frame["e"] == "ALGO_UPDATE"}
    assert frames["NEW"]["o"]["ai"] == ""
    child = floor.ok("GET", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": "mine"})
    assert (
        frames["TRIGGERED"]["o"]["ai"]
        == str(child["orderId"])
        == (found(floor, "mine")["actualOrderId"])
    )
    assert (child["type"], child["status"]) == ("LIMIT", "NEW")
    # after the trigger it is cancelled as any order, and the algo order is finished
    floor.ok("DELETE", ORDER, {"symbol": "BTCUSDT", "orderId": child["orderId"]})
    assert told(floor)[-1] == ("ALGO_UPDATE", "FINISHED")
    assert found(floor, "mine")["actualQty"] == "0.000"


@pytest.mark.parametrize(
    ("changes", "away", "there"),
    [
        ({"side": "BUY", "type": "STOP_MARKET", "triggerPrice": "60500"}, 60_499, 60_500),
        ({"side": "SELL", "type": "STOP_MARKET", "triggerPrice": "59500"}, 59_501, 59_500),
        ({"side": "BUY", "type": "TAKE_PROFIT_MARKET", "triggerPrice": "59500"}, 59_501, 59_500),
        ({"side": "SELL", "type": "TAKE_PROFIT_MARKET", "triggerPrice": "60500"}, 60_499, 60_500),
    ],
)
def test_each_type_waits_for_its_direction(floor, changes, away, there):
    floor.wait(clientAlgoId="mine", **changes)
    last(floor, away)
    assert found(floor, "mine")["algoStatus"] == "NEW"
    last(floor, there)
    assert found(floor, "mine")["algoStatus"] == "FINISHED"


def test_the_working_type_picks_the_price(floor):
    floor.wait(clientAlgoId="mine", triggerPrice="60500", workingType="MARK_PRICE")
    last(floor, 60_600)
    assert found(floor, "mine")["algoStatus"] == "NEW"
    floor.command(SetMark("BTCUSDT", 60_500 * UNIT))
    assert found(floor, "mine")["algoStatus"] == "FINISHED"


def test_a_protected_order_waits_for_calm(floor):
    # triggerProtect 0.05: last and mark must not be further apart
    floor.wait(clientAlgoId="mine", triggerPrice="63500", priceProtect="true")
    last(floor, 63_600)
    assert found(floor, "mine")["algoStatus"] == "NEW"
    floor.command(SetMark("BTCUSDT", 61_000 * UNIT))
    assert found(floor, "mine")["algoStatus"] == "FINISHED"


def test_a_trailing_stop_is_told_new_twice_then_follows(floor):
    # change log 2026-08-21
    floor.wait(
        clientAlgoId="mine",
        type="TRAILING_STOP_MARKET",
        side="SELL",
        triggerPrice=None,
        activatePrice="60100",
        callbackRate="1",
    )
    last(floor, 60_200)
    frames = [frame["o"] for frame in floor.frames(1)]
    assert [(row["X"], row["ia"]) for row in frames] == [("NEW", False), ("NEW", True)]
    last(floor, 59_700)
    assert found(floor, "mine")["algoStatus"] == "NEW"
    last(floor, 59_598)
    assert found(floor, "mine")["algoStatus"] == "FINISHED"


def test_the_era_before_told_a_trailing_stop_once(make_counter):
    counter = make_counter(era="2026-05")
    counter.user_stream()
    counter.wait(
        type="TRAILING_STOP_MARKET", side="SELL", triggerPrice=None, callbackRate="1", quantity="1"
    )
    (frame,) = counter.frames(1)
    assert "ia" not in frame["o"]


def test_a_refusal_at_the_trigger_says_why(floor):
    floor.wait(clientAlgoId="mine", triggerPrice="60005", quantity="0.001", reduceOnly="true")
    last(floor, 60_005)
    rows = [frame["o"] for frame in floor.frames(1)]
    assert [row["X"] for row in rows] == ["NEW", "TRIGGERING", "REJECTED"]
    assert rows[-1]["rm"] == ERRORS[-2022].text
    assert "rm" not in rows[0]
    assert found(floor, "mine")["algoStatus"] == "REJECTED"


def test_a_bound_order_expires_with_its_position(floor):
    # GTE_GTC depends on the position only since 2025-12-09
    bound = {"timeInForce": "GTE_GTC", "side": "SELL", "clientAlgoId": "mine"}
    assert floor.code("POST", ALGO, floor.stop(**bound))[1] == -2022
    floor.close("0.005", side="BUY")
    assert floor.wait(**bound)["timeInForce"] == "GTE_GTC"
    floor.frames()
    floor.close("0.005")
    assert ("ALGO_UPDATE", "EXPIRED") in told(floor)


def test_close_position_closes_whatever_is_held(floor):
    floor.close("0.007", side="BUY")
    floor.wait(side="SELL", quantity=None, closePosition="true", clientAlgoId="mine")
    floor.close("0.002", side="BUY")
    last(floor, 57_900)
    assert found(floor, "mine")["actualQty"] == "0.009"
    assert floor.core.positions("testee", "BTCUSDT")[0].lots == 0


def test_neither_margin_nor_position_is_checked_before_the_trigger(floor):
    floor.ok("POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": "1"})
    ack = floor.wait(quantity="110")
    assert ack["algoStatus"] == "NEW"
    last(floor, 61_000)
    assert floor.ok("GET", ALGO, {"algoId": ack["algoId"]})["algoStatus"] == "REJECTED"


def test_orders_and_algo_orders_do_not_know_each_other(floor):
    # nautilus_trader #4411, freqtrade #12681
    ack = floor.wait(clientAlgoId="mine")
    floor.place(newClientOrderId="plain")
    name = {"symbol": "BTCUSDT", "origClientOrderId": "mine"}
    assert floor.code("GET", ORDER, name)[1] == -2013
    assert floor.code("DELETE", ORDER, name)[1] == -2011
    assert floor.code("GET", ORDER, {"symbol": "BTCUSDT", "orderId": ack["algoId"]})[1] == -2013
    orders = floor.ok("GET", "/fapi/v1/openOrders", {"symbol": "BTCUSDT"})
    assert [row["clientOrderId"] for row in orders] == ["plain"]
    assert [row["clientAlgoId"] for row in floor.ok("GET", "/fapi/v1/openAlgoOrders")] == ["mine"]
    floor.ok("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    assert len(floor.ok("GET", "/fapi/v1/openAlgoOrders")) == 1
    done = floor.ok("DELETE", "/fapi/v1/algoOpenOrders", {"symbol": "BTCUSDT"})
    assert done == {"code": 200, "msg": "The operation of cancel all open order is done."}
    assert floor.ok("GET", "/fapi/v1/openAlgoOrders") == []


def test_the_cancel_reply_is_short_and_its_code_is_text(floor):
    ack = floor.wait(clientAlgoId="mine")
    gone = floor.ok("DELETE", ALGO, {"algoId": ack["algoId"]})
    assert gone == {
        "algoId": ack["algoId"],
        "clientAlgoId": "mine",
        "code": "200",
        "msg": "success",
    }
    assert told(floor)[-1] == ("ALGO_UPDATE", "CANCELED")
    assert floor.code("DELETE", ALGO, {"algoId": ack["algoId"]})[1] == -2011


def test_lists_are_narrowed_by_symbol_id_and_time(floor):
    one = floor.wait(clientAlgoId="one")["algoId"]
    floor.at += 1000
    two = floor.wait(clientAlgoId="two")["algoId"]
    eth = floor.wait(symbol="ETHUSDT", triggerPrice="3100", quantity="0.1")["algoId"]

    def ids(path, **params):
        return [row["algoId"] for row in floor.ok("GET", path, params)]

    assert ids("/fapi/v1/openAlgoOrders") == [one, two, eth]
    assert ids("/fapi/v1/openAlgoOrders", symbol="BTCUSDT") == [one, two]
    assert ids("/fapi/v1/openAlgoOrders", algoId=two) == [two]
    history = "/fapi/v1/allAlgoOrders"
    assert ids(history, symbol="BTCUSDT") == [one, two]
    assert ids(history, symbol="BTCUSDT", algoId=two) == [two]
    assert ids(history, symbol="BTCUSDT", limit=1) == [two]
    assert ids(history, symbol="BTCUSDT", startTime=floor.at) == [two]
    assert ids(history, symbol="BTCUSDT", endTime=floor.at - 1) == [one]


def test_cancelled_ones_are_forgotten_after_three_days_others_after_ninety(floor):
    floor.wait(clientAlgoId="gone")
    floor.ok("DELETE", ALGO, {"clientAlgoId": "gone"})
    floor.wait(clientAlgoId="done", triggerPrice="60005")
    last(floor, 60_005)
    floor.at += 3 * 86_400_000 + 1
    assert floor.code("GET", ALGO, {"clientAlgoId": "gone"})[1] == -2013
    assert found(floor, "done")["algoStatus"] == "FINISHED"
    floor.at += 87 * 86_400_000
    assert floor.code("GET", ALGO, {"clientAlgoId": "done"})[1] == -2013


def test_good_till_a_date_ends_the_wait(floor):
    till = floor.at + 700_000
    ack = floor.wait(clientAlgoId="mine", timeInForce="GTD", goodTillDate=till)
    assert ack["goodTillDate"] == till // 1000 * 1000
    floor.until_quiet(till)
    assert found(floor, "mine")["algoStatus"] == "EXPIRED"


def test_a_price_match_is_made_at_the_trigger(floor):
    floor.wait(
        clientAlgoId="mine", type="STOP", triggerPrice="60500", priceMatch="QUEUE", price=None
    )
    last(floor, 60_500)
    child = floor.ok("GET", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": "mine"})
    assert (child["price"], child["priceMatch"]) == ("59990.00", "QUEUE")


TRAILING = {"type": "TRAILING_STOP_MARKET", "triggerPrice": None}
LIMIT = {"type": "STOP", "price": "61000"}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (-1102, {"algoType": None}),
        (-1130, {"algoType": "VP"}),
        (-1102, {"symbol": None}),
        (-1121, {"symbol": "NONE"}),
        (-1102, {"side": None}),
        (-1117, {"side": "HOLD"}),
        (-1102, {"type": None}),
        (-1116, {"type": "LIMIT"}),
        (-1102, {"quantity": None}),
        (-1102, {"triggerPrice": None}),
        (-1102, {**LIMIT, "price": None}),
        (-1106, {"price": "61000"}),
        (-1115, {"timeInForce": "DAY"}),
        (-4060, {"positionSide": "UP"}),
        (-4061, {"positionSide": "LONG"}),
        (-4031, {"workingType": "INDEX_PRICE"}),
        (-4062, {"reduceOnly": "maybe"}),
        (-4015, {"clientAlgoId": "no spaces"}),
        (-1118, {"clientAlgoId": ""}),
        (-1136, {"newOrderRespType": "FULL"}),
        (-5039, {"selfTradePreventionMode": "EXPIRE_NOBODY"}),
        (-5037, {**LIMIT, "priceMatch": "OPPONENT"}),
        (-5038, {"priceMatch": "OPPONENT"}),
        (-4137, {"closePosition": "true"}),
        (-4138, {"closePosition": "true", "quantity": None, "reduceOnly": "false"}),
        (-1106, {"closePosition": "true", "quantity": None, "reduceOnly": "true"}),
        (-4136, {**TRAILING, "callbackRate": "1", "closePosition": "true", "quantity": None}),
        (-1102, {"closePosition": "perhaps"}),
        (-2021, {**TRAILING, "triggerPrice": "61000", "callbackRate": "1"}),
        (-1102, TRAILING),
        (-1130, {**TRAILING, "callbackRate": "0.09"}),
        (-1130, {**TRAILING, "callbackRate": "20.1"}),
        (-1102, {**TRAILING, "callbackRate": "much"}),
        (-1111, {**TRAILING, "callbackRate": "1.00001"}),
        (-4135, {**TRAILING, "callbackRate": "1", "activatePrice": "0"}),
        (-2021, {**TRAILING, "callbackRate": "1", "activatePrice": "61000"}),
        (-2021, {"triggerPrice": "59000"}),
        (-4006, {"triggerPrice": "0"}),
        (-4007, {"triggerPrice": "900000"}),
        (-4014, {"triggerPrice": "61000.05"}),
        (-1111, {"triggerPrice": "61000.001"}),
        (-4003, {"quantity": "0"}),
        (-4005, {"quantity": "120.001"}),
        (-4183, {**LIMIT, "price": "64050.10"}),
        (-4184, {**LIMIT, "side": "SELL", "triggerPrice": "58000", "price": "55099.90"}),
        (-4001, {**LIMIT, "price": "0"}),
        (-4013, {**LIMIT, "price": "261.00"}),
        (-4210, {"triggerPrice": "700000"}),
        (-4211, {"side": "SELL", "triggerPrice": "5000"}),
        (-5040, {"timeInForce": "GTD", "goodTillDate": "1"}),
        (-1102, {"timeInForce": "GTD"}),
    ],
)
def test_an_algo_order_is_refused_with_the_documented_code(counter, code, changes):
    assert counter.code("POST", ALGO, counter.stop(**changes)) == (ERRORS[code].status, code)


@pytest.mark.parametrize(
    ("code", "method", "path", "params"),
    [
        (-1102, "DELETE", ALGO, {}),
        (-1102, "GET", ALGO, {}),
        (-2011, "DELETE", ALGO, {"algoId": 7}),
        (-2013, "GET", ALGO, {"algoId": 0}),
        (-2013, "GET", ALGO, {"clientAlgoId": "none"}),
        (-1130, "GET", "/fapi/v1/openAlgoOrders", {"algoType": "VP"}),
        (-1121, "GET", "/fapi/v1/openAlgoOrders", {"symbol": "NONE"}),
        (-1102, "GET", "/fapi/v1/allAlgoOrders", {}),
        (-1130, "GET", "/fapi/v1/allAlgoOrders", {"symbol": "BTCUSDT", "limit": 1001}),
        (-1102, "DELETE", "/fapi/v1/algoOpenOrders", {}),
    ],
)
def test_the_other_algo_requests_are_refused_alike(counter, code, method, path, params):
    assert counter.code(method, path, params) == (ERRORS[code].status, code)


def test_hedge_mode_wants_a_leg_and_no_reduce_only(floor):
    # nautilus_trader #4192 and #4231
    floor.ok("POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "true"})
    assert floor.code("POST", ALGO, floor.stop())[1] == -4061
    sent = floor.stop(positionSide="LONG", side="SELL", reduceOnly="true")
    assert floor.code("POST", ALGO, sent)[1] == -1106
    floor.wait(positionSide="LONG", side="SELL")
    opens = floor.stop(positionSide="LONG", quantity=None, closePosition="true")
    assert floor.code("POST", ALGO, opens)[1] == -4061


def test_two_open_ones_cannot_share_a_name(floor):
    floor.wait(clientAlgoId="same")
    assert floor.code("POST", ALGO, floor.stop(clientAlgoId="same"))[1] == -4116
    floor.ok("DELETE", ALGO, {"clientAlgoId": "same"})
    floor.wait(clientAlgoId="same")


def test_only_one_order_of_a_kind_may_close_a_leg(floor):
    closing = {"quantity": None, "closePosition": "true"}
    floor.wait(**closing)
    assert floor.code("POST", ALGO, floor.stop(**closing))[1] == -4130
    floor.wait(**closing, type="TAKE_PROFIT_MARKET", triggerPrice="58000")


def test_more_than_two_hundred_do_not_wait(floor):
    for number in range(200):
        floor.at += 50
        floor.wait(clientAlgoId=f"n{number}", symbol="ETHUSDT", triggerPrice="3100", quantity="1")
    assert floor.code("POST", ALGO, floor.stop())[1] == -4045


def test_a_halted_symbol_lets_nothing_wait(floor):
    floor.command(SetPhase("BTCUSDT", Phase.HALTED))
    assert floor.code("POST", ALGO, floor.stop())[1] == -4140


def test_the_greatest_callback_depends_on_the_era(make_counter):
    # change log 2026-10-23
    sent = {**TRAILING, "callbackRate": "15"}
    today, before = make_counter(), make_counter(era="2026-05")
    today.wait(**sent)
    assert before.code("POST", ALGO, before.stop(**sent))[1] == -1130


def test_an_algo_order_counts_on_the_order_pools_only(counter):
    served = counter.send("POST", ALGO, counter.stop())
    headers = dict(served.reply.headers)
    assert headers["x-mbx-used-weight-1m"] == "0"
    assert headers["x-mbx-order-count-10s"] == headers["x-mbx-order-count-1m"] == "1"


def test_order_test_still_knows_stop_types(counter):
    sent = counter.limit(type="STOP_MARKET", price=None, timeInForce=None, stopPrice="61000")
    reply = counter.ok("POST", "/fapi/v1/order/test", sent)
    assert (reply["type"], reply["origType"]) == ("STOP_MARKET", "STOP_MARKET")
    assert counter.code("POST", ORDER, sent)[1] == -4120
