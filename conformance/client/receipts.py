"""Learn what came of a command that the venue has only taken in: by stream, or by asking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from conformance.client.courier import Courier
from conformance.client.orders import Entry, Orders
from conformance.client.settings import Settings
from conformance.contracts.client import ClientHalf, Receipt
from conformance.model.ids import Symbol
from conformance.model.orders import Order
from conformance.model.outcomes import Accepted

Sign: TypeAlias = Callable[[Order], bool]
"""Says whether an order shows that a command was carried out."""


class Receipts:
    """Waits a bounded time for the stream; where that is mute the venue is asked."""

    def __init__(
        self, half: ClientHalf, courier: Courier, orders: Orders, settings: Settings
    ) -> None:
        self._half = half
        self._courier = courier
        self._orders = orders
        self._settings = settings

    async def told(self, symbol: Symbol, receipt: Receipt, sign: Sign) -> Order | None:
        """Return the order once it shows the sign, or None when neither stream nor query do."""
        entry = self._orders.bind(symbol, receipt)
        if entry is not None and await self._heard(entry, sign):
            return entry.order
        call = self._half.order(symbol, client_id=receipt.client_id, venue_id=receipt.venue_id)
        answer = await self._courier.send(call)
        if not isinstance(answer, Accepted):
            return None
        order = self._orders.merge(answer.value)
        return order if sign(order) else None

    async def _heard(self, entry: Entry, sign: Sign) -> bool:
        try:
            async with asyncio.timeout(self._settings.receipt_ms / 1000):
                while entry.assumed or not sign(entry.order):
                    await entry.news()
        except TimeoutError:
            return False
        return True
