"""How far the middle of the book lay from mark: the average of half a minute.

Source: help centre, price limit rules, 2026-05: over the last 30 seconds, one sample a second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from decimal import Decimal

from conformance.contracts.core import Core
from conformance.model.ids import Millis
from conformance.model.money import from_atoms
from conformance.venues.bybit.server.terms import Terms

AVERAGED_MS: Millis = 30_000
_SAMPLE_MS: Millis = 1000
_SAMPLES = AVERAGED_MS // _SAMPLE_MS


class Premiums:
    """The samples of all instruments."""

    def __init__(self, instruments: Iterable[Terms], core: Core) -> None:
        self._core = core
        self._kept = {terms: deque[Decimal](maxlen=_SAMPLES) for terms in instruments}
        self._sampled: int | None = None

    def sample(self, at: Millis) -> None:
        """Take the samples that were due up to ``at``; to be called before anything changes."""
        number = at // _SAMPLE_MS
        before, self._sampled = self._sampled, number
        if before is None or number <= before:
            return
        for terms, kept in self._kept.items():
            kept.extend([self._present(terms)] * min(number - before, _SAMPLES))

    def average(self, terms: Terms) -> Decimal:
        """Return the average so far; the present premium in the first second of all."""
        kept = self._kept[terms]
        return sum(kept, Decimal(0)) / len(kept) if kept else self._present(terms)

    def _present(self, terms: Terms) -> Decimal:
        depth = self._core.depth(terms.symbol, 1)
        if not depth.bids or not depth.asks:
            return Decimal(0)
        middle = terms.listing.tick * (depth.bids[0].price + depth.asks[0].price) / 2
        return middle - from_atoms(self._core.mark(terms.symbol))
