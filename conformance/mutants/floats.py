"""Trust binary floats with money."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import OrderRequest
from conformance.model.outcomes import NotSent


@mutant("float-money", kills=("MON-12", "ORD-12", "SIG-05"), bug="B093")
class FloatMoney(ReferenceClient):
    """Works out prices and quantities as binary floats: so many ticks times the tick."""

    async def _prepared(self, request: OrderRequest) -> OrderRequest | NotSent:
        fitted = await super()._prepared(request)
        if isinstance(fitted, NotSent):
            return fitted
        rules = self._instruments[request.symbol]
        price = None if fitted.price is None else _product(fitted.price, rules.tick)
        return replace(fitted, price=price, quantity=_product(fitted.quantity, rules.step))


def _product(value: Decimal, step: Decimal) -> Decimal:
    return Decimal(repr(float(value / step) * float(step)))
