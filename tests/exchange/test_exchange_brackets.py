"""Exits attached to an entry: real with its fills, one of the two, gone with the position."""

from __future__ import annotations

import pytest

from conformance.model.commands import Bracket, Exit
from conformance.model.events import (
    Cause,
    CommandRefused,
    ConditionalAccepted,
    ConditionalCancelled,
    ConditionalExpired,
    ConditionalRejected,
)
from conformance.model.orders import ConditionalStatus, Gauge, Kind, Side, TimeInForce
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
PAIR = Bracket(Exit(120, client_id="take"), Exit(90, client_id="stop"))
NEW, FINISHED = ConditionalStatus.NEW, ConditionalStatus.FINISHED


def accepted(events):
    return [event.conditional for event in events if isinstance(event, ConditionalAccepted)]


@pytest.fixture
def pair(stage):
    """Account a is long 10 at 100 and guarded; returns (stage, take, stop)."""
    stage.rest("a", BUY, 10, 100, bracket=PAIR)
    take, stop = accepted(stage.sell("b", 10, 100))
    return stage, take, stop


def test_exits_wait_for_the_whole_entry(stage):
    stage.rest("a", BUY, 10, 100, bracket=PAIR)
    assert stage.engine.open_conditionals("a") == ()
    assert accepted(stage.sell("b", 4, 100)) == []
    take, stop = accepted(stage.sell("b", 6, 100))
    assert [record.command.quantity for record in (take, stop)] == [10, 10]
    assert (take.command.kind, stop.command.kind) == (Kind.TAKE_PROFIT_MARKET, Kind.STOP_MARKET)
    assert all(record.command.reduce_only for record in (take, stop))
    assert {record.command.side for record in (take, stop)} == {SELL}
    assert stage.engine.conditional("a", client_id="stop") is stop


@pytest.mark.parametrize("end", ["cancel", "ioc"])
def test_exits_guard_what_was_filled_of_an_entry_that_ended(stage, end):
    if end == "ioc":
        stage.rest("b", SELL, 4, 100)
        records = accepted(stage.buy("a", 10, 100, bracket=PAIR, tif=TimeInForce.IOC))
    else:
        entry = stage.rest("a", BUY, 10, 100, bracket=PAIR)
        stage.sell("b", 4, 100)
        records = accepted(stage.cancel(entry))
    assert [record.command.quantity for record in records] == [4, 4]


def test_an_entry_that_never_filled_leaves_no_exits(stage):
    entry = stage.rest("a", BUY, 10, 100, bracket=PAIR)
    assert accepted(stage.cancel(entry)) == []
    assert list(stage.engine.conditionals("a")) == []


def test_early_exits_come_with_every_fill_and_only_the_first_pair_is_named(stage):
    stage.rest("a", BUY, 10, 100, bracket=PAIR._replace(early=True))
    first = accepted(stage.sell("b", 4, 100))
    second = accepted(stage.sell("b", 6, 100))
    assert [record.command.quantity for record in first + second] == [4, 4, 6, 6]
    names = [record.command.client_id for record in first + second]
    assert names == ["take", "stop", "", ""]


@pytest.mark.parametrize(("price", "number"), [(120, 0), (90, 1)])
def test_the_exit_that_triggers_cancels_the_other_once(pair, price, number):
    stage, *records = pair
    triggered, sibling = records[number], records[1 - number]
    stage.rest("c", BUY, 10, price)
    events = stage.gauge(Gauge.LAST, price)
    assert events.count(ConditionalCancelled(sibling, Cause.SIBLING_TRIGGERED)) == 1
    assert (triggered.status, triggered.order.filled) == (FINISHED, 10)
    assert stage.lots("a") == 0
    assert sibling.status is ConditionalStatus.CANCELLED


def test_a_rejected_exit_leaves_its_sibling_waiting(pair):
    stage, take, stop = pair
    stage.rest("a", SELL, 10, 130, reduce_only=True)
    stage.gauge(Gauge.LAST, 90)
    assert (stop.status, stop.reason) == (
        ConditionalStatus.REJECTED,
        Reason.REDUCE_ONLY_REJECTED,
    )
    assert take.status is NEW


