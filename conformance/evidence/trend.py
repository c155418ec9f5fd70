"""Whether a series of samples grows: a fitted slope with its confidence interval.

Samples of a process are not independent, so they are averaged in blocks first, and a line is
fitted to the blocks (batch means; Law, Simulation Modeling and Analysis, 5th edition, 9.5.3). The
question is put as a test of equivalence: growth is proven when the whole interval lies above what
is tolerated, and excluded when it lies below; in between the run was too short to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

BLOCKS = 12
SAMPLES_MIN = 2 * BLOCKS
CONFIDENCE = 0.99
STUDENT = 3.169273
"""The two-sided 99 % quantile of Student's t with BLOCKS - 2 = 10 degrees of freedom
(NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, read 2026-11-20)."""
WARM_SHARE = 0.35
"""The first part of a run fills caches; growth is judged after it."""


class Growth(StrEnum):
    """What can be said."""

    LEAK = "leak"
    NONE = "no leak"
    OPEN = "too short to tell"


class Trend(NamedTuple):
    """A line through a series: per second of its clock, with 99 % confidence."""

    slope: float
    low: float
    high: float
    level: float
    """Where the line is at ``begins``."""
    begins: float
    ends: float
    samples: int
    tolerated: float

    @property
    def growth(self) -> Growth:
        """The answer."""
        if self.samples < SAMPLES_MIN:
            return Growth.OPEN
        if self.low > self.tolerated:
            return Growth.LEAK
        return Growth.NONE if self.high <= self.tolerated else Growth.OPEN


def trend(points: Sequence[tuple[float, float]], *, tolerated: float) -> Trend:
    """Fit a line to (instant, value) pairs in order of time, after the warm part.

    ``tolerated``: the growth a second that is no leak.
    """
    if not points:
        return Trend(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, tolerated)
    warm = points[0][0] + WARM_SHARE * (points[-1][0] - points[0][0])
    kept = [point for point in points if point[0] >= warm]
    begins, ends = kept[0][0], kept[-1][0]
    if len(kept) < SAMPLES_MIN or begins == ends:
        mean = sum(value for _, value in kept) / len(kept)
        return Trend(0.0, 0.0, 0.0, mean, begins, ends, min(len(kept), SAMPLES_MIN - 1), tolerated)
    bounds = [round(number * len(kept) / BLOCKS) for number in range(BLOCKS + 1)]
    blocks = [_mean(kept[at:end]) for at, end in pairwise(bounds)]
    middle_x, middle_y = _mean(blocks)
    spread = sum((x - middle_x) ** 2 for x, _ in blocks)
    slope = sum((x - middle_x) * (y - middle_y) for x, y in blocks) / spread
    missed = sum((y - middle_y - slope * (x - middle_x)) ** 2 for x, y in blocks)
    margin = STUDENT * (missed / (BLOCKS - 2) / spread) ** 0.5
    level = middle_y + slope * (begins - middle_x)
    return Trend(slope, slope - margin, slope + margin, level, begins, ends, len(kept), tolerated)


def _mean(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return (
        sum(x for x, _ in points) / len(points),
        sum(y for _, y in points) / len(points),
    )
