"""How orders meet: price first, then time, and what each time in force leaves behind."""

from __future__ import annotations

from conformance.model.events import (
    BalanceChanged,
    BookChanged,
    Cause,
    OrderExpired,
    OrderFilled,
    PositionChanged,
    TradePrinted,
)
from conformance.model.orders import Kind, Side, Status, TimeInForce
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL


def trades(events):
    return [(e.trade.price, e.trade.quantity) for e in events if isinstance(e, TradePrinted)]


def expiries(events):
    return [
        (event.order.client_id, event.cause) for event in events if isinstance(event, OrderExpired)
    ]


def test_an_order_that_meets_nobody_rests(stage, kinds):
    events = stage.buy("a", 3, 99)
    assert kinds(events) == ["OrderAccepted", "BookChanged"]
    assert events[1] == BookChanged("AAA", BUY, 99, 3)
    assert events[0].order.status is Status.OPEN
    assert stage.depth() == ([(99, 3)], [])


def test_the_best_price_trades_first_and_then_the_earliest(stage):
    stage.rest("a", SELL, 1, 102, client_id="dear")
    stage.rest("a", SELL, 1, 101, client_id="early")
    stage.rest("b", SELL, 1, 101, client_id="late")
    events = stage.buy("c", 3, 102)
    makers = [e.fill.client_id for e in events if isinstance(e, OrderFilled) and e.fill.maker]
    assert makers == ["early", "late", "dear"]
    assert trades(events) == [(101, 1), (101, 1), (102, 1)]


def test_each_trade_tells_maker_then_taker_money_before_order(stage, kinds):
    stage.rest("a", SELL, 5, 100)
    events = stage.buy("b", 2, 100)
    assert kinds(events) == [
        "OrderAccepted",
        "TradePrinted",
        *(["BalanceChanged", "PositionChanged", "OrderFilled"] * 2),
        "BookChanged",
    ]
    told = [e.account for e in events if isinstance(e, BalanceChanged | PositionChanged)]
    assert told == ["a", "a", "b", "b"]
    assert events[-1] == BookChanged("AAA", SELL, 100, 3)


def test_a_fill_carries_the_figures_of_its_own_step(stage):
    stage.rest("a", SELL, 2, 100)
    stage.rest("a", SELL, 2, 101)
    events = stage.buy("b", 4, 101, client_id="taker")
    steps = [
        (e.filled, e.cost, e.status)
        for e in events
        if isinstance(e, OrderFilled) and e.fill.client_id == "taker"
    ]
    unit = 10**8
    assert steps == [
        (2, 200 * unit, Status.PARTIALLY_FILLED),
        (4, 402 * unit, Status.FILLED),
    ]
    legs = [e for e in events if isinstance(e, PositionChanged) and e.account == "b"]
    assert [(leg.lots, leg.cost) for leg in legs] == [(2, 200 * unit), (4, 402 * unit)]


def test_what_a_limit_order_cannot_take_rests_at_its_price(stage):
    stage.rest("a", SELL, 2, 100)
    order = stage.rest("b", BUY, 5, 101)
    assert (order.status, order.filled) == (Status.PARTIALLY_FILLED, 2)
    assert stage.depth() == ([(101, 3)], [])


def test_ids_count_up_within_a_symbol(stage):
    first = stage.rest("a", SELL, 2, 100)
    second = stage.rest("a", SELL, 2, 100)
    other = stage.rest("a", SELL, 2, 100, symbol="BBB")
    assert second.order_id == first.order_id + 1
    assert other.order_id == first.order_id
    stage.buy("b", 4)
    stage.buy("b", 1, symbol="BBB")
    assert [trade.trade_id for trade in stage.engine.trades("AAA")] == [1, 2]
    assert [trade.trade_id for trade in stage.engine.trades("BBB")] == [1]


def test_the_rest_of_an_immediate_order_expires(stage):
    stage.rest("a", SELL, 2, 100)
    events = stage.buy("b", 5, 100, tif=TimeInForce.IOC, client_id="x")
    assert trades(events) == [(100, 2)]
    assert expiries(events) == [("x", Cause.IOC_REMAINDER)]
    assert events[-1].order.status is Status.EXPIRED
    assert events[-1].order.filled == 2
    assert stage.depth() == ([], [])


def test_the_rest_of_a_market_order_expires(stage):
    events = stage.buy("b", 5, client_id="x")
    assert expiries(events) == [("x", Cause.MARKET_REMAINDER)]
    assert stage.engine.open_orders("b") == ()


def test_a_market_order_takes_no_further_than_its_bound_from_mark(stage):
    for price in (109, 110, 111):
        stage.rest("a", SELL, 1, price)
    events = stage.buy("b", 3, client_id="x")
    assert trades(events) == [(109, 1), (110, 1)]
    assert expiries(events) == [("x", Cause.MARKET_REMAINDER)]
    for price in (91, 90, 89):
        stage.rest("a", BUY, 1, price)
    assert trades(stage.sell("b", 3)) == [(91, 1), (90, 1)]


