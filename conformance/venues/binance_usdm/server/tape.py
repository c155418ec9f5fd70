"""What the market did, as the public endpoints and streams tell it: ids, trades, candles.

Book update ids leave gaps, as the venue's do: its samples run U 157, u 160, pu 149
(usds-margined-futures/websocket-market-streams, 2026-05-28). A snapshot's lastUpdateId lies
between the last change and the next one, so that the first event after it always covers it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from conformance.contracts.core import Core
from conformance.model.ids import Lots, Millis, Symbol, Ticks
from conformance.model.money import from_atoms
from conformance.model.orders import Side
from conformance.model.records import TradeRecord
from conformance.venues.binance_usdm.server.intervals import bounds
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.candles import Candle, candles, last_day

FIRST_UPDATE = 1_000_000
SNAPSHOT_LEAD = 3
"""How far a snapshot's id lies behind the last change: at least two, below the least stride."""
_STRIDE_LEAST, _STRIDE_SPREAD, _STRIDE_FACTOR = 5, 7, 3
_AGGREGATES_KEPT = 1000


class Aggregate(NamedTuple):
    """Trades of one taker at one price."""

    number: int
    symbol: Symbol
    price: Ticks
    quantity: Lots
    first: int
    last: int
    at: Millis
    taker_side: Side


class Tape:
    """Book ids and aggregated trades of one symbol."""

    __slots__ = (
        "_aggregates",
        "_core",
        "_next",
        "_strides",
        "joined",
        "terms",
        "update_id",
        "updated_ms",
    )

    def __init__(self, terms: Terms, core: Core) -> None:
        self.terms = terms
        self._core = core
        self.update_id = FIRST_UPDATE
        """Id of the last change of the book."""
        self.updated_ms: Millis = 0
        self._strides = 0
        self._aggregates: deque[Aggregate] = deque(maxlen=_AGGREGATES_KEPT)
        self.joined: Sequence[Aggregate] = ()
        """The aggregated trades of the last command."""
        self._next = 1

    @property
    def snapshot_id(self) -> int:
        """The lastUpdateId of a snapshot taken now."""
        return self.update_id + SNAPSHOT_LEAD

    def change(self, at: Millis) -> int:
        """Give one change of the book its id."""
        self._strides += 1
        self.update_id += _STRIDE_LEAST + self._strides * _STRIDE_FACTOR % _STRIDE_SPREAD
        self.updated_ms = at
        return self.update_id

    def aggregate(self, trades: Sequence[TradeRecord]) -> None:
        """Join neighbouring trades of one command at one price, and remember the result."""
        made: list[Aggregate] = []
        for trade in trades:
            if made and made[-1].price == trade.price and made[-1].taker_side is trade.taker_side:
                before = made[-1]
                made[-1] = before._replace(
                    quantity=before.quantity + trade.quantity, last=trade.trade_id
                )
                continue
            number, self._next = self._next, self._next + 1
            made.append(
                Aggregate(
                    number,
                    trade.symbol,
                    trade.price,
                    trade.quantity,
                    trade.trade_id,
                    trade.trade_id,
                    trade.at,
                    trade.taker_side,
                )
            )
        self._aggregates.extend(made)
        self.joined = made

    @property
    def aggregates(self) -> Sequence[Aggregate]:
        """The remembered aggregated trades, oldest first."""
        return tuple(self._aggregates)

    def candles(self, interval: str, since: Millis = 0) -> dict[Millis, Candle]:
        """Return the candles of the trades at or after ``since``, by opening."""
        trades = self._core.trades(self.terms.symbol)
        return candles((t for t in trades if t.at >= since), partial(bounds, interval))

    def day(self, at: Millis) -> Candle:
        """Return the last 24 hours as one candle, flat at the last price when nothing traded."""
        return last_day(self._core.trades(self.terms.symbol), at, self.last_price)

    @property
    def last_price(self) -> Ticks:
        """Price of the newest trade (or where it was moved to), on the grid."""
        listing = self.terms.listing
        return listing.prices.floor(from_atoms(self._core.last(self.terms.symbol)))
