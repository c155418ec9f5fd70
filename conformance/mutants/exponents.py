"""Format numbers as scientists do."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.orders import Order, OrderRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Order]:
        call = self.original.place(request, hedge=hedge)
        params = tuple([(name, _scientific(value)) for name, value in call.params])
        return replace(call, params=params)


def _scientific(value: str) -> str:
    if not value.replace(".", "", 1).isdigit():
        return value
    return str(Decimal(value).normalize())


@mutant("exponent-notation", kills=("ORD-12",), bug="B092")
class ExponentNotation(AlteredClient):
    """Writes round numbers with an exponent."""

    half_type = _Half
