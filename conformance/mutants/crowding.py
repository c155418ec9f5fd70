"""Put everything into one message."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.contracts.client import Call, ClientHalf, Taken
from conformance.model.orders import OrderRequest
from conformance.model.outcomes import Outcome
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self.batch_max = 2 * half.batch_max

    def place_batch(
        self, requests: Sequence[OrderRequest], *, hedge: bool
    ) -> Call[Sequence[Outcome[Taken]]]:
        return self.original.place_batch([*requests, *requests], hedge=hedge)


@mutant("batch-too-large", kills=("MON-22",), during=("ORD-11", "SIG-06"), bug="B052")
class BatchTooLarge(AlteredClient):
    """Doubles what it puts into one message, as if there were no bound."""

    half_type = _Half
