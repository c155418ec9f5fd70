"""The venue as it was: eras are sets of switches, and fields that did not exist yet.

Source: official derivatives change log read through 2026-10-23.
"""

from __future__ import annotations

import pytest

from conformance.errors import UsageError
from conformance.model.commands import SetFunding, SetLast, SettleFunding
from conformance.venues.binance_usdm.facts import ERAS, SWITCHES
from tests.venues.shape import misfits

UNIT = 10**8
ORDER = "/fapi/v1/order"
NAME = {"symbol": "BTCUSDT", "origClientOrderId": "mine"}


def stop(counter, **changes):
    """A stop as it was placed until 2025-12-09."""
    sent = {"type": "STOP_MARKET", "price": None, "timeInForce": None, "stopPrice": "60500"}
    return counter.limit(newClientOrderId="mine", quantity="0.001", **{**sent, **changes})


@pytest.fixture
def old(make_counter):
    counter = make_counter(era="2025-11")
    counter.others("sell", 600_100, 50)
    counter.others("buy", 599_900, 50)
    counter.key_name = counter.ok("POST", "/fapi/v1/listenKey", signed=False)["listenKey"]
    assert counter.open(1, f"/ws/{counter.key_name}").private
    counter.frames()
    return counter


def told(counter):
    rows = [f["o"] for f in counter.frames(1) if f["e"] == "ORDER_TRADE_UPDATE"]
    return [(row["o"], row["ot"], row["X"], row["i"], row["er"]) for row in rows]


def test_every_era_is_a_choice_and_sets_known_switches():
    assert "today" in ERAS
    assert not ERAS["today"].switches
    assert not ERAS["today"].missing
    for era in ERAS.values():
        assert era.switches.keys() <= SWITCHES.keys()


def test_an_unknown_era_is_refused(make_counter):
    with pytest.raises(UsageError, match="era"):
        make_counter(era="1999")


def test_a_switch_set_by_hand_beats_its_era(make_counter):
    counter = make_counter(era="2025-11", legacy_conditional=False)
    assert counter.code("POST", ORDER, stop(counter))[1] == -4120
    assert "avgPrice" in counter.place()


def test_acks_carried_more_until_the_integration(make_counter):
    for era, more in (("today", False), ("2026-05", True), ("2025-11", True)):
        ack = make_counter(era=era).place()
        assert ("avgPrice" in ack, "cumQuote" in ack) == (more, more)


def test_streams_had_no_routes_before_2026_03(make_counter):
    for era, routed in (("today", True), ("2026-05", True), ("2026-01", False)):
        counter = make_counter(era=era)
        opened = counter.open(1, "/market/ws/btcusdt@markPrice@1s")
        assert opened.accepted is routed
        counter.open(2, "/ws/btcusdt@markPrice@1s")
        counter.until_quiet(counter.at + 1_000)
        assert bool(counter.frames(2)) is not routed


@pytest.mark.parametrize(
    ("era", "missing"),
    [("today", set()), ("2026-05", {"st"}), ("2026-01", {"st", "ap"})],
)
def test_mark_prices_lack_what_came_later(make_counter, era, missing):
    counter = make_counter(era=era, wrong_route="serve", unrouted_streams="all")
    counter.open(1, "/ws/!markPrice@arr@1s")
    counter.until_quiet(counter.at + 1_000)
    (rows,) = counter.frames(1)
    assert {"st", "ap"} - rows[0].keys() == missing


def test_user_events_and_replies_lack_what_came_later(old):
    old.close("0.005", side="BUY")
    old.place(newClientOrderId="mine", quantity="0.002")
    changed = {**NAME, "side": "BUY", "quantity": "0.003", "price": "59100", "modifyId": "4"}
    assert "modifyId" not in old.ok("PUT", ORDER, changed)
    old.command(SetFunding("BTCUSDT", 10_000, 8))
    old.command(SettleFunding("BTCUSDT", 10_000))
    frames = old.frames(1)
    assert all("M" not in f["o"] for f in frames if f["e"] == "ORDER_TRADE_UPDATE")
    funded = [f["a"] for f in frames if f.get("a", {}).get("m") == "FUNDING_FEE"]
    assert funded
    assert all("S" not in each for each in funded)
    assert "rateType" not in old.ok("GET", "/fapi/v1/fundingRate", signed=False)[0]


def test_all_orders_wanted_a_symbol(old):
    assert old.code("GET", "/fapi/v1/allOrders")[1] == -1102


