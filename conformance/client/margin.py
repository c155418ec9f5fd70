"""After a margin call nothing is opened until margin is sound again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from conformance.client.courier import Courier
from conformance.client.legs import Legs
from conformance.client.settings import Settings
from conformance.client.tasks import Tasks
from conformance.contracts.client import ClientHalf, MarginCall
from conformance.model.ids import Symbol
from conformance.model.orders import OrderRequest, PositionSide, Side
from conformance.model.outcomes import Accepted

_CLOSES = {(Side.BUY, PositionSide.SHORT), (Side.SELL, PositionSide.LONG)}


class Margin:
    """Remembers which legs were called, and asks until there is free margin or they are flat."""

    def __init__(
        self,
        half: ClientHalf,
        courier: Courier,
        legs: Legs,
        settings: Settings,
        tasks: Tasks,
        alert: Callable[[str], None],
    ) -> None:
        self._half = half
        self._courier = courier
        self._legs = legs
        self._settings = settings
        self._tasks = tasks
        self._alert = alert
        self._symbols: set[Symbol] = set()

    @property
    def called(self) -> bool:
        """True while margin is known to be short."""
        return bool(self._symbols)

    def call(self, event: MarginCall) -> None:
        """Take a margin call."""
        self._alert(f"margin was called: {', '.join(event.symbols)}")
        idle = not self._symbols
        self._symbols.update(event.symbols)
        if idle and self._symbols:
            self._tasks.start(self._watch())

    def forbids(self, request: OrderRequest) -> bool:
        """Say whether an order may not be sent now: whatever could open or enlarge a leg."""
        closes = request.reduce_only or (request.side, request.position_side) in _CLOSES
        return self.called and not closes

    async def _watch(self) -> None:
        while self._symbols:
            await asyncio.sleep(self._settings.margin_ask_ms / 1000)
            if self._symbols.isdisjoint(self._legs.symbols()) or await self._sound():
                self._symbols.clear()

    async def _sound(self) -> bool:
        """Free margin is what is left when every leg has its initial margin."""
        outcome = await self._courier.send(self._half.balances())
        return isinstance(outcome, Accepted) and any(row.available > 0 for row in outcome.value)
