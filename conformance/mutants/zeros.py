"""Keep the levels that are gone."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.market import Market
from conformance.client.resequencer import Resequencer
from conformance.contracts.client import BookDelta


class _Book(Resequencer):
    def _apply(self, delta: BookDelta) -> bool:
        done = super()._apply(delta)
        self._bids.update(row for row in delta.bids if not row[1])
        self._asks.update(row for row in delta.asks if not row[1])
        return done


class _Market(Market):
    book_type = _Book


@mutant("empty-levels-kept", kills=("MKT-04", "MKT-12"), bug="B164")
class EmptyLevelsKept(ReferenceClient):
    """Keeps a level whose quantity has become zero."""

    market_type = _Market