def test_a_stop_was_an_order_among_others(old):
    ack = old.ok("POST", ORDER, stop(old))
    assert (ack["type"], ack["origType"], ack["stopPrice"]) == (
        "STOP_MARKET",
        "STOP_MARKET",
        "60500.00",
    )
    number = ack["orderId"]
    assert told(old) == [("STOP_MARKET", "STOP_MARKET", "NEW", number, "0")]
    assert old.ok("GET", ORDER, {"symbol": "BTCUSDT", "orderId": number})["status"] == "NEW"
    assert old.ok("GET", "/fapi/v1/openOrder", NAME)["orderId"] == number
    listed = old.ok("GET", "/fapi/v1/openOrders", {"symbol": "BTCUSDT"})
    assert [row["orderId"] for row in listed] == [number]
    assert old.ok("GET", "/fapi/v1/openAlgoOrders") == []
    assert old.code("GET", "/fapi/v1/algoOrder", {"algoId": number})[1] == -2013
    assert (
        old.code("PUT", ORDER, {**NAME, "side": "BUY", "quantity": "1", "price": "1"})[1] == -5025
    )
    assert old.code("POST", ORDER, stop(old))[1] == -4116


def test_a_stop_kept_its_id_when_it_fired(old):
    number = old.ok("POST", ORDER, stop(old))["orderId"]
    old.frames()
    old.command(SetLast("BTCUSDT", 60_500 * UNIT))
    assert told(old) == [
        ("STOP_MARKET", "STOP_MARKET", "EXPIRED", number, "8"),
        ("MARKET", "STOP_MARKET", "NEW", number, "0"),
        ("MARKET", "STOP_MARKET", "FILLED", number, "0"),
    ]
    row = old.ok("GET", ORDER, NAME)
    assert (row["orderId"], row["status"], row["origType"]) == (number, "FILLED", "STOP_MARKET")
    (trade,) = old.ok("GET", "/fapi/v1/userTrades", {"symbol": "BTCUSDT"})
    assert trade["orderId"] == number
    (history,) = old.ok("GET", "/fapi/v1/allOrders", {"symbol": "BTCUSDT"})
    assert history["orderId"] == number


def test_a_stop_was_cancelled_like_an_order(old):
    number = old.ok("POST", ORDER, stop(old))["orderId"]
    old.frames()
    assert old.ok("DELETE", ORDER, NAME)["status"] == "CANCELED"
    assert told(old) == [("STOP_MARKET", "STOP_MARKET", "CANCELED", number, "0")]
    assert old.code("DELETE", ORDER, NAME)[1] == -2011
    assert old.ok("GET", ORDER, NAME)["status"] == "CANCELED"
    old.ok("POST", ORDER, stop(old))
    old.ok("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    assert old.ok("GET", "/fapi/v1/openOrders") == []
    old.ok("POST", ORDER, stop(old))
    sent = {"symbol": "BTCUSDT", "origClientOrderIdList": '["mine"]'}
    (row,) = old.ok("DELETE", "/fapi/v1/batchOrders", sent)
    assert row["status"] == "CANCELED"


def test_a_refusal_at_the_trigger_was_an_event_of_its_own(old):
    number = old.ok("POST", ORDER, stop(old, reduceOnly="true"))["orderId"]
    old.frames()
    old.command(SetLast("BTCUSDT", 60_500 * UNIT))
    rejected = [f for f in old.frames(1) if f["e"] == "CONDITIONAL_ORDER_TRIGGER_REJECT"]
    assert misfits("user-trigger-reject", rejected[0]) == []
    assert [(f["or"]["i"], f["or"]["r"]) for f in rejected] == [
        (number, "ReduceOnly Order is rejected.")
    ]


def test_a_trailing_stop_told_its_activation_and_callback(old):
    sent = stop(old, type="TRAILING_STOP_MARKET", side="SELL", stopPrice=None)
    ack = old.ok("POST", ORDER, {**sent, "activationPrice": "60100", "callbackRate": "1"})
    assert (ack["activatePrice"], ack["priceRate"]) == ("60100.00", "1")
    (frame,) = old.frames(1)
    assert (frame["o"]["AP"], frame["o"]["cr"]) == ("60100.00", "1")


def test_a_batch_may_hold_stops(old):
    element = {"symbol": "BTCUSDT", "side": "BUY", "type": "STOP_MARKET", "quantity": "0.001"}
    sent = f'[{{"stopPrice":"60500",{str(element)[1:-1]}}}]'.replace("'", '"')
    (row,) = old.ok("POST", "/fapi/v1/batchOrders", {"batchOrders": sent})
    assert row["type"] == "STOP_MARKET"
