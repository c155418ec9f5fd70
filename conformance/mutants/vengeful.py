"""Take back what was taken."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import OrderNews
from conformance.model.orders import Kind, OrderRequest, Status


@mutant("re-entry-after-liquidation", kills=("FND-05",), bug="B139")
class ReEntryAfterLiquidation(ReferenceClient):
    """Takes a liquidation for a loss of step, and buys back what the venue has closed."""

    def _news(self, news: OrderNews) -> None:
        super()._news(news)
        lost = news.order
        if lost.status is not Status.FILLED or lost.reason != "liquidation":
            return
        back = OrderRequest(
            symbol=lost.symbol,
            side=lost.side.opposite,
            quantity=lost.filled,
            kind=Kind.MARKET,
            client_id=self._fresh_id(),
        )
        self._tasks.start(self._courier.send(self._half.place(back, hedge=self._hedge)))
