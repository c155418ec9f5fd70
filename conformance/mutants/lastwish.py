"""Remember the last wish only."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.market import Market
from conformance.contracts.client import StreamPlan


class _Market(Market):
    async def _plan(self, path: str) -> StreamPlan:
        return self._half.book_stream(list(self._routed(path))[-1:])

    def _resync_all(self, *, asking: bool = False) -> None:  # noqa: ARG002 - the fault
        last = list(self._watches)[-1]
        if not self._watches[last].book.valid:
            self._resync(last, self._watches[last])


@mutant("last-subscription-restored", kills=("MKT-16",), bug="bybit-exchange/pybit#76")
class LastSubscriptionRestored(ReferenceClient):
    """Remembers of its subscriptions the last one only, and restores no other."""

    market_type = _Market
