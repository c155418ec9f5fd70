"""Lose the id that was given."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def cancel(
        self,
        symbol: str,
        *,
        client_id: str = "",
        venue_id: str = "",  # noqa: ARG002 - the fault
    ) -> Call[Taken]:
        return self.original.cancel(symbol, client_id=client_id)


@mutant("venue-id-not-sent", kills=("CAN-01", "MON-21"), bug="B020")
class VenueIdNotSent(AlteredClient):
    """Cancels by client id only, though it was given the venue's id."""

    half_type = _Half
