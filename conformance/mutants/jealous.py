"""Suffer no other client."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import OrderNews


@mutant("foreign-orders-cancelled", kills=("LIF-09",), bug="B027")
class ForeignOrdersCancelled(ReferenceClient):
    """Cancels every order of the account that it did not place itself."""

    def _news(self, news: OrderNews) -> None:
        super()._news(news)
        order = news.order
        entry = self._orders.find(order.symbol, venue_id=order.venue_id)
        if entry is not None and not entry.order.own and order.status.live:
            self._tasks.start(self.cancel(order.symbol, venue_id=order.venue_id))
