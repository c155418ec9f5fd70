"""Take a lost cancel for done."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import Order, Status
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def cancel(self, symbol: str, *, client_id: str = "", venue_id: str = "") -> Call[Taken]:
        call = self.original.cancel(symbol, client_id=client_id, venue_id=venue_id)
        return replace(call, idempotent=False)


@mutant("unknown-cancel-taken-for-done", kills=("UNK-07",), bug="B005")
class UnknownCancelTakenForDone(AlteredClient):
    """Takes a cancel whose answer was lost for done."""

    half_type = _Half

    async def _cancelled(
        self, symbol: str, client_id: str, venue_id: str, outcome: Outcome[Taken]
    ) -> Outcome[Order]:
        entry = self._orders.find(symbol, client_id=client_id, venue_id=venue_id)
        if isinstance(outcome, OutcomeUnknown) and entry is not None:
            gone = replace(entry.order, status=Status.CANCELLED)
            return Accepted(self._orders.merge(gone, latest=True))
        return await super()._cancelled(symbol, client_id, venue_id, outcome)
