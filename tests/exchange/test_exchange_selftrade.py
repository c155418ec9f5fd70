"""Self-trade prevention: the taker's mode decides, what traded before stands (stp-faq, 2026-11)."""

from __future__ import annotations

import pytest

from conformance.model.commands import SetTradeGroup
from conformance.model.events import BookChanged, Cause, OrderExpired, OrderFilled
from conformance.model.orders import SelfTrade, Side, Status, TimeInForce
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
TAKER, MAKER, BOTH = SelfTrade.EXPIRE_TAKER, SelfTrade.EXPIRE_MAKER, SelfTrade.EXPIRE_BOTH


def expired(events):
    return [event.order for event in events if isinstance(event, OrderExpired)]


@pytest.fixture
def own(stage):
    """At 100 rest 3 lots of b, then 4 of a itself, then 5 of c."""
    stage.rest("b", SELL, 3, 100)
    order = stage.rest("a", SELL, 4, 100)
    stage.rest("c", SELL, 5, 100)
    return stage, order


@pytest.mark.parametrize(
    ("mode", "filled", "maker", "taker", "left"),
    [
        (MAKER, 8, Status.EXPIRED, Status.OPEN, []),
        (TAKER, 3, Status.OPEN, Status.EXPIRED, [(100, 9)]),
        (BOTH, 3, Status.EXPIRED, Status.EXPIRED, [(100, 5)]),
        (SelfTrade.NONE, 12, Status.FILLED, Status.OPEN, []),
    ],
)
def test_the_takers_mode_decides(own, mode, filled, maker, taker, left):
    stage, order = own
    events = stage.buy("a", 20, 100, self_trade=mode)
    entered = events[0].order
    assert entered.filled == filled
    assert order.status is maker
    resting = Status.PARTIALLY_FILLED if taker is Status.OPEN else taker
    assert entered.status is resting
    assert stage.depth()[1] == left
    causes = {event.cause for event in events if isinstance(event, OrderExpired)}
    assert causes <= {Cause.SELF_TRADE}


def test_a_taker_that_expires_at_once_changes_no_level(stage):
    stage.rest("a", SELL, 4, 100)
    events = stage.buy("a", 4, 100, self_trade=TAKER)
    assert [event for event in events if isinstance(event, BookChanged)] == []
    assert expired(events) == [events[0].order]


def test_an_amended_taker_expires_too(stage):
    stage.rest("a", SELL, 4, 100)
    order = stage.rest("a", BUY, 4, 90, self_trade=TAKER)
    events = stage.amend(order, 100, 4)
    assert expired(events) == [order]
    assert (order.status, events[-1].cause) == (Status.EXPIRED, Cause.SELF_TRADE)
    assert stage.depth() == ([], [(100, 4)])


@pytest.mark.parametrize("mode", [MAKER, BOTH])
def test_members_of_a_trade_group_do_not_meet(stage, mode):
    for name in "ab":
        stage.apply(SetTradeGroup(name, "house"))
    order = stage.rest("a", SELL, 4, 100)
    assert expired(stage.buy("b", 4, 100, self_trade=mode))[0] is order
    assert order.filled == 0
    stage.cancel_all("b")
    stage.rest("a", SELL, 4, 100)
    assert stage.rest("c", BUY, 4, 100).filled == 4


def test_orders_keep_the_group_they_were_placed_under(stage):
    stage.apply(SetTradeGroup("a", "house"))
    stage.apply(SetTradeGroup("b", "house"))
    order = stage.rest("a", SELL, 4, 100)
    stage.apply(SetTradeGroup("a", ""))
    assert stage.engine.trade_group("a") == ""
    stage.buy("b", 4, 100)
    assert order.status is Status.EXPIRED


def test_a_group_needs_an_account(stage, reason):
    assert reason(stage.apply(SetTradeGroup("nobody", "house"))) is Reason.UNKNOWN_ACCOUNT


@pytest.mark.parametrize(
    ("mode", "lots", "accepted"),
    [
        (MAKER, 8, True),
        (MAKER, 9, False),
        (TAKER, 3, True),
        (TAKER, 4, False),
        (BOTH, 4, False),
        (SelfTrade.NONE, 12, True),
        (SelfTrade.NONE, 13, False),
    ],
)
def test_fill_or_kill_counts_what_its_mode_lets_it_take(own, reason, mode, lots, accepted):
    stage, _ = own
    events = stage.buy("a", lots, 100, self_trade=mode, tif=TimeInForce.FOK)
    if accepted:
        assert events[0].order.filled == lots
    else:
        assert reason(events) is Reason.FOK_NOT_FILLABLE


@pytest.mark.parametrize(("start", "lots"), [(0, 4), (6, 4), (-6, 4), (2, 4)])
def test_trading_with_oneself_moves_fees_only(stage, start, lots):
    if start > 0:
        stage.trade("a", "b", start, 100)
    elif start < 0:
        stage.trade("b", "a", -start, 100)
    before = stage.balance("a").wallet + stage.position("a").unrealised
    stage.rest("a", SELL, lots, 105)
    events = stage.buy("a", lots, 105, self_trade=SelfTrade.NONE)
    fills = [event.fill for event in events if isinstance(event, OrderFilled)]
    fees = sum(fill.fee for fill in fills)
    assert [fill.maker for fill in fills] == [True, False]
    assert stage.lots("a") == start
    after = stage.balance("a").wallet + stage.position("a").unrealised
    assert (before - after) * 10**8 == fees
    assert stage.engine.ledger_sum("USDT") == 0
