"""The whole way of every price through a story, worked out before it is played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain
from random import Random
from typing import TypeAlias

from conformance.model.orders import Gauge
from conformance.scenarios.commands import Gap
from conformance.scenarios.paths import ALL, Path, Point
from conformance.scenarios.story import Story

Tracks: TypeAlias = Mapping[Gauge, Sequence[Point]]


def tracks(story: Story, seed: int = 0) -> Tracks:
    """Return the points of last, mark and index in the order of time; the same for one seed.

    Prices that share a path are moved by the same chance.
    """
    return {gauge: _track(story, gauge, seed) for gauge in ALL}


def _track(story: Story, gauge: Gauge, seed: int) -> tuple[Point, ...]:
    gaps = [each for each in story.commands if isinstance(each, Gap) and gauge in each.of]
    points: list[Point] = []
    price = story.head.base
    for index, path in enumerate(story.paths):
        if gauge not in path.of:
            continue
        while gaps and gaps[0].at <= path.since:
            price = _leap(points, gaps.pop(0), price)
        inner = [gap for gap in gaps if gap.at <= path.until]
        del gaps[: len(inner)]
        chance = Random(f"{story.head.seed + seed}/{index}")  # noqa: S311 - a market, no secret
        points += _shifted(path, price, inner, chance)
        price = points[-1][1]
    for gap in gaps:
        price = _leap(points, gap, price)
    return tuple(points)


def _leap(points: list[Point], gap: Gap, price: Decimal) -> Decimal:
    """Move a price that stands still."""
    price *= 1 + gap.by
    points.append((gap.at, price))
    return price


def _shifted(path: Path, start: Decimal, gaps: list[Gap], chance: Random) -> list[Point]:
    """Return the points of a path in which gaps open."""
    shift, latest = Decimal(1), start
    found: list[Point] = []
    ahead = list(gaps)
    for at, price in chain(path.points(start, chance), [(path.until + 1, None)]):
        while ahead and ahead[0].at <= at:
            gap = ahead.pop(0)
            shift *= 1 + gap.by
            if gap.at < at:
                found.append((gap.at, latest * shift))
        if price is not None:
            latest = price
            found.append((at, price * shift))
    return found
