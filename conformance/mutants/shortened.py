"""Cut names short."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import OrderRequest
from conformance.mutants.altered import Altered, AlteredClient

_KEPT = 7


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        short = replace(request, client_id=(request.client_id or "")[:_KEPT])
        return self.original.place(short, hedge=hedge)


@mutant("client-id-cut-short", kills=("MON-17",), during=("CAN-04",), bug="B097")
class ClientIdCutShort(AlteredClient):
    """Cuts client ids to a length at which they are no longer unique."""

    half_type = _Half
