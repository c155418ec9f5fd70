"""Take not found for gone."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import Taken
from conformance.model.categories import Category
from conformance.model.orders import Order, Status
from conformance.model.outcomes import Accepted, Outcome, Rejected


@mutant("not-found-taken-for-cancelled", kills=("CAN-02", "CAN-03", "CAN-05"), bug="B013")
class NotFoundTakenForCancelled(ReferenceClient):
    """Takes a cancel that the venue refused, because it does not find the order, for done."""

    async def _cancelled(
        self, symbol: str, client_id: str, venue_id: str, outcome: Outcome[Taken]
    ) -> Outcome[Order]:
        entry = self._orders.find(symbol, client_id=client_id, venue_id=venue_id)
        if (
            isinstance(outcome, Rejected)
            and outcome.category is Category.NOT_FOUND
            and entry is not None
        ):
            gone = replace(entry.order, status=Status.CANCELLED)
            return Accepted(self._orders.merge(gone, latest=True))
        return await super()._cancelled(symbol, client_id, venue_id, outcome)
