"""Give orders flowery names."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import OrderRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        flowery = replace(request, client_id=f"{request.client_id} *** my bot ***")
        return self.original.place(flowery, hedge=hedge)


@mutant("client-id-with-ornaments", kills=("MON-16",), during=("ORD-01",), bug="B097")
class ClientIdWithOrnaments(AlteredClient):
    """Adds blanks and stars to every client id."""

    half_type = _Half
