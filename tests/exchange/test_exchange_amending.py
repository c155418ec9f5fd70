"""Amending, cancelling, and the end of a symbol."""

from __future__ import annotations

import pytest

from conformance.exchange import trading
from conformance.model.events import (
    BookChanged,
    Cause,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    PhaseChanged,
)
from conformance.model.instruments import Phase
from conformance.model.orders import Side, Status, TimeInForce
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL


def test_an_amended_order_moves_and_keeps_its_identity(stage):
    order = stage.rest("a", BUY, 5, 90)
    stage.now += 7
    events = stage.amend(order, 91, 6)
    assert events == (
        OrderAmended(order, 90, 5),
        BookChanged("AAA", BUY, 90, 0),
        BookChanged("AAA", BUY, 91, 6),
    )
    assert (order.price, order.quantity, order.amendments) == (91, 6, 1)
    assert (order.created_ms, order.updated_ms) == (1_000, 1_007)
    assert stage.engine.open_orders("a", "AAA") == (order,)


def test_any_amendment_loses_time_priority(stage):
    first = stage.rest("a", SELL, 5, 100)
    stage.rest("b", SELL, 5, 100, client_id="second")
    stage.amend(first, 100, 4)
    events = stage.buy("c", 1, 100)
    makers = [e.fill.client_id for e in events if isinstance(e, OrderFilled) and e.fill.maker]
    assert makers == ["second"]


def test_amending_binds_and_frees_margin(stage):
    order = stage.rest("a", BUY, 10, 100)
    assert stage.position("a").bid_notional == 1000
    stage.amend(order, 90, 4)
    assert stage.position("a").bid_notional == 360
    assert stage.balance("a").open_order_initial_margin == 18


def test_an_amended_order_may_take(stage, kinds):
    stage.rest("b", SELL, 3, 100)
    order = stage.rest("a", BUY, 5, 90)
    events = stage.amend(order, 100, 5)
    assert kinds(events)[:3] == ["OrderAmended", "BookChanged", "TradePrinted"]
    assert (order.filled, order.status) == (3, Status.PARTIALLY_FILLED)
    assert stage.depth() == ([(100, 2)], [])
    stage.rest("b", SELL, 2, 101)
    stage.amend(order, 101, 5)
    assert order.status is Status.FILLED
    assert stage.engine.open_orders("a") == ()
    assert stage.depth() == ([], [])


@pytest.mark.parametrize("quantity", [3, 2])
def test_amending_to_what_is_filled_cancels(stage, quantity):
    order = stage.rest("a", BUY, 5, 100)
    stage.sell("b", 3, 100)
    events = stage.amend(order, 100, quantity)
    assert events == (OrderCancelled(order), BookChanged("AAA", BUY, 100, 0))
    assert (order.status, order.filled, order.quantity) == (Status.CANCELLED, 3, 5)


def test_amending_a_post_only_order_into_the_book_cancels(stage):
    stage.rest("b", SELL, 3, 100)
    order = stage.rest("a", BUY, 5, 90, tif=TimeInForce.POST_ONLY)
    assert stage.amend(order, 99, 5)[0] == OrderAmended(order, 90, 5)
    assert stage.amend(order, 100, 5)[0] == OrderCancelled(order)
    assert order.status is Status.CANCELLED


def test_amending_to_the_same_is_refused(stage, reason):
    order = stage.rest("a", BUY, 5, 90)
    assert reason(stage.amend(order, 90, 5)) is Reason.AMEND_NOTHING_CHANGED


def test_filters_hold_for_amendments_and_the_order_stays(stage, reason):
    order = stage.rest("a", BUY, 5, 90)
    assert reason(stage.amend(order, 151, 5)) is Reason.PRICE_ABOVE_BAND
    assert reason(stage.amend(order, 49, 1)) is Reason.NOTIONAL_BELOW_MIN
    assert reason(stage.amend(order, 90, 10_001)) is Reason.QUANTITY_ABOVE_MAX
    assert reason(stage.amend(order, 90, 0)) is Reason.QUANTITY_NOT_POSITIVE
    assert (order.price, order.quantity, order.amendments) == (90, 5, 0)
    assert stage.depth() == ([(90, 5)], [])


def test_amending_needs_margin_for_the_growth_only(stage, reason):
    stage.deposit("poor", 50)
    order = stage.rest("poor", BUY, 10, 100)
    assert reason(stage.amend(order, 100, 11)) is Reason.MARGIN_INSUFFICIENT
    stage.amend(order, 50, 20)
    assert stage.balance("poor").available == 0


