"""Keep the ghosts of levels that are gone."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.market import Market
from conformance.client.resequencer import Resequencer
from conformance.contracts.client import Snapshot


class _Book(Resequencer):
    def load(self, snapshot: Snapshot) -> bool:
        bids = {**self._bids, **dict(snapshot.bids)}
        asks = {**self._asks, **dict(snapshot.asks)}
        merged = Snapshot(snapshot.sequence, tuple(bids.items()), tuple(asks.items()))
        return super().load(merged)


class _Market(Market):
    book_type = _Book


@mutant("snapshot-added-to-old-book", kills=("MKT-05",), bug="ccxt/ccxt#29210")
class SnapshotAddedToOldBook(ReferenceClient):
    """Adds the levels of a new snapshot to those it had, and keeps what is gone."""

    market_type = _Market
