"""Send at once what was to wait."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import Kind, Order, OrderRequest
from conformance.model.outcomes import Outcome


@mutant("trigger-dropped", kills=("ORD-09",), bug="ccxt/ccxt#16442")
class TriggerDropped(ReferenceClient):
    """Sends a conditional order without its trigger, so that it acts at once."""

    async def place(self, request: OrderRequest) -> Outcome[Order]:
        if request.trigger_price is not None:
            kind = Kind.MARKET if request.price is None else Kind.LIMIT
            request = replace(request, kind=kind, trigger_price=None)
        return await super().place(request)