def test_only_a_trading_symbol_lets_orders_be_amended(stage, reason):
    order = stage.rest("a", BUY, 5, 90)
    stage.phase(Phase.HALTED)
    assert reason(stage.amend(order, 91, 5)) is Reason.SYMBOL_NOT_TRADING


def test_only_limit_orders_can_be_amended(stage, reason):
    order = stage.rest("a", BUY, 5, None)
    assert reason(stage.amend(order, 91, 5)) is Reason.AMEND_NOT_LIMIT


def test_a_closed_order_can_neither_be_amended_nor_cancelled(stage, reason):
    order = stage.rest("a", BUY, 5, 90)
    stage.cancel(order)
    assert reason(stage.amend(order, 91, 5)) is Reason.UNKNOWN_ORDER
    assert reason(stage.cancel(order)) is Reason.UNKNOWN_ORDER


def test_amendments_are_counted_and_bounded(stage, reason, monkeypatch):
    assert trading.AMENDMENTS_MAX == 9_999
    monkeypatch.setattr(trading, "AMENDMENTS_MAX", 3)
    order = stage.rest("a", BUY, 5, 90)
    for price in (91, 92, 93):
        stage.amend(order, price, 5)
    assert reason(stage.amend(order, 94, 5)) is Reason.AMEND_TOO_OFTEN
    assert order.amendments == 3


def test_a_reduce_only_order_grows_no_further_than_the_position(stage, reason):
    stage.trade("a", "b", 10, 100)
    order = stage.rest("a", SELL, 4, 110, reduce_only=True)
    stage.rest("a", SELL, 3, 111, reduce_only=True)
    assert reason(stage.amend(order, 110, 8)) is Reason.REDUCE_ONLY_REJECTED
    stage.amend(order, 112, 7)
    assert stage.depth() == ([], [(111, 3), (112, 7)])


def test_an_amended_reduce_only_order_that_takes_knocks_out_nothing(stage):
    stage.trade("a", "b", 10, 100)
    order = stage.rest("a", SELL, 4, 110, reduce_only=True)
    other = stage.rest("a", SELL, 6, 111, reduce_only=True)
    stage.rest("c", BUY, 3, 99)
    stage.amend(order, 99, 4)
    assert (order.filled, other.status) == (3, Status.OPEN)
    assert stage.lots("a") == 7
    assert stage.depth() == ([], [(99, 1), (111, 6)])


def test_cancelling_frees_book_and_margin(stage):
    order = stage.rest("a", BUY, 10, 100)
    stage.sell("b", 4, 100)
    stage.now += 5
    events = stage.cancel(order)
    assert events == (OrderCancelled(order), BookChanged("AAA", BUY, 100, 0))
    assert (order.status, order.filled, order.updated_ms) == (Status.CANCELLED, 4, 1_005)
    assert stage.balance("a").open_order_initial_margin == 0
    assert stage.depth() == ([], [])


def test_cancelling_everything_keeps_to_account_and_symbol(stage, kinds):
    orders = [stage.rest("a", BUY, 1, price) for price in (90, 91)]
    other = [stage.rest("a", BUY, 1, 90, symbol="BBB"), stage.rest("b", BUY, 1, 90)]
    events = stage.cancel_all("a")
    assert kinds(events) == ["OrderCancelled", "BookChanged"] * 2
    assert [events[0].order, events[2].order] == orders
    assert {order.status for order in other} == {Status.OPEN}
    assert stage.cancel_all("a") == ()


def test_orders_can_be_cancelled_while_the_symbol_is_halted(stage):
    order = stage.rest("a", BUY, 1, 90)
    assert stage.phase(Phase.HALTED) == (PhaseChanged("AAA", Phase.HALTED),)
    assert order.status is Status.OPEN
    assert stage.cancel(order)[0] == OrderCancelled(order)


@pytest.mark.parametrize("phase", [Phase.DELIVERING, Phase.CLOSED])
def test_orders_expire_when_their_symbol_ends(stage, phase):
    orders = [stage.rest("a", BUY, 1, 90), stage.rest("b", SELL, 1, 110)]
    stage.rest("b", SELL, 1, 110, symbol="BBB")
    events = stage.phase(phase)
    ended = [e.order for e in events if isinstance(e, OrderExpired) and e.cause is Cause.DELISTED]
    assert ended == orders
    assert stage.depth() == ([], [])
    assert stage.depth("BBB") == ([], [(110, 1)])
