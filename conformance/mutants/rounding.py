"""Round prices as one rounds cents."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import OrderRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        if request.price is not None and request.price > 1:
            request = replace(request, price=request.price.to_integral_value())
        return self.original.place(request, hedge=hedge)


@mutant("prices-rounded", kills=("ORD-01", "ORD-12", "SIG-05"), bug="B091")
class PricesRounded(AlteredClient):
    """Rounds prices to whole units without being asked."""

    half_type = _Half
