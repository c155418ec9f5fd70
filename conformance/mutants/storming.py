"""Cancel until it hurts."""

from __future__ import annotations

import asyncio

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import Order
from conformance.model.outcomes import Outcome


@mutant("cancel-storm", kills=("CAN-06", "MON-24"), bug="B018")
class CancelStorm(ReferenceClient):
    """Sends a cancel every second, for ever, for an order that has ended already."""

    async def cancel(
        self, symbol: str, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        entry = self._orders.find(symbol, client_id=client_id, venue_id=venue_id)
        if entry is not None and entry.order.status.terminal:
            self._tasks.start(self._insist(symbol, entry.order.venue_id))
        return await super().cancel(symbol, client_id=client_id, venue_id=venue_id)

    async def _insist(self, symbol: str, venue_id: str) -> None:
        while True:
            await asyncio.sleep(1)
            await self._courier.send(self._half.cancel(symbol, venue_id=venue_id))
