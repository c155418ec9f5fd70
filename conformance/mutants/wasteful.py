"""Throw away what will be needed."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.market import Market
from conformance.client.resequencer import Resequencer
from conformance.contracts.client import Snapshot


class _Book(Resequencer):
    def load(self, snapshot: Snapshot) -> bool:
        joined = super().load(snapshot)
        if not joined:
            self._buffer.clear()
        return joined


class _Market(Market):
    book_type = _Book


@mutant("buffer-thrown-away", kills=("MKT-06",), bug="B154")
class BufferThrownAway(ReferenceClient):
    """Empties the buffer whenever a snapshot turns out to be too old."""

    market_type = _Market
