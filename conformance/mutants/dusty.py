"""Send dust."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import OrderRequest
from conformance.mutants.altered import Altered, AlteredClient

_DUST = Decimal("0.00001")


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        dusty = replace(request, quantity=request.quantity + _DUST)
        return self.original.place(dusty, hedge=hedge)


@mutant("quantity-with-dust", kills=("MON-13",), during=("ORD-01",), bug="B092")
class QuantityWithDust(AlteredClient):
    """Sends quantities with what a float calculation has left behind them."""

    half_type = _Half
