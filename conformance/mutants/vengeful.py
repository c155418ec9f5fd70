"""Take back what was taken."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import OrderNews
from conformance.model.orders import Kind, OrderRequest


@mutant("re-entry-after-liquidation", kills=("FND-05",), bug="B139")
class ReEntryAfterLiquidation(ReferenceClient):
    """Takes a liquidation for a loss of step, and buys back what the venue has closed."""

    def _news(self, news: OrderNews) -> None:
        super()._news(news)
        fill = news.fill
        if fill is None or news.order.reason != "liquidation":
            return
        back = OrderRequest(
            symbol=fill.symbol,
            side=fill.side.opposite,
            quantity=fill.quantity,
            kind=Kind.MARKET,
            client_id=self._fresh_id(),
        )
        self._tasks.start(self._courier.send(self._half.place(back, hedge=self._hedge)))
