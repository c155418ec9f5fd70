"""Give orders no name."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import OrderRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        call: Call[Taken] = self.original.place(request, hedge=hedge)
        params = tuple([pair for pair in call.params if pair[1] != request.client_id])
        return replace(call, params=params)


@mutant("orders-without-a-name", kills=("MON-15",), during=("ORD-01",), bug="I24")
class OrdersWithoutAName(AlteredClient):
    """Lets the venue invent the client ids."""

    half_type = _Half
