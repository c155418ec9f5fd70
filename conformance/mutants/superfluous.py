"""Say what may not be said."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.capabilities import Way
from conformance.model.orders import OrderRequest, PositionSide
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        call = self.original.place(request, hedge=hedge)
        if not (hedge and request.reduce_only):
            return call
        netted = replace(request, position_side=PositionSide.NET)
        said = {name for name, _ in call.params}
        fuller = self.original.place(netted, hedge=False).params
        more = [row for row in fuller if row[0] not in said]
        return replace(call, params=(*call.params, *more))


@mutant(
    "reduce-only-in-hedge-mode",
    kills=("MON-20", "ORD-15"),
    bug="B054",
    ways=[Way.HEDGE_WITHOUT_MARK],
)
class ReduceOnlyInHedgeMode(AlteredClient):
    """Sends the reduce-only mark in hedge mode, where the venue refuses it."""

    half_type = _Half
