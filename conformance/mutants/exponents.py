"""Format numbers as scientists do."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import OrderRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        call = self.original.place(request, hedge=hedge)
        plain, short = f"{request.quantity:f}", str(request.quantity.normalize())
        params = [(name, short if value == plain else value) for name, value in call.params]
        return replace(call, params=tuple(params))


@mutant("exponent-notation", kills=("MON-14", "ORD-12"), bug="B092")
class ExponentNotation(AlteredClient):
    """Writes round quantities with an exponent."""

    half_type = _Half
