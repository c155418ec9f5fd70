"""Believe that a batch is one success."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import Order, OrderRequest, Status
from conformance.model.outcomes import Accepted, Outcome, Rejected
from conformance.mutants.altered import Altered, AlteredClient, remade


class _Half(Altered):
    def place_batch(
        self, requests: Sequence[OrderRequest], *, hedge: bool
    ) -> Call[Sequence[Outcome[Taken]]]:
        def fine(rows: Sequence[Outcome[Taken]]) -> Sequence[Outcome[Taken]]:
            return [
                Accepted(_resting(request)) if isinstance(row, Rejected) else row
                for request, row in zip(requests, rows, strict=True)
            ]

        return remade(self.original.place_batch(requests, hedge=hedge), fine)


def _resting(request: OrderRequest) -> Order:
    return Order(
        symbol=request.symbol,
        client_id=request.client_id or "",
        side=request.side,
        kind=request.kind,
        quantity=request.quantity,
        price=request.price,
        status=Status.OPEN,
    )


@mutant("batch-errors-lost", kills=("ERR-02", "ORD-11"), bug="B099")
class BatchErrorsLost(AlteredClient):
    """Takes a batch for placed when the message as a whole succeeded."""

    half_type = _Half
