"""Let every order rest."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import Kind, OrderRequest, TimeInForce
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        if request.kind is Kind.LIMIT:
            request = replace(request, time_in_force=TimeInForce.GTC)
        return self.original.place(request, hedge=hedge)


@mutant("time-in-force-dropped", kills=("ORD-03", "ORD-04", "ORD-05"), bug="B035")
class TimeInForceDropped(AlteredClient):
    """Sends every limit order as one that rests until it is cancelled."""

    half_type = _Half
