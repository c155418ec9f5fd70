"""Whether a command costs the same however many orders rest and however many accounts trade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import log10
from typing import NamedTuple

from conformance.model.instruments import Listing
from loadtests.bench import book
from loadtests.bench.book import Crowd

DECADES = 3
FEW_ACCOUNTS = 100
"""How many trade while the orders grow; while the accounts grow, each has an order at least."""
WIDTH, HEIGHT, MARGIN = 720, 260, 46


class Growth(NamedTuple):
    """Processor time of one command in microseconds, by the size of something."""

    what: str
    sizes: Sequence[int]
    cost_us: Sequence[float]


def grown(listing: Listing, steps: Sequence[book.Step], most: int) -> list[Growth]:
    """Play a story before crowds of up to ``most`` resting orders and a hundredth of accounts."""
    open_ended = replace(listing, max_open_orders=most + len(steps))
    resting = [max(1, most // 10**fewer) for fewer in range(DECADES, -1, -1)]
    accounts = [max(1, most // 100 // 10**fewer) for fewer in range(DECADES, -1, -1)]

    def costs(crowds: Sequence[Crowd]) -> list[float]:
        return [book.engine_us(open_ended, steps, crowd) for crowd in crowds]

    return [
        Growth("resting orders", resting, costs([Crowd(FEW_ACCOUNTS, each) for each in resting])),
        Growth("accounts", accounts, costs([Crowd(each, accounts[-1]) for each in accounts])),
    ]


def table(growths: Sequence[Growth]) -> list[str]:
    """Return a Markdown table, one row for each size."""
    rows = [
        f"| {size:,} {growth.what} | {cost:.1f} | {cost / growth.cost_us[0]:.2f} |"
        for growth in growths
        for size, cost in zip(growth.sizes, growth.cost_us, strict=True)
    ]
    return ["| with | us a command | of the first |", "|---|---|---|", *rows]


def chart(growths: Sequence[Growth]) -> str:
    """Return a picture: sizes by their powers of ten to the right, cost from zero upward."""
    top = max(max(growth.cost_us) for growth in growths) * 1.2
    sizes = [log10(size) for growth in growths for size in growth.sizes]
    low, span = min(sizes), max(1.0, max(sizes) - min(sizes))

    def place(size: int, cost: float) -> tuple[float, float]:
        right = MARGIN + (log10(size) - low) / span * (WIDTH - 4 * MARGIN)
        return round(right, 1), round(HEIGHT - MARGIN - cost / top * (HEIGHT - 2 * MARGIN), 1)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="12">'
        ),
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        (
            f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{HEIGHT - MARGIN}" '
            f'y2="{HEIGHT - MARGIN}" stroke="#888"/>'
        ),
    ]
    for growth, colour in zip(growths, ("#2b7a78", "#c8553d"), strict=True):
        points = [place(*each) for each in zip(growth.sizes, growth.cost_us, strict=True)]
        parts += [
            f'<line x1="{x}" y1="{y}" x2="{u}" y2="{v}" stroke="{colour}" stroke-width="2"/>'
            for (x, y), (u, v) in pairwise(points)
        ]
        for (x, y), size, cost in zip(points, growth.sizes, growth.cost_us, strict=True):
            parts += [
                f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>',
                f'<text x="{x}" y="{y - 8}" text-anchor="middle">{cost:.1f}</text>',
                (
                    f'<text x="{x}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle" '
                    f'fill="#555">{size:,}</text>'
                ),
            ]
        x, y = points[-1]
        parts.append(f'<text x="{x + 10}" y="{y + 4}" fill="{colour}">{growth.what}</text>')
    return "\n".join([*parts, "</svg>", ""])
