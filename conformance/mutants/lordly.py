"""Ask the same of what closes as of what opens."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import OrderRequest
from conformance.model.outcomes import NotSent


@mutant("small-remainders-not-closed", kills=("ORD-21",), bug="hummingbot/hummingbot#7094")
class SmallRemaindersNotClosed(ReferenceClient):
    """Asks the least notional of an opening order of one that only reduces, too."""

    async def _prepared(self, request: OrderRequest) -> OrderRequest | NotSent:
        prepared = await super()._prepared(replace(request, reduce_only=False))
        if isinstance(prepared, NotSent):
            return prepared
        return replace(prepared, reduce_only=request.reduce_only)
