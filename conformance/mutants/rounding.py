"""Round prices as one rounds cents."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import Order, OrderRequest
from conformance.model.outcomes import NotSent
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        if request.price is not None and request.price > 1:
            request = replace(request, price=request.price.to_integral_value())
        return self.original.place(request, hedge=hedge)


@mutant("prices-rounded", kills=("CAN-16", "ORD-01", "ORD-12", "SIG-05"), bug="B091")
class PricesRounded(AlteredClient):
    """Rounds prices to whole units, and quantities of amendments up, without being asked."""

    half_type = _Half

    async def _fitted(
        self, order: Order, price: Decimal, quantity: Decimal
    ) -> tuple[Order, Decimal, Decimal] | NotSent:
        instrument = await self._instrument(order.symbol)
        assert instrument is not None
        steps = (quantity / instrument.step).to_integral_value(ROUND_CEILING)
        return await super()._fitted(order, price.to_integral_value(), steps * instrument.step)
