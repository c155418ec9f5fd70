"""Invent refusals for a batch."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import Taken
from conformance.model.categories import Category
from conformance.model.orders import Order, OrderRequest, Status
from conformance.model.outcomes import Outcome, OutcomeUnknown, Rejected


@mutant("lost-batch-is-refused", kills=("UNK-09",), bug="B001")
class LostBatchIsRefused(ReferenceClient):
    """Reports every order of a batch without an answer as refused."""

    _batching = False

    async def _batch(self, requests: Sequence[OrderRequest]) -> Sequence[Outcome[Order]]:
        self._batching = True
        try:
            return await super()._batch(requests)
        finally:
            self._batching = False

    async def _placed(
        self, request: OrderRequest, outcome: Outcome[Taken], *, new: bool
    ) -> Outcome[Order]:
        if not (self._batching and isinstance(outcome, OutcomeUnknown)):
            return await super()._placed(request, outcome, new=new)
        client_id = request.client_id or ""
        self._orders.conclude(request.symbol, client_id, Status.REJECTED, outcome.cause)
        return Rejected(Category.STATE, "", outcome.cause)
