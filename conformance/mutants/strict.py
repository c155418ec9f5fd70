"""Raise over a level that is not there."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.market import Market
from conformance.client.resequencer import Resequencer
from conformance.contracts.client import BookDelta
from conformance.model.capabilities import Way


class _Book(Resequencer):
    def _apply(self, delta: BookDelta) -> bool:
        for levels, side in ((delta.bids, self._bids), (delta.asks, self._asks)):
            for price, quantity in levels:
                if not quantity:
                    side.pop(price)
        return super()._apply(delta)


class _Market(Market):
    book_type = _Book


@mutant("absent-level-raises", kills=("MKT-12",), bug="B161", ways=[Way.STRAY_REMOVALS])
class AbsentLevelRaises(ReferenceClient):
    """Raises when the venue removes a level of the book that is not there."""

    market_type = _Market
