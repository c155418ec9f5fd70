"""Order twice."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import Taken
from conformance.model.orders import Order, OrderRequest, Status
from conformance.model.outcomes import Outcome, OutcomeUnknown


@mutant("resent-under-new-id", kills=("DUP-04", "MON-19", "STR-08", "UNK-01"), bug="B002")
class ResentUnderNewId(ReferenceClient):
    """Takes a time-out for a failure and orders again, under a new client id."""

    async def _placed(
        self, request: OrderRequest, outcome: Outcome[Taken], *, new: bool
    ) -> Outcome[Order]:
        if not isinstance(outcome, OutcomeUnknown):
            return await super()._placed(request, outcome, new=new)
        client_id = request.client_id or ""
        self._orders.conclude(request.symbol, client_id, Status.REJECTED, outcome.cause)
        return await self.place(replace(request, client_id=self._fresh_id()))
