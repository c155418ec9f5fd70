"""Line charts as plain SVG: no script, nothing fetched, readable in print."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 760, 250
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 34, 40
COLOURS = ("#2b7a78", "#c8553d", "#6b4f9e", "#b8860b", "#3a6ea5", "#555555")
TICKS = 5


class Series(NamedTuple):
    """One line."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False
    colour: int | None = None
    """Index of a colour; None: the next one."""


class Span(NamedTuple):
    """A stretch of the horizontal axis that is shaded."""

    name: str
    begins: float
    ends: float


class _Scale:
    """Turns values into places on the picture."""

    def __init__(self, low: float, high: float, place: tuple[float, float], *, log: bool) -> None:
        self.low, self.high, self.log = low, high if high > low else low + 1, log
        self._from, self._to = place

    def at(self, value: float) -> float:
        """Return the place of a value."""
        turn: Callable[[float], float] = math.log10 if self.log else float
        low, high = turn(self.low), turn(self.high)
        share = (turn(max(value, self.low)) - low) / (high - low)
        return self._from + share * (self._to - self._from)

    def ticks(self) -> list[float]:
        """Return round values from low to high."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            return [t for n in range(first, last + 1) if self.low <= (t := 10.0**n) <= self.high]
        rough = (self.high - self.low) / TICKS
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough)
        first = math.ceil(self.low / step)
        return [n * step for n in range(first, math.floor(self.high / step) + 1)]


def chart(
    title: str,
    series: Sequence[Series],
    *,
    x: str = "seconds",
    log: bool = False,
    spans: Sequence[Span] = (),
    x_ticks: Callable[[float], str] | None = None,
) -> str:
    """Return a picture; a chart without points says so."""
    every = [point for each in series for point in each.points]
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="11">'
        ),
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="16" font-size="13" font-weight="bold">{escape(title)}</text>',
    ]
    if not every:
        parts.append(f'<text x="{LEFT}" y="{HEIGHT / 2}" fill="#888">nothing was recorded</text>')
        return "\n".join([*parts, "</svg>"])
    lows, highs = [y for _, y in every], max(y for _, y in every)
    low = max(min(lows), 1e-3) if log else min(0.0, *lows)
    if not log and min(lows) > 0.8 * highs:
        low = min(lows) - 0.1 * (highs - min(lows))  # small growth of something big must show
    across = _Scale(min(p[0] for p in every), max(p[0] for p in every),
                    (LEFT, WIDTH - RIGHT), log=False)  # fmt: skip
    up = _Scale(low, highs, (HEIGHT - BOTTOM, TOP), log=log)
    parts += _spans(spans, across)
    parts += _axes(across, up, x, x_ticks or _short)
    for number, each in enumerate(series):
        parts += _line(number, each, across, up)
    return "\n".join([*parts, "</svg>"])


def _axes(across: _Scale, up: _Scale, x: str, x_ticks: Callable[[float], str]) -> Iterator[str]:
    for value in up.ticks():
        y = up.at(value)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_short(value)}</text>'
    for value in across.ticks():
        place = across.at(value)
        yield (
            f'<text x="{place:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">'
            f"{x_ticks(value)}</text>"
        )
    yield (
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end" fill="#555">'
        f"{escape(x)}</text>"
    )


def _line(number: int, series: Series, across: _Scale, up: _Scale) -> Iterator[str]:
    colour = COLOURS[(number if series.colour is None else series.colour) % len(COLOURS)]
    places = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in series.points)
    dash = ' stroke-dasharray="5 3"' if series.dashed else ""
    yield (f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"{dash}/>')
    place = LEFT + 120 * (number % 6)
    yield f'<rect x="{place}" y="{HEIGHT - 16}" width="10" height="3" fill="{colour}"/>'
    yield f'<text x="{place + 14}" y="{HEIGHT - 11}">{escape(series.name)}</text>'


def _spans(spans: Sequence[Span], across: _Scale) -> Iterator[str]:
    for span in spans:
        begins, ends = across.at(span.begins), across.at(span.ends)
        yield (
            f'<rect x="{begins:.1f}" y="{TOP}" width="{max(1.0, ends - begins):.1f}" '
            f'height="{HEIGHT - BOTTOM - TOP}" fill="#f3e3c3"/>'
        )
        yield f'<text x="{begins + 4:.1f}" y="{TOP + 12}" fill="#8a6d3b">{escape(span.name)}</text>'


def _short(value: float) -> str:
    for factor, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= factor:
            return f"{value / factor:g}{unit}"
    return f"{value:.3g}"
