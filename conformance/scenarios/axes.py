"""Scales for pictures: round ticks, times in a fitting unit, and where labels find room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import NamedTuple

from conformance.model.ids import Millis
from conformance.scenarios.values import UNITS_MS

STEPS = (1, 2, 2.5, 5, 10)
TIME_STEPS_MS = tuple(
    count * UNITS_MS[unit]
    for unit, counts in {
        "ms": (100, 200, 500),
        "s": (1, 2, 5, 10, 15, 30),
        "m": (1, 2, 5, 10, 15, 30),
        "h": (1, 2, 3, 4, 6, 12),
        "d": (1, 2, 7, 14, 30),
    }.items()
    for count in counts
)
LABEL_GAP = 14.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from ``low`` to ``high`` to pixels from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float | Decimal) -> float:
        """Return the pixel of a value."""
        share = (float(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, count: int) -> Iterator[float]:
        """Yield about ``count`` round values."""
        rough = (self.high - self.low) / count
        size = 10.0 ** floor(log10(rough))
        step = next(each * size for each in STEPS if each * size >= rough * 0.999)
        for index in range(ceil(self.low / step), floor(self.high / step) + 1):
            yield index * step


def span(values: Sequence[Decimal], *, margin: float = 0.06) -> tuple[float, float]:
    """Return bounds that leave some air round the values."""
    low, high = float(min(values)), float(max(values))
    air = (high - low) * margin or abs(high) * 0.001 or 1.0
    return low - air, high + air


def number(value: float, step: float) -> str:
    """Write a tick with as many decimals as its step needs, thousands apart by thin spaces."""
    decimals = max(0, -floor(log10(step) + 1e-9)) + (step / 10 ** floor(log10(step)) == 2.5)
    return f"{value:,.{decimals}f}".replace(",", "\u2009")


def times(lasts: Millis, count: int) -> tuple[list[Millis], str]:
    """Return about ``count`` round instants, and the unit in which they are told."""
    fitting = [step for step in TIME_STEPS_MS if lasts / step <= count]
    step = fitting[0] if fitting else TIME_STEPS_MS[-1]
    unit = next(unit for unit in ("d", "h", "m", "s", "ms") if step >= UNITS_MS[unit])
    if unit == "d" and lasts < 3 * UNITS_MS["d"]:
        unit = "h"
    return list(range(0, lasts + 1, step)), unit


def time_text(at: Millis, unit: str) -> str:
    """Write an instant in a unit, plainly."""
    return f"{Decimal(at) / UNITS_MS[unit]:f}"


def span_text(span_ms: Millis) -> str:
    """Write a time span in the largest unit in which it is whole."""
    unit = next(unit for unit in ("d", "h", "m", "s", "ms") if not span_ms % UNITS_MS[unit])
    return f"{span_ms // UNITS_MS[unit]}{unit}"


class Placed(NamedTuple):
    """A label: where its marker stands, in which row, and whether it is written to the left."""

    x: float
    row: int
    leftward: bool
    text: str


def place(
    labels: Sequence[tuple[float, str]], *, left: float, right: float, rows: int, glyph: float
) -> tuple[Placed, ...]:
    """Give every label the lowest row where it meets no other one; the last row takes the rest.

    ``labels``: markers with texts, from left to right; ``glyph``: the width of a character.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(rows)]
    found = []
    for x, text in labels:
        width = len(text) * glyph + LABEL_GAP
        leftward = x + width > right and x - width > left
        begin, end = (x - width, x) if leftward else (x, x + width)
        row = next(
            (
                index
                for index, others in enumerate(taken)
                if all(end <= other[0] or begin >= other[1] for other in others)
            ),
            rows - 1,
        )
        taken[row].append((begin, end))
        found.append(Placed(x, row, leftward, text))
    return tuple(found)
