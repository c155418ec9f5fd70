"""Trade after the end."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import Order, OrderRequest
from conformance.model.outcomes import Outcome


@mutant("order-after-the-end", kills=("MON-28",), during=("ORD-01",), bug="I25")
class OrderAfterTheEnd(ReferenceClient):
    """Ends on paper only: an order that was still in its queue leaves after the stop."""

    def __init__(self, *args: Any, **parts: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **parts)
        self._latest: OrderRequest | None = None
        self._ending = False

    async def place(self, request: OrderRequest) -> Outcome[Order]:
        self._latest = request
        return await super().place(request)

    async def stop(self) -> None:
        if self._ending or self._latest is None:
            await super().stop()
            return
        self._ending = True
        self._tasks.start(self._last_will(self._latest))

    async def _last_will(self, request: OrderRequest) -> None:
        await self._courier.send(self._half.place(request, hedge=self._hedge))
        await self._courier.close()
