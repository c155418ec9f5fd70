"""Recorded prices in comma-separated values: own columns, or the layouts of public dumps.

The dumps at data.binance.vision come with a header line or without one, and in milliseconds or
microseconds (binance-public-data, README, 2026-11).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from conformance.model.ids import Millis
from conformance.scenarios.flaws import Flaw, Wrong, nearest
from conformance.scenarios.values import duration, number

ROWS_MAX = 200_000
"""Rows of one file; cut a longer one."""
MICROS_FROM = 10**14
"""A time above this counts microseconds."""


class Layout(StrEnum):
    """Which columns there are."""

    SERIES = "series"
    """A header of one's own: ``time`` and one column or more of prices."""
    AGG_TRADES = "aggTrades"
    TRADES = "trades"
    KLINES = "klines"


class _Shape(NamedTuple):
    """Columns of a dump; spot dumps have one more at the end."""

    columns: tuple[str, ...]
    time: int
    price: int
    size: int


SHAPES = {
    Layout.AGG_TRADES: _Shape(
        (
            "agg_trade_id",
            "price",
            "quantity",
            "first_trade_id",
            "last_trade_id",
            "transact_time",
            "is_buyer_maker",
        ),
        time=5,
        price=1,
        size=2,
    ),
    Layout.TRADES: _Shape(
        ("id", "price", "qty", "quote_qty", "time", "is_buyer_maker"), time=4, price=1, size=2
    ),
    Layout.KLINES: _Shape(
        (
            "open_time",
            "open",
            "high",
            "low",
            "close",
            "volume",
            "close_time",
            "quote_volume",
            "count",
            "taker_buy_volume",
            "taker_buy_quote_volume",
            "ignore",
        ),
        time=6,
        price=4,
        size=5,
    ),
}
EXTRA = "is_best_match"
"""The further column of spot dumps."""


class _Columns(NamedTuple):
    """Where to look in a row; ``size`` is below zero when there is none."""

    time: int
    price: int
    size: int
    counts: tuple[int, ...]
    header: bool


def read_series(
    file: Path, layout: Layout, column: str
) -> tuple[tuple[tuple[Millis, Decimal], ...], list[Flaw]]:
    """Return times and prices of a file, and what is wrong with it; never both."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return (), [Flaw(file, 1, f"cannot be read: {error}", "give a text file of values")]
    try:
        columns = _columns(lines, layout, column)
    except Wrong as wrong:
        return (), [Flaw(file, 1, wrong.what, wrong.mend)]
    rows, flaws = _rows(file, lines, columns)
    if not flaws and not rows:
        flaws.append(Flaw(file, 1, "there are no rows", "give at least one"))
    return ((), flaws) if flaws else (tuple(rows), [])


def _columns(lines: Sequence[str], layout: Layout, column: str) -> _Columns:
    head = [cell.strip() for cell in lines[0].split(",")] if lines else []
    if layout is Layout.SERIES:
        if "time" not in head:
            raise Wrong(f"no column 'time' among {', '.join(head)}", "name it in the first line")
        if column not in head:
            raise Wrong(f"no column {column!r}", nearest(column, head))
        size = head.index("size") if "size" in head else -1
        return _Columns(head.index("time"), head.index(column), size, (len(head),), header=True)
    shape = SHAPES[layout]
    counts = (len(shape.columns), len(shape.columns) + (layout is not Layout.KLINES))
    header = any(cell[:1].isalpha() for cell in head[:1])
    if header:
        for wanted, found in zip((*shape.columns, EXTRA), head, strict=False):
            if wanted != found:
                raise Wrong(f"wrong column {found!r}", f"a {layout} dump has {wanted!r} there")
    return _Columns(shape.time, shape.price, shape.size, counts, header)


def _rows(
    file: Path, lines: Sequence[str], columns: _Columns
) -> tuple[list[tuple[Millis, Decimal]], list[Flaw]]:
    rows: list[tuple[Millis, Decimal]] = []
    flaws: list[Flaw] = []
    for line, content in enumerate(lines, 1):
        if not content.strip() or (line == 1 and columns.header):
            continue
        try:
            row = _row(content.split(","), columns)
        except Wrong as wrong:
            flaws.append(Flaw(file, line, wrong.what, wrong.mend))
            continue
        if rows and row[0] < rows[-1][0]:
            what = "unordered: the time lies before that of the row above"
            flaws.append(Flaw(file, line, what, "sort by time"))
        if len(rows) == ROWS_MAX:
            flaws.append(Flaw(file, line, f"more than {ROWS_MAX} rows", "cut the file"))
            break
        rows.append(row)
    return rows, flaws


def _row(cells: Sequence[str], columns: _Columns) -> tuple[Millis, Decimal]:
    if len(cells) not in columns.counts:
        wanted = " or ".join(map(str, dict.fromkeys(columns.counts)))
        raise Wrong(f"{len(cells)} columns", f"{wanted} are expected: is the layout right?")
    price = number(cells[columns.price].strip())
    if price <= 0:
        raise Wrong(f"the price {price} is not above zero", "prices are positive")
    if columns.size >= 0 and (size := number(cells[columns.size].strip())) < 0:
        raise Wrong(f"the size {size} is negative", "sizes are zero or more")
    return _time(cells[columns.time].strip()), price


def _time(cell: str) -> Millis:
    """Take epoch milliseconds or microseconds, or a span such as ``1m30s``."""
    if not cell.isdecimal():
        return duration(cell)
    count = int(cell)
    return count // 1000 if count > MICROS_FROM else count
