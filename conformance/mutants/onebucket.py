"""Keep one bucket for everything."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier
from conformance.client.limiter import Costs, Limiter
from conformance.model.wire import Operation


class _Limiter(Limiter):
    async def admit(self, operation: Operation, costs: Costs) -> None:
        asking = operation in (Operation.OPEN_ORDERS, Operation.QUERY_ORDER)
        await super().admit(operation, (*costs, ("orders", 1)) if asking else costs)


class _Courier(Courier):
    limiter_type = _Limiter


@mutant("one-bucket-for-all", kills=("RTL-05",), bug="I13")
class OneBucketForAll(ReferenceClient):
    """Lets questions wait for the limit of orders."""

    courier_type = _Courier
