"""Orders that may only reduce: reduce-only in one-way mode, the closing side in hedge mode."""

from __future__ import annotations

import pytest

from conformance.model.events import BookChanged, Cause, OrderExpired
from conformance.model.orders import PositionSide, Side, Status
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


@pytest.fixture
def long(stage):
    """Account a is long 10 at 100."""
    stage.trade("a", "b", 10, 100)
    return stage


def knocked_out(events):
    return [
        event.order.client_id
        for event in events
        if isinstance(event, OrderExpired) and event.cause is Cause.REDUCE_ONLY_KNOCKED_OUT
    ]


def test_without_a_position_there_is_nothing_to_reduce(stage, reason):
    assert reason(stage.sell("a", 1, 100, reduce_only=True)) is Reason.REDUCE_ONLY_REJECTED
    assert reason(stage.buy("a", 1, reduce_only=True)) is Reason.REDUCE_ONLY_REJECTED


def test_an_order_in_the_direction_of_the_position_does_not_reduce(long, reason):
    assert reason(long.buy("a", 1, 100, reduce_only=True)) is Reason.REDUCE_ONLY_REJECTED
    assert reason(long.sell("b", 1, 100, reduce_only=True)) is Reason.REDUCE_ONLY_REJECTED


def test_a_reduce_only_order_is_trimmed_to_the_position(long):
    assert long.rest("a", SELL, 25, 110, reduce_only=True).quantity == 10
    assert long.depth() == ([], [(110, 10)])


def test_a_market_reduce_only_order_never_flips_the_position(long):
    long.rest("c", BUY, 50, 100)
    order = long.rest("a", SELL, 50, None, reduce_only=True)
    assert (order.quantity, order.status) == (10, Status.FILLED)
    assert long.lots("a") == 0


def test_resting_reduce_only_orders_together_never_exceed_the_position(long, reason):
    long.rest("a", SELL, 7, 110, reduce_only=True)
    assert long.rest("a", SELL, 7, 111, reduce_only=True).quantity == 3
    assert reason(long.sell("a", 1, 112, reduce_only=True)) is Reason.REDUCE_ONLY_REJECTED


def test_reduce_only_skips_the_least_notional_and_the_margin(long):
    long.mark(40)
    long.deposit("a", -long.balance("a").available)
    assert long.balance("a").available == 0
    order = long.rest("a", SELL, 1, 40, reduce_only=True)
    assert order.status is Status.OPEN
    assert long.position("a").open_order_initial_margin == 0


def test_a_shrinking_position_knocks_out_the_newest_reduce_only_orders(long):
    long.rest("a", SELL, 4, 110, reduce_only=True, client_id="old")
    long.rest("a", SELL, 6, 111, reduce_only=True, client_id="new")
    long.rest("c", BUY, 5, 100)
    events = long.sell("a", 5, 100)
    assert knocked_out(events) == ["new"]
    assert events[-2:] == (
        BookChanged("AAA", SELL, 111, 0),
        BookChanged("AAA", BUY, 100, 0),
    )
    assert long.depth() == ([], [(110, 4)])


def test_a_reduce_only_order_that_fills_knocks_out_nothing(long):
    long.rest("a", SELL, 4, 100, reduce_only=True)
    long.rest("a", SELL, 6, 101, reduce_only=True)
    assert knocked_out(long.buy("c", 5, 100)) == []
    assert long.lots("a") == 6
    assert knocked_out(long.buy("c", 6, 101)) == []
    assert long.lots("a") == 0


def test_a_partly_filled_reduce_only_order_keeps_its_claim_on_the_rest(long, reason):
    order = long.rest("a", SELL, 10, 100, reduce_only=True)
    long.buy("c", 4, 100)
    assert (order.filled, long.lots("a")) == (4, 6)
    assert reason(long.sell("a", 1, 110, reduce_only=True)) is Reason.REDUCE_ONLY_REJECTED
    long.cancel(order)
    assert long.rest("a", SELL, 9, 110, reduce_only=True).quantity == 6


def test_a_flipping_position_knocks_out_all_of_them(long):
    long.rest("a", SELL, 1, 110, reduce_only=True, client_id="only")
    long.rest("c", BUY, 50, 100)
    assert knocked_out(long.sell("a", 50, 100)) == ["only"]
    assert long.lots("a") == -40


def test_a_maker_is_knocked_out_before_it_could_overshoot(long):
    long.rest("a", SELL, 8, 100, client_id="plain")
    long.rest("a", SELL, 10, 100, reduce_only=True, client_id="closer")
    events = long.buy("c", 18, 100)
    assert knocked_out(events) == ["closer"]
    assert long.lots("a") == 2
    assert long.depth() == ([(100, 10)], [])


def test_in_hedge_mode_the_closing_side_may_not_exceed_the_leg(stage, reason):
    stage.hedge("a")
    stage.trade("a", "b", 10, 100, position_side=LONG)
    over = stage.sell("a", 11, 110, position_side=LONG)
    assert reason(over) is Reason.REDUCE_ONLY_REJECTED
    assert reason(stage.buy("a", 1, 90, position_side=SHORT)) is Reason.REDUCE_ONLY_REJECTED
    stage.rest("a", SELL, 7, 110, position_side=LONG)
    assert reason(stage.sell("a", 4, 110, position_side=LONG)) is Reason.REDUCE_ONLY_REJECTED
    stage.rest("a", SELL, 3, 110, position_side=LONG)


def test_in_hedge_mode_both_legs_live_side_by_side(stage):
    stage.hedge("a")
    stage.trade("a", "b", 10, 100, position_side=LONG)
    stage.rest("b", BUY, 4, 100)
    stage.sell("a", 4, 100, position_side=SHORT)
    assert (stage.lots("a", LONG), stage.lots("a", SHORT)) == (10, -4)
    sides = [row.position_side for row in stage.engine.positions("a", "AAA")]
    assert sides == [LONG, SHORT]


def test_in_hedge_mode_one_closer_fills_beside_another(stage):
    stage.hedge("a")
    stage.trade("a", "b", 20, 100, position_side=LONG)
    resting = stage.rest("a", SELL, 10, 110, position_side=LONG)
    stage.rest("c", BUY, 10, 100)
    events = stage.sell("a", 10, 100, position_side=LONG)
    assert knocked_out(events) == []
    assert stage.lots("a", LONG) == 10
    assert resting.status is Status.OPEN


def test_in_hedge_mode_an_opening_order_may_not_be_reduce_only(stage, reason):
    stage.hedge("a")
    stage.trade("a", "b", 10, 100, position_side=LONG)
    events = stage.buy("a", 1, 100, position_side=LONG, reduce_only=True)
    assert reason(events) is Reason.REDUCE_ONLY_REJECTED
    stage.rest("a", SELL, 1, 110, position_side=LONG, reduce_only=True)