def test_both_exits_expire_with_the_position(pair):
    stage, take, stop = pair
    stage.rest("c", BUY, 10, 100)
    events = stage.sell("a", 10, 100)
    for record in (take, stop):
        assert ConditionalExpired(record, Cause.POSITION_CLOSED) in events


def test_a_single_exit_has_no_sibling(stage):
    stage.rest("a", BUY, 10, 100, bracket=Bracket(stop_loss=Exit(90, 89, Gauge.MARK)))
    (stop,) = accepted(stage.sell("b", 10, 100))
    assert (stop.command.kind, stop.command.price, stop.sibling) == (Kind.STOP_LIMIT, 89, None)
    stage.mark(90)
    assert (stop.order.kind, stop.order.price) == (Kind.LIMIT, 89)


def test_a_limit_take_profit_enters_a_limit_order(stage):
    stage.rest("a", SELL, 10, 100, bracket=Bracket(Exit(90, 91)))
    (take,) = accepted(stage.buy("b", 10, 100))
    assert (take.command.kind, take.command.side) == (Kind.TAKE_PROFIT_LIMIT, BUY)


def test_an_exit_whose_price_has_passed_triggers_at_once_and_alone(stage):
    stage.gauge(Gauge.LAST, 100)
    bracket = Bracket(Exit(120, gauge=Gauge.MARK), Exit(95))
    stage.rest("a", BUY, 10, 100, bracket=bracket)
    stage.mark(120)
    take, stop = accepted(stage.sell("b", 10, 100))
    assert take.status is FINISHED
    assert stop.status is ConditionalStatus.CANCELLED


def test_exits_both_passed_do_not_both_trigger(stage):
    bracket = Bracket(Exit(120, gauge=Gauge.MARK), Exit(90, gauge=Gauge.INDEX))
    stage.rest("a", BUY, 10, 100, bracket=bracket)
    stage.mark(120)
    stage.gauge(Gauge.INDEX, 90)
    take, stop = accepted(stage.sell("b", 10, 100))
    assert [take.order is None, stop.order is None] == [False, True]


def test_exits_of_an_order_that_only_reduced_are_rejected(stage):
    stage.trade("b", "a", 20, 100)
    stage.rest("a", BUY, 10, 100, bracket=PAIR)
    events = stage.sell("c", 10, 100)
    rejected = [event.reason for event in events if isinstance(event, ConditionalRejected)]
    assert rejected == [Reason.NO_POSITION_TO_BIND] * 2
    assert stage.engine.open_conditionals("a") == ()


@pytest.mark.parametrize(
    ("side", "take", "stop", "expected"),
    [
        (BUY, 100, 90, Reason.TAKE_PROFIT_WRONG_SIDE),
        (BUY, 110, 100, Reason.STOP_LOSS_WRONG_SIDE),
        (SELL, 100, 110, Reason.TAKE_PROFIT_WRONG_SIDE),
        (SELL, 90, 100, Reason.STOP_LOSS_WRONG_SIDE),
        (BUY, 110, 0, Reason.TRIGGER_NOT_POSITIVE),
    ],
)
@pytest.mark.parametrize("price", [100, None])
def test_exits_lie_on_their_sides_of_the_entry(stage, reason, side, take, stop, expected, price):
    events = stage.place("a", side, 10, price, bracket=Bracket(Exit(take), Exit(stop)))
    assert reason(events) is expected


def test_a_limit_exit_needs_a_price_and_a_closer_takes_no_exits(stage, reason):
    events = stage.buy("a", 10, 100, bracket=Bracket(Exit(120, 0)))
    assert reason(events) is Reason.PRICE_NOT_POSITIVE
    stage.trade("a", "b", 10, 100)
    closer = stage.sell("a", 5, 100, reduce_only=True, bracket=PAIR)
    assert reason(closer) is Reason.BRACKET_ON_CLOSER
    assert not isinstance(stage.sell("a", 5, 100, reduce_only=True)[0], CommandRefused)
