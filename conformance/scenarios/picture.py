"""A performance as a picture: prices, what happened, depth and trades, for light and dark pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from html import escape
from itertools import pairwise

from conformance.scenarios.axes import Scale, number, place, span, span_text, time_text, times
from conformance.scenarios.score import Moment, Sample, Score

WIDTH, HEIGHT = 1200, 780
LEFT, RIGHT = 92, 1128
LABELS_TOP, ROW_HEIGHT, ROWS = 92, 20, 5
PRICE_TOP, PRICE_BOTTOM = 200, 520
DEPTH_TOP, DEPTH_BOTTOM = 552, 648
TRADES_TOP, TRADES_BOTTOM = 676, 724
GLYPH = 6.4
"""Width of a character of a label."""
COLUMNS_MAX = 1000
"""Samples drawn; of a longer series one in each stretch of time."""
BARS = 120
STYLE = """
  svg { --page: #ffffff; --ink: #1d2433; --soft: #667085; --grid: #e7eaf0; --last: #1d2433;
        --mark: #2563c9; --index: #8a6d1d; --bid: #2a9d6f; --ask: #d1495b; --told: #6b4fbb;
        --came: #b4540a; }
  @media (prefers-color-scheme: dark) {
    svg { --page: #12161f; --ink: #e8ecf4; --soft: #98a2b3; --grid: #262d3a; --last: #f2f4f8;
          --mark: #6fa8ff; --index: #dfbd5c; --bid: #4fd1a0; --ask: #ff7b8a; --told: #b39dff;
          --came: #ffab5e; }
  }
  text { font: 12px ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif;
         fill: var(--soft); }
  .title { font-size: 22px; font-weight: 650; fill: var(--ink); }
  .panel { font-weight: 600; fill: var(--ink); }
  .note { font-weight: 400; fill: var(--soft); }
  .tick { font-variant-numeric: tabular-nums; }
  .grid { stroke: var(--grid); }
  .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
  line.told, line.came { stroke-width: 1; stroke-dasharray: 3 3; opacity: .75; }
  line.told { stroke: var(--told); }
  line.came { stroke: var(--came); }
  .label { stroke: var(--page); stroke-width: 5; stroke-linejoin: round; paint-order: stroke; }
  text.told { fill: var(--told); }
  text.came { fill: var(--came); }
"""


def draw(score: Score) -> str:
    """Return the picture as a document of its own; raise ValueError for an empty score."""
    samples = _thinned(score)
    time = Scale(0, score.lasts, LEFT, RIGHT)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(score.title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="var(--page)"/>',
        *_head(score),
        *_clock(score, time),
        *_prices(score, samples, time),
        *_depth(score, samples, time),
        *_trades(score, samples),
        *_moments(score.moments, time),
        _panel(PRICE_TOP, "price", ""),
        _panel(DEPTH_TOP, "depth of the book", "bids above, asks below"),
        _panel(TRADES_TOP, "traded", f"in every {span_text(score.lasts // BARS)}"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _thinned(score: Score) -> Sequence[Sample]:
    """Keep the last sample of each instant, and of each stretch when there are too many."""
    kept = {sample.at: sample for sample in score.samples}
    if not kept:
        raise ValueError("nothing was played")
    stretch = max(1, score.lasts // COLUMNS_MAX)
    if len(kept) > COLUMNS_MAX:
        kept = {at // stretch: sample for at, sample in kept.items()}
    return tuple(kept.values())


def _head(score: Score) -> Iterator[str]:
    yield f'<text class="title" x="{LEFT}" y="44">{escape(score.title)}</text>'
    where = f"{score.symbol} \u00b7 prices in {score.quote}, quantities in {score.base}"
    yield f'<text x="{LEFT}" y="66">{escape(where)}</text>'
    x = RIGHT - 330
    for name, dash in (("last", ""), ("mark", ""), ("index", "5 4")):
        yield (
            f'<line x1="{x}" x2="{x + 26}" y1="40" y2="40" stroke="var(--{name})" '
            f'stroke-width="2.4" stroke-dasharray="{dash}"/>'
        )
        yield f'<text x="{x + 33}" y="44">{name}</text>'
        x += 84
    yield f'<rect x="{x}" y="34" width="26" height="12" fill="var(--soft)" opacity=".22"/>'
    yield f'<text x="{x + 33}" y="44">bid\u2013ask</text>'


def _clock(score: Score, time: Scale) -> Iterator[str]:
    instants, unit = times(score.lasts, 14)
    for at in instants:
        x = time(at)
        ends = f'y1="{PRICE_TOP}" y2="{TRADES_BOTTOM}"'
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" {ends}/>'
        yield (
            f'<text class="tick" x="{x:.1f}" y="{TRADES_BOTTOM + 18}" text-anchor="middle">'
            f"{time_text(at, unit)}</text>"
        )
    units = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    yield (
        f'<text x="{(LEFT + RIGHT) / 2}" y="{TRADES_BOTTOM + 40}" text-anchor="middle">'
        f"{units[unit]} since the story began</text>"
    )


def _prices(score: Score, samples: Sequence[Sample], time: Scale) -> Iterator[str]:
    seen = [price for s in samples for price in (s.last, s.mark, s.index)]
    low, high = span(seen)
    price = Scale(low, high, PRICE_BOTTOM, PRICE_TOP)
    start = float(samples[0].mark)
    yield f'<text x="{RIGHT}" y="{PRICE_TOP - 8}" text-anchor="end">change since the start</text>'
    ticks = list(price.ticks(6))
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    for value in ticks:
        y = price(value)
        yield f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _tick(LEFT - 8, y, number(value, step), anchor="end")
        yield _tick(RIGHT + 8, y, f"{(value / start - 1) * 100:+.2f}%".replace("-", "\u2212"))
    yield (
        f'<clipPath id="prices"><rect x="{LEFT}" y="{PRICE_TOP}" width="{RIGHT - LEFT}" '
        f'height="{PRICE_BOTTOM - PRICE_TOP}"/></clipPath><g clip-path="url(#prices)">'
    )
    for stretch in _quoted(samples):
        bids = _stairs(stretch, lambda s: s.bid or s.last, time, price, score.lasts)
        asks = _stairs(stretch, lambda s: s.ask or s.last, time, price, score.lasts)
        area = " ".join([*bids, *reversed(asks)])
        yield f'<polygon points="{area}" fill="var(--soft)" opacity=".22"/>'
    lines: tuple[tuple[str, str, Callable[[Sample], Decimal]], ...] = (
        ("index", "5 4", lambda s: s.index),
        ("mark", "", lambda s: s.mark),
        ("last", "", lambda s: s.last),
    )
    for name, dash, read in lines:
        way = " ".join(_stairs(samples, read, time, price, score.lasts))
        yield (
            f'<polyline class="line" points="{way}" stroke="var(--{name})" '
            f'stroke-dasharray="{dash}"/>'
        )
    yield "</g>"


def _quoted(samples: Sequence[Sample]) -> Iterator[Sequence[Sample]]:
    """Yield the stretches in which both sides were quoted, each with the sample that ends it."""
    stretch: list[Sample] = []
    for sample in samples:
        if sample.bid is not None and sample.ask is not None:
            stretch.append(sample)
        elif stretch:
            yield [*stretch, _ending(sample, stretch[-1])]
            stretch = []
    if stretch:
        yield stretch


def _ending(sample: Sample, before: Sample) -> Sample:
    """Return the sample before once more, at the instant at which its quotes were gone."""
    return Sample(
        at=sample.at,
        last=sample.last,
        mark=sample.mark,
        index=sample.index,
        bid=before.bid,
        ask=before.ask,
        bids=sample.bids,
        asks=sample.asks,
        traded=sample.traded,
    )


def _depth(score: Score, samples: Sequence[Sample], time: Scale) -> Iterator[str]:
    most = max(max(s.bids, s.asks) for s in samples) or Decimal(1)
    middle = (DEPTH_TOP + DEPTH_BOTTOM) / 2
    amount = Scale(-float(most), float(most), DEPTH_BOTTOM, DEPTH_TOP)
    sides: tuple[tuple[str, Callable[[Sample], Decimal]], ...] = (
        ("bid", lambda s: s.bids),
        ("ask", lambda s: -s.asks),
    )
    for name, read in sides:
        way = " ".join(_stairs(samples, read, time, amount, score.lasts))
        ends = f"{time(samples[0].at):.1f},{middle} {way} {time(score.lasts):.1f},{middle}"
        yield f'<polygon points="{ends}" fill="var(--{name})" opacity=".55"/>'
    yield f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{middle}" y2="{middle}"/>'
    for value in (float(most), 0.0, -float(most)):
        yield _tick(LEFT - 8, amount(value), _short(abs(value)), anchor="end")


def _trades(score: Score, samples: Sequence[Sample]) -> Iterator[str]:
    bars = [Decimal(0)] * BARS
    for before, after in pairwise(samples):
        bars[min(BARS - 1, after.at * BARS // score.lasts)] += after.traded - before.traded
    most = max(bars) or Decimal(1)
    height = Scale(0, float(most), TRADES_BOTTOM, TRADES_TOP)
    width = (RIGHT - LEFT) / BARS
    for index, quantity in enumerate(bars):
        if quantity:
            x, y = LEFT + index * width, height(quantity)
            yield (
                f'<rect x="{x + 0.5:.1f}" y="{y:.1f}" width="{width - 1:.1f}" '
                f'height="{TRADES_BOTTOM - y:.1f}" fill="var(--mark)" opacity=".6"/>'
            )
    yield f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{TRADES_BOTTOM}" y2="{TRADES_BOTTOM}"/>'
    yield _tick(LEFT - 8, height(most), _short(float(most)), anchor="end")
    yield _tick(LEFT - 8, TRADES_BOTTOM, "0", anchor="end")


def _moments(moments: Sequence[Moment], time: Scale) -> Iterator[str]:
    """Draw a marker for each moment; what is said twice or more is written once, with a count."""
    counts: dict[str, int] = {}
    for moment in moments:
        counts[moment.label] = counts.get(moment.label, 0) + 1
    first: dict[str, Moment] = {}
    for moment in moments:
        first.setdefault(moment.label, moment)
    labels = [
        (time(m.at), label if counts[label] == 1 else f"{label} \u00d7{counts[label]}")
        for label, m in first.items()
    ]
    rows = place(labels, left=LEFT, right=RIGHT + 60, rows=ROWS, glyph=GLYPH)
    tops = {
        label: LABELS_TOP + (ROWS - 1 - placed.row) * ROW_HEIGHT
        for label, placed in zip(first, rows, strict=True)
    }
    for moment in moments:
        kind, x = _kind(moment), time(moment.at)
        top = tops[moment.label] - 6 if first[moment.label] is moment else PRICE_TOP
        yield f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{TRADES_BOTTOM}"/>'
    for (label, moment), placed in zip(first.items(), rows, strict=True):
        x, anchor = (placed.x - 5, "end") if placed.leftward else (placed.x + 5, "start")
        yield (
            f'<text class="label {_kind(moment)}" x="{x:.1f}" y="{tops[label] + 4}" '
            f'text-anchor="{anchor}">{escape(placed.text)}</text>'
        )


def _kind(moment: Moment) -> str:
    return "told" if moment.ordered else "came"


def _stairs(
    samples: Sequence[Sample],
    read: Callable[[Sample], Decimal],
    time: Scale,
    scale: Scale,
    lasts: int,
) -> list[str]:
    """Return the corners of a line that stands still between two samples."""
    corners: list[str] = []
    y = scale(read(samples[0]))
    for sample in samples:
        x = time(sample.at)
        corners.append(f"{x:.1f},{y:.1f}")
        y = scale(read(sample))
        corners.append(f"{x:.1f},{y:.1f}")
    if samples[-1].at < lasts and len(samples) == 1:
        corners.append(f"{time(lasts):.1f},{y:.1f}")
    return corners


def _panel(top: int, name: str, note: str) -> str:
    said = f'{name}<tspan class="note" dx="8">{note}</tspan>'
    return f'<text class="label panel" x="{LEFT}" y="{top - 8}">{said}</text>'


def _tick(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return (
        f'<text class="tick" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


def _short(value: float) -> str:
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}".replace(",", "\u2009")
