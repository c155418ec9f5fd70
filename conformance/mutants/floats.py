"""Trust binary floats with money."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.orders import Order, OrderRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Order]:
        price = None if request.price is None else _float(request.price)
        return self.original.place(
            replace(request, price=price, quantity=_float(request.quantity)), hedge=hedge
        )


def _float(value: Decimal) -> Decimal:
    return Decimal(float(value))


@mutant("float-money", kills=("ORD-12", "SIG-05"), bug="B093")
class FloatMoney(AlteredClient):
    """Sends prices and quantities by way of binary floats."""

    half_type = _Half
