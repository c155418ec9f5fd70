"""Order that all be gone, and believe it."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import Status
from conformance.model.outcomes import Accepted, Outcome


@mutant("all-believed-cancelled", kills=("CAN-13", "UNK-13"), bug="sky-ecosystem/pyexchange#195")
class AllBelievedCancelled(ReferenceClient):
    """Takes all orders for cancelled once it has asked for that, whatever the venue says."""

    async def cancel_all(self, symbol: str) -> Outcome[None]:
        await super().cancel_all(symbol)
        for entry in self._orders.unfinished(symbol):
            self._orders.merge(replace(entry.order, status=Status.CANCELLED), latest=True)
        return Accepted(None)
