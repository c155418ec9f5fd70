"""What is kept, for how long, and that nothing else is."""

from __future__ import annotations

import gc

import pytest

from conformance.exchange import resting
from conformance.exchange.settings import (
    CLOSED_ORDERS_RETAINED,
    EXPIRY_SLACK,
    FILLS_RETAINED,
    TRADES_RETAINED,
)
from conformance.model.orders import PositionSide, Side, Status, TimeInForce

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(resting, "CLOSED_ORDERS_RETAINED", 3)


@pytest.mark.usefixtures("short")
def test_the_oldest_closed_order_is_forgotten_first(stage):
    orders = [stage.rest("a", BUY, 1, 90, client_id=f"n{number}") for number in range(5)]
    for order in orders:
        stage.cancel(order)
    assert list(stage.engine.orders("a", "AAA")) == orders[2:]
    assert stage.engine.order("a", "AAA", order_id=orders[0].order_id) is None
    assert stage.engine.order("a", "AAA", client_id="n1") is None
    assert stage.engine.order("a", "AAA", client_id="n2") is orders[2]


@pytest.mark.usefixtures("short")
def test_open_orders_are_never_forgotten(stage):
    first = stage.rest("a", BUY, 1, 89)
    for _ in range(10):
        stage.cancel(stage.rest("a", BUY, 1, 90))
    assert stage.engine.order("a", "AAA", order_id=first.order_id) is first
    assert next(stage.engine.orders("a", "AAA")) is first


@pytest.mark.usefixtures("short")
def test_forgetting_an_order_leaves_the_newer_one_of_its_client_id(stage):
    stage.cancel(stage.rest("a", BUY, 1, 90, client_id="same"))
    newer = stage.rest("a", BUY, 1, 90, client_id="same")
    for _ in range(3):
        stage.cancel(stage.rest("a", BUY, 1, 91))
    assert newer.status is Status.OPEN
    assert stage.engine.order("a", "AAA", client_id="same") is newer


def test_a_hundred_thousand_orders_leave_memory_flat(stage):
    def churn(count):
        for _ in range(count):
            stage.cancel(stage.rest("a", BUY, 1, 90))

    churn(CLOSED_ORDERS_RETAINED)
    gc.collect()
    before = len(gc.get_objects())
    churn(100_000)
    gc.collect()
    assert len(gc.get_objects()) - before < 100
    holding = stage.engine._holding("a", "AAA")
    sizes = [len(kept) for kept in (holding.orders, holding.by_client, holding.closed)]
    assert sizes == [CLOSED_ORDERS_RETAINED] * 3
    leg = holding.legs[PositionSide.NET]
    left = [holding.open, holding.account.client_ids, leg.closers, leg.bids]
    assert not any(left)


def test_dated_orders_that_end_early_leave_the_agenda(stage):
    living = stage.rest("a", BUY, 1, 91, tif=TimeInForce.GTD, expire_at=10**9)
    for _ in range(1_000):
        stage.cancel(stage.rest("a", BUY, 1, 90, tif=TimeInForce.GTD, expire_at=10**9))
    assert len(stage.engine._state.agenda) <= EXPIRY_SLACK + 3
    for _ in range(1_000):
        stage.cancel(stage.rest("a", BUY, 1, 90))
    assert stage.engine.due() == 10**9
    assert stage.engine.advance(10**9)[0].order is living


def test_executions_and_trades_are_bounded(stage):
    holding = stage.engine._holding("a", "AAA")
    assert holding.fills.maxlen == FILLS_RETAINED
    assert holding.market.trades.maxlen == TRADES_RETAINED