def test_fill_or_kill_trades_whole_or_is_refused_whole(stage, reason):
    stage.rest("a", SELL, 2, 100)
    stage.rest("a", SELL, 2, 101)
    refused = stage.buy("b", 3, 100, tif=TimeInForce.FOK)
    assert reason(refused) is Reason.FOK_NOT_FILLABLE
    assert stage.depth() == ([], [(100, 2), (101, 2)])
    assert trades(stage.buy("b", 3, 101, tif=TimeInForce.FOK)) == [(100, 2), (101, 1)]


def test_fill_or_kill_does_not_count_own_orders(stage, reason):
    stage.rest("b", SELL, 2, 100)
    stage.rest("a", SELL, 2, 100)
    assert reason(stage.buy("b", 3, 100, tif=TimeInForce.FOK)) is Reason.FOK_NOT_FILLABLE


def test_fill_or_kill_counts_closers_that_survive(stage):
    stage.trade("a", "b", 10, 100)
    stage.rest("a", SELL, 6, 100, reduce_only=True)
    stage.rest("a", SELL, 2, 100)
    stage.rest("b", SELL, 2, 101)
    assert trades(stage.buy("c", 9, 101, tif=TimeInForce.FOK)) == [(100, 6), (100, 2), (101, 1)]


def test_fill_or_kill_does_not_count_closers_that_may_be_knocked_out(stage, reason):
    stage.trade("a", "b", 10, 100)
    stage.rest("a", SELL, 8, 100)
    stage.rest("a", SELL, 10, 100, reduce_only=True)
    assert reason(stage.buy("c", 9, 100, tif=TimeInForce.FOK)) is Reason.FOK_NOT_FILLABLE
    assert trades(stage.buy("c", 8, 100, tif=TimeInForce.FOK)) == [(100, 8)]


def test_post_only_rests_or_is_refused(stage, reason):
    stage.rest("a", SELL, 2, 100)
    refused = stage.buy("b", 1, 100, tif=TimeInForce.POST_ONLY)
    assert reason(refused) is Reason.POST_ONLY_WOULD_TAKE
    stage.rest("b", BUY, 1, 99, tif=TimeInForce.POST_ONLY)
    assert stage.depth() == ([(99, 1)], [(100, 2)])


def test_an_own_maker_expires_and_the_taker_goes_on(stage):
    own = stage.rest("b", SELL, 2, 100, client_id="own")
    stage.rest("a", SELL, 2, 100)
    events = stage.buy("b", 3, 101)
    assert expiries(events) == [("own", Cause.SELF_TRADE)]
    assert own.status is Status.EXPIRED
    assert trades(events) == [(100, 2)]
    assert stage.depth() == ([(101, 1)], [])


def test_a_level_of_own_orders_only_is_reported_gone_once(stage):
    stage.rest("b", SELL, 2, 100)
    stage.rest("b", SELL, 2, 100)
    events = stage.buy("b", 3, 100, tif=TimeInForce.IOC)
    levels = [event for event in events if isinstance(event, BookChanged)]
    assert levels == [BookChanged("AAA", SELL, 100, 0)]


def test_fills_before_a_self_match_stand(stage):
    stage.rest("a", SELL, 1, 99)
    own = stage.rest("b", SELL, 2, 100)
    stage.rest("c", BUY, 1, 100)
    assert own.filled == 0
    stage.rest("b", SELL, 1, 101)
    stage.buy("c", 1, 100)
    assert own.filled == 1
    events = stage.buy("b", 1, 100, tif=TimeInForce.IOC)
    assert expiries(events)[0] == (own.client_id, Cause.SELF_TRADE)
    assert own.filled == 1


def test_a_good_till_date_order_expires_at_its_instant(stage):
    order = stage.rest("a", BUY, 1, 99, tif=TimeInForce.GTD, expire_at=2_000)
    assert stage.engine.due() == 2_000
    assert stage.engine.advance(1_999) == ()
    events = stage.engine.advance(2_000)
    assert events == (
        OrderExpired(order, Cause.GTD_REACHED),
        BookChanged("AAA", BUY, 99, 0),
    )
    assert order.status is Status.EXPIRED
    assert order.updated_ms == 2_000
    assert stage.engine.due() is None


def test_only_good_till_date_orders_keep_a_date(stage):
    order = stage.rest("a", BUY, 1, 99, tif=TimeInForce.GTC, expire_at=2_000)
    assert order.expire_at is None
    assert stage.engine.due() is None


def test_a_dated_order_that_fills_or_is_cancelled_is_not_due(stage):
    filled = stage.rest("a", BUY, 1, 99, tif=TimeInForce.GTD, expire_at=2_000)
    cancelled = stage.rest("a", BUY, 1, 98, tif=TimeInForce.GTD, expire_at=2_000)
    stage.sell("b", 1, 99)
    stage.cancel(cancelled)
    assert filled.status is Status.FILLED
    assert stage.engine.due() is None


def test_a_dated_order_must_lie_ahead(stage, reason):
    for expire_at in (None, stage.now, 1):
        events = stage.buy("a", 1, 99, tif=TimeInForce.GTD, expire_at=expire_at)
        assert reason(events) is Reason.EXPIRY_IN_THE_PAST


def test_stop_kinds_are_no_business_of_the_book(stage, reason):
    events = stage.buy("a", 1, 99, kind=Kind.STOP_MARKET)
    assert reason(events) is Reason.UNSUPPORTED_KIND
