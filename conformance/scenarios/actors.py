"""Who acts in a story, each with an account of its own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from conformance.model.ids import Millis
from conformance.model.orders import Gauge, Side
from conformance.scenarios import values

LEVELS_MAX = 50


class Way(StrEnum):
    """Which way a taker trades."""

    BUY = "buy"
    SELL = "sell"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """An account with plenty of money that acts only by commands: a ``trader``."""

    name: Annotated[str, values.text]


@dataclass(frozen=True, kw_only=True)
class Busy(Actor):
    """One that acts by itself, at regular times."""

    size: Annotated[int, values.size]
    """Clips of each order."""
    since: Annotated[Millis, values.duration] = 0
    until: Annotated[Millis, values.duration] = 0
    """0: to the end."""
    every: Annotated[Millis, values.period] = 500


@dataclass(frozen=True, kw_only=True)
class Maker(Busy):
    """Quotes both sides round the last price of the story, anew whenever prices move."""

    every: Annotated[Millis, values.period] = 1_000
    """And so often besides, to make up for what was taken."""
    levels: Annotated[int, values.whole(1, LEVELS_MAX)] = 8
    spread: Annotated[Decimal, values.share("0.0001", "20")] = Decimal("0.0002")
    """Between best bid and best ask, as a share of the price."""
    step: Annotated[Decimal, values.share("0", "5")] = Decimal("0.0002")
    """Between two levels, at least a tick."""


@dataclass(frozen=True, kw_only=True)
class Taker(Busy):
    """Trades at the market."""

    side: Annotated[Way, values.word_of(Way)] = Way.BOTH
    odds: Annotated[Decimal, values.share("1", "100")] = Decimal(1)
    """How likely it trades each time."""


@dataclass(frozen=True, kw_only=True)
class Follower(Busy):
    """Buys what rises and sells what falls, up to a limit."""

    lookback: Annotated[int, values.whole(1, 1000)] = 4
    """So many of its own periods ago was the price that it compares with."""
    threshold: Annotated[Decimal, values.share("0.001", "50")] = Decimal("0.001")
    limit: Annotated[int, values.size] = 100
    """Clips that it holds at most, long or short."""


@dataclass(frozen=True, kw_only=True)
class Holder(Actor):
    """Takes a position with borrowed money, and may protect it by a stop."""

    at: Annotated[Millis, values.duration] = 0
    side: Annotated[Side, values.word_of(Side)]
    size: Annotated[int, values.size]
    leverage: Annotated[int, values.whole(1, 125)] = 10
    cushion: Annotated[Decimal, values.share("0", "10000")] = Decimal("0.1")
    """Money beyond the initial margin, as a share of it."""
    stop: Annotated[Decimal | None, values.price] = None
    """Leave at the market when the price of the gauge gets here."""
    trail: Annotated[Decimal | None, values.share("0.1", "10")] = None
    """Leave when the price has come back by this share from its best."""
    gauge: Annotated[Gauge, values.word_of(Gauge)] = Gauge.LAST


ACTORS: dict[str, type[Actor]] = {
    "maker": Maker,
    "taker": Taker,
    "follower": Follower,
    "holder": Holder,
    "trader": Actor,
}
"""Kinds of actors by their word."""

TESTEE = "testee"
"""The account under test: commands may name it, no actor is called so."""
