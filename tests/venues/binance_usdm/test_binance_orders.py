"""What happens to orders, and how it is told by reply and by query.

Source: usds-margined-futures/trade, 2026-05-28; integration notice, 2026-06-24.
"""

from __future__ import annotations

import json

import pytest

from conformance.model.commands import Deposit
from conformance.model.wire import Topic

ORDER = "/fapi/v1/order"
BATCH = "/fapi/v1/batchOrders"
MARKET = {"type": "MARKET", "timeInForce": None, "price": None}
DAY_MS = 24 * 3600 * 1000


def named(order_id):
    return {"symbol": "BTCUSDT", "orderId": order_id}


def by_client(client_id):
    return {"symbol": "BTCUSDT", "origClientOrderId": client_id}


def amendment(**changes):
    return {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.02", "price": "59100", **changes}


def test_an_acknowledgement_says_new_even_when_it_filled(counter):
    counter.others("sell", 600_000, 5)
    order = counter.place(**MARKET, quantity="0.005")
    assert (order["status"], order["executedQty"], order["price"]) == ("NEW", "0.000", "0.00")
    found = counter.ok("GET", ORDER, named(order["orderId"]))
    assert (found["status"], found["executedQty"]) == ("FILLED", "0.005")
    assert (found["avgPrice"], found["cumQuote"]) == ("60000.00000", "300.00000")
    assert found["timeInForce"] == "GTC"


@pytest.mark.parametrize(
    ("changes", "status", "executed"),
    [
        ({**MARKET, "quantity": "0.005"}, "FILLED", "0.005"),
        ({**MARKET, "quantity": "0.006"}, "EXPIRED", "0.005"),
        ({"timeInForce": "IOC", "price": "60000", "quantity": "0.006"}, "EXPIRED", "0.005"),
        ({"timeInForce": "FOK", "price": "60000", "quantity": "0.005"}, "FILLED", "0.005"),
        ({"timeInForce": "GTC", "price": "60000", "quantity": "0.006"}, "NEW", "0.000"),
    ],
)
def test_a_result_says_how_an_immediate_order_ended(counter, changes, status, executed):
    counter.others("sell", 600_000, 5)
    order = counter.place(**changes, newOrderRespType="RESULT")
    assert (order["status"], order["executedQty"]) == (status, executed)


def test_acknowledgements_of_2025_had_two_fields_more(make_counter):
    counter = make_counter(legacy_ack_fields=True)
    counter.others("sell", 600_000, 5)
    order = counter.place(**MARKET, quantity="0.005", newOrderRespType="RESULT")
    assert (order["avgPrice"], order["cumQuote"]) == ("60000.00000", "300.00000")
    assert counter.place()["avgPrice"] == "0.00000"


def test_an_order_without_a_client_id_gets_one(counter):
    first, second = counter.place(), counter.place()
    assert len(first["clientOrderId"]) == 22
    assert first["clientOrderId"] != second["clientOrderId"]


def test_ids_increase_and_belong_to_a_symbol(counter):
    first, second = counter.place(), counter.place()
    assert second["orderId"] > first["orderId"]
    other = counter.place(symbol="ETHUSDT", price="2950", quantity="1")
    wrong = {"symbol": "ETHUSDT", "orderId": second["orderId"] + 5}
    assert counter.code("GET", ORDER, wrong)[1] == -2013
    assert counter.ok("GET", ORDER, {"symbol": "ETHUSDT", "orderId": other["orderId"]})


def test_the_order_id_wins_over_the_client_id(counter):
    order = counter.place(newClientOrderId="one")
    both = {**named(order["orderId"]), "origClientOrderId": "unheard-of"}
    assert counter.ok("GET", ORDER, both)["clientOrderId"] == "one"


def test_numbers_are_padded_to_their_precision(counter):
    order = counter.place(price="59000.1", quantity="0.01")
    assert (order["price"], order["origQty"], order["stopPrice"]) == ("59000.10", "0.010", "0.00")
    order = counter.place(symbol="SOLUSDT", price="149.990000", quantity="1.0")
    assert (order["price"], order["origQty"]) == ("149.9900", "1.00")


def test_a_partial_fill_survives_the_cancel(counter):
    order = counter.place(newClientOrderId="mine")
    counter.others("sell", 590_000, 4)
    ended = counter.ok("DELETE", ORDER, by_client("mine"))
    assert (ended["status"], ended["executedQty"]) == ("CANCELED", "0.004")
    assert counter.code("DELETE", ORDER, named(order["orderId"]))[1] == -2011
    assert counter.code("GET", "/fapi/v1/openOrder", by_client("mine"))[1] == -2013


def test_cancel_all_ends_the_orders_of_one_symbol(counter):
    counter.place()
    counter.place(symbol="ETHUSDT", price="2950", quantity="1")
    done = counter.ok("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    assert done["code"] == 200
    assert counter.ok("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"}) == done
    assert [row["symbol"] for row in counter.ok("GET", "/fapi/v1/openOrders")] == ["ETHUSDT"]


# Good till date, price match, self-trade prevention


def test_a_good_till_date_order_ends_by_itself(counter):
    date = counter.at + 700_123
    order = counter.place(timeInForce="GTD", goodTillDate=date)
    assert order["goodTillDate"] == date // 1000 * 1000
    assert counter.server.due() == order["goodTillDate"]
    counter.until_quiet(order["goodTillDate"])
    found = counter.ok("GET", ORDER, named(order["orderId"]))
    assert (found["status"], found["timeInForce"]) == ("EXPIRED", "GTD")


def test_what_is_due_happens_before_the_next_request(counter):
    order = counter.place(timeInForce="GTD", goodTillDate=counter.at + 700_000)
    counter.at += 700_000
    assert counter.code("DELETE", ORDER, named(order["orderId"]))[1] == -2011


@pytest.mark.parametrize(
    ("match", "side", "price"),
    [
        ("OPPONENT", "BUY", "60000.00"),
        ("OPPONENT_5", "BUY", "60004.00"),
        ("QUEUE", "BUY", "59000.00"),
        ("QUEUE_5", "BUY", "58996.00"),
        ("OPPONENT", "SELL", "59000.00"),
        ("QUEUE", "SELL", "60000.00"),
    ],
)
def test_a_price_may_be_matched_to_the_book(counter, match, side, price):
    for number in range(5):
        counter.others("sell", 600_000 + 10 * number, 1)
        counter.others("buy", 590_000 - 10 * number, 1)
    order = counter.place(side=side, price=None, priceMatch=match)
    assert (order["price"], order["priceMatch"]) == (price, match)


def test_a_match_without_enough_depth_is_refused(counter):
    counter.others("buy", 590_000, 1)
    sent = counter.limit(price=None, priceMatch="QUEUE_5")
    assert counter.code("POST", ORDER, sent)[1] == -5041


def test_an_own_maker_expires_in_match(counter):
    counter.user_stream()
    maker = counter.place(side="SELL", price="60000", newClientOrderId="maker")
    counter.frames()
    mode = "EXPIRE_MAKER"
    taker = counter.place(price="60000", newClientOrderId="taker", selfTradePreventionMode=mode)
    assert taker["selfTradePreventionMode"] == mode
    assert counter.ok("GET", ORDER, named(maker["orderId"]))["status"] == "EXPIRED_IN_MATCH"
    told = [(f["o"]["c"], f["o"]["x"], f["o"]["X"], f["o"]["er"]) for f in counter.frames(1)]
    assert told == [("taker", "NEW", "NEW", "0"), ("maker", "EXPIRED", "EXPIRED_IN_MATCH", "1")]


# Post-only and fill-or-kill: both surfaces are documented


@pytest.mark.parametrize(
    ("switch", "time", "code"), [("gtx_surface", "GTX", -5022), ("fok_surface", "FOK", -5021)]
)
def test_an_impossible_order_may_be_told_by_event(make_counter, switch, time, code):
    strict = make_counter()
    strict.others("sell", 590_000, 5)
    assert strict.code("POST", ORDER, strict.limit(timeInForce=time))[1] == code
    counter = make_counter(**{switch: "expire"})
    counter.user_stream()
    counter.others("sell", 590_000, 5)
    counter.frames()
    order = counter.place(timeInForce=time)
    assert order["status"] == "NEW"
    steps = [(f["o"]["i"], f["o"]["x"], f["o"]["X"]) for f in counter.frames(1)]
    assert steps == [
        (order["orderId"], "NEW", "NEW"),
        (order["orderId"], "EXPIRED", "EXPIRED"),
    ]
    assert counter.ok("GET", ORDER, named(order["orderId"]))["status"] == "EXPIRED"
    # "The order will not be recorded in the order history" is said of the refusal
    assert strict.ok("GET", "/fapi/v1/allOrders", {"symbol": "BTCUSDT"}) == []
    other = counter.limit(quantity="0.00")
    assert counter.code("POST", ORDER, other)[1] == -4003


def test_a_post_only_order_that_rests_says_gtx(counter):
    assert counter.place(timeInForce="GTX")["timeInForce"] == "GTX"


# Amendments


def test_an_amendment_keeps_ids_and_loses_priority(counter):
    order = counter.place(newClientOrderId="mine")
    counter.others("buy", 590_000, 5)
    changed = counter.ok(
        "PUT", ORDER, amendment(origClientOrderId="mine", price="59000.0", modifyId="12")
    )
    assert (changed["orderId"], changed["modifyId"]) == (order["orderId"], 12)
    assert (changed["origQty"], changed["price"]) == ("0.020", "59000.00")
    counter.others("sell", None, 5, account="testee")
    assert counter.ok("GET", ORDER, by_client("mine"))["executedQty"] == "0.000"


def test_an_amendment_without_an_id_echoes_none(counter):
    counter.user_stream()
    counter.place(newClientOrderId="mine")
    counter.ok("PUT", ORDER, amendment(origClientOrderId="mine", modifyId="12"))
    assert counter.frames(1)[-1]["o"]["M"] == "12"
    changed = counter.ok("PUT", ORDER, amendment(origClientOrderId="mine", price="59200"))
    assert "modifyId" not in changed
    assert "M" not in counter.frames(1)[-1]["o"]


def test_an_amendment_below_what_was_filled_cancels(counter):
    counter.place(newClientOrderId="mine")
    counter.others("sell", 590_000, 4)
    changed = counter.ok("PUT", ORDER, amendment(origClientOrderId="mine", quantity="0.004"))
    assert changed["status"] == "CANCELED"


def test_an_amendment_may_match_its_price(counter):
    counter.others("buy", 589_000, 1)
    counter.place(newClientOrderId="mine", price="58000")
    changed = counter.ok(
        "PUT",
        ORDER,
        {**by_client("mine"), "side": "BUY", "quantity": "0.02", "priceMatch": "QUEUE"},
    )
    assert (changed["price"], changed["priceMatch"]) == ("58900.00", "QUEUE")


def test_an_amended_reduce_only_order_may_skip_the_least_notional(counter):
    # change log 2026-09-10
    counter.others("sell", 600_000, 10)
    counter.place(**MARKET, quantity="0.010")
    counter.place(side="SELL", price="60100", reduceOnly="true", newClientOrderId="out")
    small = {**by_client("out"), "side": "SELL", "quantity": "0.000", "price": "60100"}
    assert counter.code("PUT", ORDER, small)[1] == -5029
    small["quantity"] = "0.001"
    counter.ok("PUT", ORDER, {**small, "reduceOnly": "true"})


# Batches


def test_elements_of_a_batch_stand_alone(counter):
    good = counter.limit(newClientOrderId="a")
    rows = counter.ok(
        "POST",
        BATCH,
        {"batchOrders": json.dumps([good, counter.limit(symbol="NONE"), {**good, "price": 59100}])},
    )
    assert [row.get("code") for row in rows] == [None, -1121, -4116]
    assert rows[1]["msg"] == "Invalid symbol."


def test_elements_may_hold_numbers_and_booleans(counter):
    sent = {**counter.limit(), "quantity": 0.01, "price": 59000, "reduceOnly": False, "x": None}
    (row,) = counter.ok("POST", BATCH, {"batchOrders": json.dumps([sent])}, body=True)
    assert (row["origQty"], row["price"], row["reduceOnly"]) == ("0.010", "59000.00", False)


def test_a_batch_amends_each_order(counter):
    counter.place(newClientOrderId="a")
    elements = [amendment(origClientOrderId="a"), amendment(origClientOrderId="b")]
    rows = counter.ok("PUT", BATCH, {"batchOrders": json.dumps(elements)})
    assert rows[0]["price"] == "59100.00"
    assert rows[1]["code"] == -2013


def test_a_batch_cancels_by_either_kind_of_id_whatever_the_case(counter):
    # ccxt 4.5.90 sends lower-case names
    ids = [counter.place(newClientOrderId=name)["orderId"] for name in "abc"]
    rows = counter.ok("DELETE", BATCH, {"symbol": "BTCUSDT", "orderidlist": f"[{ids[0]},7]"})
    assert rows[0]["status"] == "CANCELED"
    assert rows[1] == {"code": -2011, "msg": "Unknown order sent."}
    rows = counter.ok("DELETE", BATCH, {"symbol": "BTCUSDT", "orderIdList": f'["{ids[1]}","x"]'})
    assert [row.get("status") for row in rows] == ["CANCELED", None]
    rows = counter.ok("DELETE", BATCH, {"symbol": "BTCUSDT", "origClientOrderIdList": '["c","d"]'})
    assert [row.get("code") for row in rows] == [None, -2011]


# History


def test_orders_are_forgotten_after_three_days_without_a_fill_and_ninety_with(counter):
    bare = counter.place(newClientOrderId="bare")
    filled = counter.place(newClientOrderId="filled")
    counter.others("sell", 590_000, 14)
    counter.ok("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    other = counter.place(newClientOrderId="other")
    counter.ok("DELETE", ORDER, by_client("other"))
    counter.at += 3 * DAY_MS
    assert counter.ok("GET", ORDER, named(other["orderId"]))
    counter.at += 1
    assert counter.code("GET", ORDER, named(other["orderId"]))[1] == -2013
    assert counter.ok("GET", ORDER, named(bare["orderId"]))["status"] == "FILLED"
    counter.at += 87 * DAY_MS
    assert counter.code("GET", ORDER, named(filled["orderId"]))[1] == -2013


def test_all_orders_are_listed_by_id_time_and_limit(counter):
    placed = []
    for number in range(4):
        placed.append(counter.place(newClientOrderId=f"n{number}")["orderId"])
        counter.at += 1000
    symbol = {"symbol": "BTCUSDT"}
    path = "/fapi/v1/allOrders"
    ids = lambda **more: [row["orderId"] for row in counter.ok("GET", path, {**symbol, **more})]  # noqa: E731
    assert ids() == placed
    assert ids(limit=2) == placed[2:]
    assert ids(orderId=placed[1], limit=2) == placed[1:3]
    assert ids(startTime=counter.at - 3000, endTime=counter.at - 2000) == placed[1:3]
    assert ids(endTime=counter.at - 3000) == placed[:2]
    counter.at += 8 * DAY_MS
    assert ids() == []


def test_executions_are_listed_by_order_id_and_time(counter):
    orders = []
    for number in range(3):
        counter.others("sell", 600_000 + number, 2)
        orders.append(counter.place(**MARKET, quantity="0.002")["orderId"])
        counter.at += 1000
    path, symbol = "/fapi/v1/userTrades", {"symbol": "BTCUSDT"}
    rows = counter.ok("GET", path, symbol)
    assert [row["orderId"] for row in rows] == orders
    assert rows[0]["commission"] == "0.06000000"
    assert (rows[0]["buyer"], rows[0]["maker"]) == (True, False)
    assert (rows[0]["quoteQty"], rows[0]["qty"]) == ("120.00000", "0.002")
    assert len(counter.ok("GET", path, {**symbol, "orderId": orders[1]})) == 1
    assert len(counter.ok("GET", path, {**symbol, "fromId": rows[1]["id"]})) == 2
    assert len(counter.ok("GET", path, {**symbol, "startTime": counter.at - 2000})) == 2
    assert counter.ok("GET", path, {**symbol, "limit": 1}) == rows[2:]


# Commands from outside, and what only they can do


def test_a_command_the_core_refuses_is_the_callers_fault(counter):
    with pytest.raises(ValueError, match="balance-insufficient"):
        counter.command(Deposit("testee", "USDT", -(10**20)))


def test_another_participants_order_moves_ours(counter):
    counter.user_stream()
    counter.place()
    counter.frames()
    counter.others("sell", 590_000, 4)
    assert {push.topic for push in counter.pushes} == {Topic.FILLS, Topic.ACCOUNT, Topic.ORDERS}
