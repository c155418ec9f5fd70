"""How prices move: along given points, by chance, or as somebody recorded them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Annotated, TypeAlias

from conformance.model.ids import Millis
from conformance.model.orders import Gauge
from conformance.scenarios import values
from conformance.scenarios.series import Layout

Point: TypeAlias = tuple[Millis, Decimal]
"""A time since the story began, and a price in the story's units."""

GRAIN = Decimal("0.000001")
"""Prices of a story are rounded to this."""
ALL = (Gauge.LAST, Gauge.MARK, Gauge.INDEX)
_DICE, _FACES = 12, 1_000_000


@dataclass(frozen=True, kw_only=True)
class Path(ABC):
    """A stretch of time in which some prices move."""

    since: Annotated[Millis, values.duration] = 0
    until: Annotated[Millis, values.period]
    of: Annotated[tuple[Gauge, ...], values.gauges] = ALL
    every: Annotated[Millis, values.period] = 500
    """Time between two samples."""

    def samples(self) -> Iterator[Millis]:
        """Yield the times at which the price is set."""
        yield from range(self.since + self.every, self.until, self.every)
        yield self.until

    @abstractmethod
    def points(self, start: Decimal, chance: Random) -> Iterator[Point]:
        """Yield the points of one price that stands at ``start`` when the path begins."""


@dataclass(frozen=True, kw_only=True)
class Along(Path):
    """From point to point in straight lines."""

    until: Annotated[Millis, values.period] = 0
    """By default the last point."""
    steps: Annotated[bool, values.flag] = False
    """True: jump at each point, and stay until the next."""
    to: Annotated[tuple[Point, ...], values.points]

    def points(self, start: Decimal, chance: Random) -> Iterator[Point]:
        """Yield the given points, and samples between them."""
        del chance
        then, price = self.since, start
        for at, goal in self.to:
            inner = () if self.steps else range(then + self.every, at, self.every)
            for when in inner:
                yield when, _round(price + (goal - price) * (when - then) / (at - then))
            yield at, goal
            then, price = at, goal


@dataclass(frozen=True, kw_only=True)
class Ramp(Path):
    """Straight to a price."""

    target: Annotated[Decimal, values.price]

    def points(self, start: Decimal, chance: Random) -> Iterator[Point]:
        """Yield equal steps."""
        del chance
        span = self.until - self.since
        for at in self.samples():
            yield at, _round(start + (self.target - start) * (at - self.since) / span)


@dataclass(frozen=True, kw_only=True)
class Walk(Path):
    """A random walk: each sample differs from the one before by chance."""

    volatility: Annotated[Decimal, values.share("0.0001", "8")]
    """Standard deviation of one step, as a share of the price."""
    drift: Annotated[Decimal, values.share("-5", "5")] = Decimal(0)
    """Mean of one step."""

    def points(self, start: Decimal, chance: Random) -> Iterator[Point]:
        """Yield steps with a normal look, worked out in exact numbers."""
        price = start
        for at in self.samples():
            price = _round(price * (1 + self.drift + self.volatility * _normal(chance)))
            yield at, price


@dataclass(frozen=True, kw_only=True)
class Revert(Walk):
    """A random walk that is drawn home."""

    home: Annotated[Decimal, values.price]
    pull: Annotated[Decimal, values.share("0", "100")] = Decimal("0.1")
    """Share of the way home that each step covers."""

    def points(self, start: Decimal, chance: Random) -> Iterator[Point]:
        """Yield steps toward home, disturbed by chance."""
        price = start
        for at in self.samples():
            home = (self.home - price) * self.pull
            price = _round(price + home + price * self.volatility * _normal(chance))
            yield at, price


@dataclass(frozen=True, kw_only=True)
class Jumps(Path):
    """A price that stands still, and jumps now and then."""

    odds: Annotated[Decimal, values.share("0.01", "100")]
    """Chance of a jump in each sample."""
    by: Annotated[Decimal, values.share("0.001", "50")]
    """The greatest jump, up or down."""

    def points(self, start: Decimal, chance: Random) -> Iterator[Point]:
        """Yield a point at every sample, moved or not."""
        price = start
        for at in self.samples():
            jumps, way = chance.randrange(_FACES), chance.randint(-_FACES, _FACES)
            if jumps < self.odds * _FACES:
                price = _round(price * (1 + self.by * way / _FACES))
            yield at, price


@dataclass(frozen=True, kw_only=True)
class Recorded(Path):
    """As a file of comma-separated values has it; its first row is where the path begins."""

    until: Annotated[Millis, values.period] = 0
    """By default the last row."""
    file: Annotated[str, values.text]
    """Beside the scenario."""
    layout: Annotated[Layout, values.word_of(Layout)] = Layout.SERIES
    column: Annotated[str, values.text] = "price"
    """For a series: which column holds the price."""
    rebase: Annotated[bool, values.flag] = True
    """Scale the recorded prices so that the first one is the price at which the path begins."""
    rows: tuple[Point, ...] = ()
    """Filled in by whoever reads the file."""

    def points(self, start: Decimal, chance: Random) -> Iterator[Point]:
        """Yield the rows, at most one per sample period, the first one at the beginning."""
        del chance
        began, first = self.rows[0]
        scale = start / first if self.rebase else Decimal(1)
        latest = None
        for at, price in self.rows:
            when = self.since + at - began
            if self.until and when > self.until:
                return
            if latest is None or when - latest >= self.every:
                latest = when
                yield when, _round(price * scale)


PATHS: dict[str, type[Path]] = {
    "points": Along,
    "ramp": Ramp,
    "walk": Walk,
    "revert": Revert,
    "jumps": Jumps,
    "csv": Recorded,
}
"""Kinds of paths by their word."""


def _normal(chance: Random) -> Decimal:
    """Throw dice until it looks normal: mean 0, deviation 1, the same on every machine."""
    thrown = sum(chance.randrange(_FACES) for _ in range(_DICE))
    return Decimal(thrown) / _FACES - _DICE // 2


def _round(price: Decimal) -> Decimal:
    return max(GRAIN, price.quantize(GRAIN))
