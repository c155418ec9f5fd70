"""Trades joined into candles, and where each candle begins and ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from conformance.model.ids import Lots, Millis, Ticks
from conformance.model.orders import Side
from conformance.model.records import TradeRecord

MINUTE: Millis = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
MONTH: Millis = 0
"""A month has no length of its own."""
_MONDAY: Millis = 4 * DAY
"""The first Monday after the epoch, which was a Thursday."""

Span: TypeAlias = tuple[Millis, Millis]
"""The first and the last millisecond of a candle."""


@dataclass(slots=True)
class Candle:
    """Prices and volumes of one interval (ticks, lots)."""

    opened_ms: Millis
    closed_ms: Millis
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    first: int
    last: int
    volume: Lots = 0
    value: int = 0
    """Sum of price x quantity in ticks x lots."""
    count: int = 0
    taker_buy: Lots = 0
    taker_buy_value: int = 0

    def add(self, trade: TradeRecord) -> None:
        """Count one trade."""
        self.high = max(self.high, trade.price)
        self.low = min(self.low, trade.price)
        self.close = trade.price
        self.last = trade.trade_id
        self.volume += trade.quantity
        self.value += trade.price * trade.quantity
        self.count += 1
        if trade.taker_side is Side.BUY:
            self.taker_buy += trade.quantity
            self.taker_buy_value += trade.price * trade.quantity


def flat(span: Span, price: Ticks) -> Candle:
    """Return the candle of an interval without trades."""
    return Candle(*span, price, price, price, price, -1, -1)


def fresh(trade: TradeRecord, span: Span) -> Candle:
    """Return an empty candle that begins with a trade."""
    price = trade.price
    return Candle(*span, price, price, price, price, trade.trade_id, trade.trade_id)


def candles(trades: Iterable[TradeRecord], spans: Callable[[Millis], Span]) -> dict[Millis, Candle]:
    """Return the candles of trades in the order of time, by opening; quiet ones are left out.

    ``spans`` gives the candle that holds an instant.
    """
    found: dict[Millis, Candle] = {}
    for trade in trades:
        span = spans(trade.at)
        candle = found.get(span[0])
        if candle is None:
            candle = found[span[0]] = fresh(trade, span)
        candle.add(trade)
    return found


def filled(
    found: Mapping[Millis, Candle], spans: Callable[[Millis], Span], end: Millis
) -> Iterator[Candle]:
    """Yield candles from the first one to the one that holds ``end``, quiet ones flat."""
    if not found:
        return
    span = spans(next(iter(found)))
    close = found[span[0]].open
    while span[0] <= end:
        candle = found.get(span[0]) or flat(span, close)
        close = candle.close
        yield candle
        span = spans(span[1] + 1)


def last_day(trades: Sequence[TradeRecord], at: Millis, price: Ticks) -> Candle:
    """Return the last 24 hours as one candle, flat at ``price`` when nothing traded."""
    span = (at - DAY, at)
    kept = [trade for trade in trades if trade.at > span[0]]
    if not kept:
        return flat(span, price)
    day = fresh(kept[0], span)
    for trade in kept:
        day.add(trade)
    return day


def bounds(length: Millis, at: Millis) -> Span:
    """Return the candle of a length that holds ``at``; weeks begin on Monday, all in UTC."""
    if length == MONTH:
        return _month(at)
    offset = _MONDAY if length == WEEK else 0
    opened = (at - offset) // length * length + offset
    return opened, opened + length - 1


def _month(at: Millis) -> Span:
    first = datetime.fromtimestamp(at // 1000, UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return _epoch_ms(first), _epoch_ms(after) - 1


def _epoch_ms(moment: datetime) -> Millis:
    return int(moment.timestamp()) * 1000
