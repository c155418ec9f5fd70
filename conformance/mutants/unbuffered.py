"""Throw away what comes too early."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.market import Market
from conformance.client.resequencer import Resequencer
from conformance.contracts.client import BookDelta


class _Book(Resequencer):
    def feed(self, delta: BookDelta) -> bool:
        return super().feed(delta) if self.tracking else True


class _Market(Market):
    book_type = _Book


@mutant("no-buffer-before-snapshot", kills=("MKT-06",), bug="B153")
class NoBufferBeforeSnapshot(ReferenceClient):
    """Drops the changes of a book that arrive while its snapshot is under way."""

    market_type = _Market
