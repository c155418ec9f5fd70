"""Mix up symbols."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.orders import Orders
from conformance.model.orders import Fill


class _Orders(Orders):
    def count(self, fill: Fill, venue_id: str = "") -> Fill | None:
        if any(trade_id == fill.trade_id for _, trade_id in self._seen):
            return None
        return super().count(fill, venue_id)


@mutant("trade-id-without-symbol", kills=("DUP-03",), bug="B051")
class TradeIdWithoutSymbol(ReferenceClient):
    """Tells executions apart by their trade id alone, whatever the symbol."""

    orders_type = _Orders
