"""Public market data over REST.

Source: docs/v5/market, 2026-07-24.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.model.ids import Symbol
from conformance.venues.bybit.server.answers import Answer
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.pages import limit_of
from conformance.venues.bybit.server.tape import Tape
from conformance.venues.bybit.server.terms import Terms


class Market:
    """The endpoints anyone may call."""

    def __init__(self, desk: Desk, tapes: Mapping[Symbol, Tape]) -> None:
        self._desk = desk
        self._core = desk.core
        self._tapes = tapes

    def time(self, call: Call) -> Answer:
        """GET /v5/market/time."""
        at = call.at
        return Answer({"timeSecond": str(at // 1000), "timeNano": str(at * 1_000_000)})

    def orderbook(self, call: Call) -> Answer:
        """GET /v5/market/orderbook: ``u`` is that of the 1000-level stream."""
        terms = self._desk.terms_of(call.params)
        depth = self._core.depth(terms.symbol, limit_of(call))
        tape = self._tapes[terms.symbol]
        return Answer(
            {
                "s": terms.symbol,
                "b": levels(depth.bids, terms),
                "a": levels(depth.asks, terms),
                "ts": call.at,
                "u": tape.update_id,
                "seq": tape.sequence,
                "cts": tape.updated_ms or call.at,
            }
        )


def levels(rows: Iterable[tuple[int, int]], terms: Terms) -> list[list[Any]]:
    """Return price levels as ``[["price","quantity"],…]``, prices not padded."""
    return [[terms.bare(ticks), terms.quantity.text(lots)] for ticks, lots in rows]
