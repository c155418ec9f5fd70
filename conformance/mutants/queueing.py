"""Let cancels wait their turn."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier
from conformance.client.limiter import FIRST, Costs, Limiter
from conformance.model.wire import Operation


class _Limiter(Limiter):
    async def admit(self, operation: Operation, costs: Costs) -> None:
        if operation in FIRST:
            operation, costs = Operation.PLACE, (*costs, ("orders", 1))
        await super().admit(operation, costs)


class _Courier(Courier):
    limiter_type = _Limiter


@mutant("cancels-queue-behind-orders", kills=("RTL-06",), bug="I13")
class CancelsQueueBehindOrders(ReferenceClient):
    """Lets cancels queue behind orders that wait for their limit."""

    courier_type = _Courier
