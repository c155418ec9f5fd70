"""What can be asked, and that asking wrongly is the asker's bug."""

from __future__ import annotations

import pytest

from conformance.contracts.core import Core
from conformance.exchange import Engine
from conformance.model.orders import PositionSide, Side
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
NET = PositionSide.NET


def test_the_listings_are_there_by_name(make_listing):
    listing = make_listing()
    core: Core = Engine([listing])
    assert dict(core.listings) == {"AAA": listing}
    assert core.accounts() == ()
    assert core.mark("AAA") == 100 * 10**8
    assert core.due() is None
    assert core.advance(10**15) == ()


@pytest.mark.parametrize(
    "question",
    [
        lambda core: core.phase("XYZ"),
        lambda core: core.mark("XYZ"),
        lambda core: core.depth("XYZ", 5),
        lambda core: core.trades("XYZ"),
        lambda core: core.order("nobody", "AAA", order_id=1),
        lambda core: core.order("a", "XYZ", order_id=1),
        lambda core: core.open_orders("nobody"),
        lambda core: core.orders("a", "XYZ"),
        lambda core: core.fills("nobody"),
        lambda core: core.positions("nobody"),
        lambda core: core.position("a", "XYZ", NET),
        lambda core: core.stake("a", "XYZ", NET),
        lambda core: core.isolated("a", "XYZ"),
        lambda core: core.balances("nobody"),
        lambda core: core.balance("a", "XYZ"),
        lambda core: core.hedge("nobody"),
        lambda core: core.leverage("a", "XYZ"),
        lambda core: core.margin_mode("nobody", "AAA"),
    ],
)
def test_asking_about_what_does_not_exist_raises(stage, question):
    with pytest.raises(KeyError):
        question(stage.engine)


def test_open_orders_come_oldest_first_over_all_symbols(stage):
    orders = []
    for symbol in ("BBB", "AAA", "BBB"):
        stage.now += 1
        orders.append(stage.rest("a", BUY, 1, 90, symbol=symbol))
    assert stage.engine.open_orders("a") == tuple(orders)
    assert stage.engine.open_orders("a", "AAA") == (orders[1],)
    assert stage.engine.open_orders("b") == ()


def test_fills_come_oldest_first_over_all_symbols(stage):
    for symbol in ("BBB", "AAA", "BBB"):
        stage.now += 1
        stage.rest("a", BUY, 1, 100, symbol=symbol)
        stage.sell("b", 1, 100, symbol=symbol)
    assert [fill.symbol for fill in stage.engine.fills("a")] == ["BBB", "AAA", "BBB"]
    assert [fill.at for fill in stage.engine.fills("a", "BBB")] == [1_001, 1_003]
    assert [fill.maker for fill in stage.engine.fills("b", "AAA")] == [False]


def test_flat_legs_are_positions_too(stage):
    rows = stage.engine.positions("a")
    assert [(row.symbol, row.position_side, row.lots) for row in rows] == [
        ("AAA", NET, 0),
        ("BBB", NET, 0),
    ]
    assert [row.symbol for row in stage.engine.positions("a", "BBB")] == ["BBB"]


def test_depth_is_cut_to_what_was_asked(stage):
    for price in (90, 91, 92):
        stage.rest("a", BUY, 1, price)
        stage.rest("b", SELL, 1, price + 20)
    depth = stage.engine.depth("AAA", 2)
    assert [level.price for level in depth.bids] == [92, 91]
    assert [level.price for level in depth.asks] == [110, 111]


def test_an_order_may_be_asked_for_by_either_id(stage):
    order = stage.rest("a", BUY, 1, 90, client_id="mine", tag="kept")
    assert stage.engine.order("a", "AAA", order_id=order.order_id) is order
    assert stage.engine.order("a", "AAA", client_id="mine") is order
    assert stage.engine.order("a", "AAA", client_id="other") is None
    assert stage.engine.order("b", "AAA", order_id=order.order_id) is None
    assert order.tag == "kept"


def test_the_filters_may_be_asked_without_placing_an_order(stage):
    asked = [
        stage.engine.filtered("AAA", BUY, price, lots, closing=False)
        for price, lots in ((100, 1), (100, 0), (151, 1), (10, 1), (None, 1))
    ]
    assert asked == [
        None,
        Reason.QUANTITY_NOT_POSITIVE,
        Reason.PRICE_ABOVE_BAND,
        Reason.NOTIONAL_BELOW_MIN,
        None,
    ]
    assert stage.engine.open_orders("a") == ()
