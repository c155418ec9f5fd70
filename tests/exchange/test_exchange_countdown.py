"""Countdowns: per account and symbol, replaced by each call, called off by None."""

from __future__ import annotations

from conformance.model.commands import SetCountdown
from conformance.model.events import Cause, CountdownChanged, OrderCancelled
from conformance.model.orders import ConditionalStatus, Kind, Side, Status
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL


def start(stage, at, account="a", symbol="AAA"):
    return stage.apply(SetCountdown(account, symbol, at))


def test_at_its_instant_everything_that_rests_is_cancelled(stage):
    mine = [stage.rest("a", BUY, 1, 90 + number) for number in range(3)]
    others = stage.rest("b", BUY, 1, 90)
    elsewhere = stage.rest("a", BUY, 1, 90, symbol="BBB")
    waiting = stage.wait("a", BUY, Kind.STOP_MARKET, 1, trigger=110)
    assert start(stage, 2_000) == (CountdownChanged("a", "AAA", 2_000),)
    assert (stage.engine.countdown("a", "AAA"), stage.engine.due()) == (2_000, 2_000)
    assert stage.engine.advance(1_999) == ()
    events = stage.engine.advance(2_000)
    assert events[0] == CountdownChanged("a", "AAA", None)
    cancelled = [event for event in events if isinstance(event, OrderCancelled)]
    assert cancelled == [OrderCancelled(order, Cause.COUNTDOWN) for order in mine]
    assert {order.status for order in mine} == {Status.CANCELLED}
    assert (others.status, elsewhere.status) == (Status.OPEN, Status.OPEN)
    assert waiting.status is ConditionalStatus.NEW
    assert stage.engine.countdown("a", "AAA") is None
    assert stage.engine.due() is None


def test_a_new_call_replaces_the_old_one_and_none_calls_it_off(stage):
    order = stage.rest("a", BUY, 1, 90)
    start(stage, 2_000)
    start(stage, 3_000)
    start(stage, 2_500, symbol="BBB")
    assert stage.engine.due() == 2_500
    stage.engine.advance(2_999)
    assert stage.engine.due() == 3_000
    assert start(stage, None) == (CountdownChanged("a", "AAA", None),)
    assert stage.engine.advance(9_999) == ()
    assert order.status is Status.OPEN
    assert start(stage, None) == (CountdownChanged("a", "AAA", None),)


def test_the_past_and_the_unknown_are_refused(stage, reason):
    assert reason(start(stage, stage.now)) is Reason.EXPIRY_IN_THE_PAST
    assert reason(start(stage, 5_000, account="nobody")) is Reason.UNKNOWN_ACCOUNT
    assert reason(start(stage, 5_000, symbol="XYZ")) is Reason.UNKNOWN_SYMBOL
    assert stage.engine.due() is None


def test_countdowns_and_dated_orders_end_in_the_order_of_their_instants(stage, kinds):
    stage.rest("a", BUY, 1, 90)
    start(stage, 2_000)
    dated = {"tif": stage.order("a", BUY, 1, 1).time_in_force.GTD, "expire_at": 1_500}
    stage.rest("a", SELL, 1, 110, **dated)
    assert kinds(stage.engine.advance(5_000)) == [
        "OrderExpired",
        "BookChanged",
        "CountdownChanged",
        "OrderCancelled",
        "BookChanged",
    ]
