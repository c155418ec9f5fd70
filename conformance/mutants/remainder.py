"""Mix up total and remainder."""

from __future__ import annotations

from decimal import Decimal

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import Order
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def amend(self, order: Order, price: Decimal, quantity: Decimal) -> Call[Taken]:
        return self.original.amend(order, price, quantity - order.filled)


@mutant("amends-the-remainder", kills=("CAN-07",), bug="B026")
class AmendsTheRemainder(AlteredClient):
    """Sends what is left to fill where the venue wants the total quantity."""

    half_type = _Half
