"""Further terms of entry: matched prices, position risk control, amendments that keep priority."""

from __future__ import annotations

import pytest

from conformance.model.commands import PriceMatch, SetRiskControl
from conformance.model.events import BookChanged, Cause, OrderFilled
from conformance.model.orders import Kind, PositionSide, RiskControl, Side, Status, TimeInForce
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
QUEUE, OPPONENT = True, False


@pytest.fixture
def deep(make_stage, make_listing):
    """Bids at 99, 98, 97 and asks at 101, 102, 103."""
    stage = make_stage(make_listing(max_open_orders=50))
    for away in (1, 2, 3):
        stage.rest("b", BUY, 1, 100 - away)
        stage.rest("c", SELL, 1, 100 + away)
    return stage


@pytest.mark.parametrize(
    ("side", "own", "level", "price"),
    [
        (BUY, OPPONENT, 1, 101),
        (BUY, OPPONENT, 3, 103),
        (BUY, QUEUE, 1, 99),
        (BUY, QUEUE, 3, 97),
        (SELL, OPPONENT, 1, 99),
        (SELL, QUEUE, 2, 102),
    ],
)
def test_a_matched_price_is_that_of_its_level(deep, side, own, level, price):
    events = deep.place("a", side, 5, kind=Kind.LIMIT, match=PriceMatch(own, level))
    assert events[0].order.price == price


@pytest.mark.parametrize("level", [0, 4, -1])
def test_without_such_a_level_a_match_is_refused(deep, reason, level):
    for own in (QUEUE, OPPONENT):
        events = deep.buy("a", 5, kind=Kind.LIMIT, match=PriceMatch(own, level))
        assert reason(events) is Reason.MATCH_WITHOUT_DEPTH


def test_only_limit_orders_match_a_price(deep, reason):
    events = deep.buy("a", 5, match=PriceMatch(OPPONENT))
    assert reason(events) is Reason.MATCH_NOT_LIMIT


def test_a_matched_price_passes_the_filters_like_any_other(deep, reason):
    deep.mark(60)
    events = deep.buy("a", 5, kind=Kind.LIMIT, match=PriceMatch(OPPONENT))
    assert reason(events) is Reason.PRICE_ABOVE_BAND


@pytest.mark.parametrize(
    ("control", "buy", "sell"),
    [
        (RiskControl.NONE, None, None),
        (RiskControl.BOTH, Reason.SYMBOL_REDUCE_ONLY, Reason.SYMBOL_REDUCE_ONLY),
        (RiskControl.BUY, Reason.SYMBOL_REDUCE_ONLY_BUY, None),
        (RiskControl.SELL, None, Reason.SYMBOL_REDUCE_ONLY_SELL),
    ],
)
def test_risk_control_lets_its_sides_only_reduce(stage, reason, kinds, control, buy, sell):
    stage.trade("a", "b", 10, 100)
    stage.apply(SetRiskControl("AAA", control))
    assert stage.engine.risk_control("AAA") is control
    for side, expected in ((BUY, buy), (SELL, sell)):
        events = stage.place("c", side, 1, 100 + side.sign * -5)
        if expected is None:
            assert kinds(events)[0] == "OrderAccepted"
        else:
            assert reason(events) is expected
    assert stage.rest("a", SELL, 1, 110, reduce_only=True).status is Status.OPEN
    assert stage.rest("b", BUY, 1, 90, reduce_only=True).status is Status.OPEN


def test_risk_control_lets_hedge_legs_close(stage, reason):
    stage.hedge("a")
    stage.trade("a", "b", 10, 100, position_side=PositionSide.LONG)
    stage.apply(SetRiskControl("AAA", RiskControl.BOTH))
    stage.rest("a", SELL, 1, 110, position_side=PositionSide.LONG)
    opening = stage.sell("a", 1, 110, position_side=PositionSide.SHORT)
    assert reason(opening) is Reason.SYMBOL_REDUCE_ONLY


def test_risk_control_needs_a_symbol(stage, reason):
    unknown = SetRiskControl("XYZ", RiskControl.BOTH)
    assert reason(stage.apply(unknown)) is Reason.UNKNOWN_SYMBOL


def first_filled(stage, lots=1):
    events = stage.sell("c", lots, 90)
    return next(event.order for event in events if isinstance(event, OrderFilled))


@pytest.mark.parametrize(
    ("keeps", "price", "lots", "first"),
    [
        (False, 90, 4, False),
        (True, 90, 4, True),
        (True, 90, 11, False),
        (True, 89, 4, False),
    ],
)
def test_only_shrinking_keeps_priority_and_only_where_the_listing_says(
    make_stage, make_listing, keeps, price, lots, first
):
    stage = make_stage(make_listing(amend_keeps_priority=keeps))
    order = stage.rest("a", BUY, 10, 90)
    other = stage.rest("b", BUY, 10, 90)
    events = stage.amend(order, price, lots)
    assert (order.price, order.quantity, order.amendments) == (price, lots, 1)
    level = lots + 10 if price == 90 else 10
    assert [e.quantity for e in events if isinstance(e, BookChanged) and e.price == 90][-1] == level
    assert first_filled(stage) is (order if first else other)


def test_shrinking_in_place_frees_margin_and_keeps_what_was_filled(make_stage, make_listing):
    stage = make_stage(make_listing(amend_keeps_priority=True))
    order = stage.rest("a", BUY, 10, 90)
    stage.sell("b", 3, 90)
    bound = stage.position("a").bid_notional
    stage.amend(order, 90, 5)
    assert (order.filled, stage.depth()) == (3, ([(90, 2)], []))
    assert bound - stage.position("a").bid_notional == 5 * 90
    closer = stage.rest("b", BUY, 3, 80, reduce_only=True)
    stage.amend(closer, 80, 1)
    assert stage.rest("b", BUY, 3, 81, reduce_only=True).quantity == 2


@pytest.mark.parametrize(
    ("tif", "reason", "cause"),
    [
        (TimeInForce.POST_ONLY, Reason.POST_ONLY_WOULD_TAKE, Cause.POST_ONLY_WOULD_TAKE),
        (TimeInForce.FOK, Reason.FOK_NOT_FILLABLE, Cause.FOK_NOT_FILLABLE),
    ],
)
def test_what_the_book_forbids_is_refused_or_enters_and_expires(stage, tif, reason, cause):
    stage.rest("b", SELL, 1, 90)
    (refused,) = stage.buy("a", 2, 90, tif=tif)
    assert refused.reason is reason
    entered, expired = stage.buy("a", 2, 90, tif=tif, expires=True)
    assert (expired.order, expired.cause) == (entered.order, cause)
    assert (entered.order.status, entered.order.filled) == (Status.EXPIRED, 0)
    assert list(stage.engine.orders("a", "AAA")) == [entered.order]
    assert stage.engine.open_orders("a") == ()
    # whatever else is wrong with it is a refusal as ever
    (refused,) = stage.buy("a", 10**9, 90, tif=tif, expires=True)
    assert refused.reason is not reason
