"""Take a lost cancel for done."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import Order, Status
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown


@mutant("unknown-cancel-taken-for-done", kills=("UNK-07",), bug="B005")
class UnknownCancelTakenForDone(ReferenceClient):
    """Takes a cancel whose answer was lost for done."""

    async def cancel(
        self, symbol: str, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        call = replace(
            self._half.cancel(symbol, client_id=client_id, venue_id=venue_id), idempotent=False
        )
        outcome = await self._courier.send(call)
        entry = self._orders.find(symbol, client_id=client_id, venue_id=venue_id)
        if isinstance(outcome, OutcomeUnknown) and entry is not None:
            gone = replace(entry.order, status=Status.CANCELLED)
            return Accepted(self._orders.merge(gone, latest=True))
        return outcome
