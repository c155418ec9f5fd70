"""Positions: what is stated, what the fills add up to, and which of two statements counts."""

from decimal import Decimal

from conformance.client.legs import Legs
from conformance.client.settings import Settings
from conformance.contracts.client import Held
from conformance.model.orders import Fill, Position, PositionSide, Side


def held(quantity, at_ms, side=PositionSide.NET):
    position = Position(
        symbol="BTCUSDT",
        quantity=Decimal(quantity),
        entry_price=Decimal(100),
        position_side=side,
    )
    return Held(position, at_ms)


def fill(quantity, side=Side.BUY, leg=PositionSide.NET):
    return Fill(
        symbol="BTCUSDT",
        trade_id="1",
        client_id="a",
        side=side,
        price=Decimal(100),
        quantity=Decimal(quantity),
        position_side=leg,
    )


def quantities(legs):
    return {position.position_side: position.quantity for position in legs.positions()}


def test_the_later_statement_counts_whenever_it_arrives():
    legs = Legs(Settings())
    legs.state(held(2, 20))
    legs.state(held(1, 10))
    assert quantities(legs) == {PositionSide.NET: 2}


def test_flat_legs_are_not_held():
    legs = Legs(Settings())
    legs.state(held(2, 20))
    legs.state(held(0, 30))
    assert legs.positions() == []
    assert legs.symbols() == []


def test_legs_of_a_hedge_are_never_netted():
    legs = Legs(Settings())
    legs.state(held(2, 20, PositionSide.LONG))
    legs.state(held(-2, 20, PositionSide.SHORT))
    assert quantities(legs) == {PositionSide.LONG: 2, PositionSide.SHORT: -2}


def test_a_lost_fill_or_a_lost_statement_is_a_dispute():
    legs = Legs(Settings())
    legs.answer([held(0, 0)])
    legs.state(held(1, 10))
    assert legs.disputed() == ["BTCUSDT"]
    legs.count(fill(1))
    assert legs.disputed() == []
    legs.count(fill(1, Side.SELL))
    assert legs.disputed() == ["BTCUSDT"]
    legs.state(held(0, 20))
    assert legs.disputed() == []


def test_an_answer_settles_a_dispute():
    legs = Legs(Settings())
    legs.count(fill(1))
    assert legs.answer([held(5, 10)])
    assert legs.disputed() == []
    assert quantities(legs) == {PositionSide.NET: 5}


def test_an_older_answer_is_believed_only_when_it_insists():
    legs = Legs(Settings(stale_answers_max=3))
    legs.state(held(2, 20))
    assert not legs.answer([held(1, 10)])
    assert not legs.answer([held(1, 10)])
    assert quantities(legs) == {PositionSide.NET: 2}
    assert legs.answer([held(1, 10)])
    assert quantities(legs) == {PositionSide.NET: 1}
    legs.state(held(3, 11))
    assert quantities(legs) == {PositionSide.NET: 3}


def test_older_answers_are_not_believed_while_the_stream_tells_news():
    legs = Legs(Settings(stale_answers_max=2))
    for instant in range(20, 26):
        legs.state(held(instant, instant))
        assert not legs.answer([held(1, 10)])
        assert quantities(legs) == {PositionSide.NET: instant}
