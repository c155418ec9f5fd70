"""Three prices of a symbol: mark, index and last, and who moves them."""

from __future__ import annotations

from conformance.model.commands import SetIndex, SetLast, SetMark
from conformance.model.events import IndexChanged, LastChanged, MarkChanged
from conformance.model.orders import Side
from conformance.model.refusals import Reason

UNIT = 10**8


def prices(stage):
    core = stage.engine
    return core.mark("AAA"), core.index("AAA"), core.last("AAA")


def test_all_three_begin_at_the_initial_price(stage):
    assert prices(stage) == (100 * UNIT, 100 * UNIT, 100 * UNIT)


def test_each_moves_alone(stage):
    assert stage.apply(SetMark("AAA", 101 * UNIT)) == (MarkChanged("AAA", 101 * UNIT),)
    assert stage.apply(SetIndex("AAA", 102 * UNIT)) == (IndexChanged("AAA", 102 * UNIT),)
    assert stage.apply(SetLast("AAA", 103 * UNIT)) == (LastChanged("AAA", 103 * UNIT),)
    assert prices(stage) == (101 * UNIT, 102 * UNIT, 103 * UNIT)
    assert stage.engine.index("BBB") == stage.engine.last("BBB") == 100 * UNIT


def test_the_last_price_follows_every_trade(stage):
    for price in (98, 99):
        stage.rest("a", Side.SELL, 1, price)
    stage.buy("b", 2, 99)
    assert prices(stage) == (100 * UNIT, 100 * UNIT, 99 * UNIT)


def test_a_price_is_positive_and_of_a_symbol(stage, reason):
    for move in (SetMark, SetIndex, SetLast):
        assert reason(stage.apply(move("AAA", 0))) is Reason.PRICE_NOT_POSITIVE
        assert reason(stage.apply(move("XYZ", UNIT))) is Reason.UNKNOWN_SYMBOL
