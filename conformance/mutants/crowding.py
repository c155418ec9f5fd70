"""Put everything into one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, ClientHalf, Taken
from conformance.model.orders import OrderRequest
from conformance.model.outcomes import Outcome
from conformance.mutants.altered import Altered, AlteredClient, remade

_MOST = 20
"""No venue takes more orders in a message."""


class _Half(Altered):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self.batch_max = 2 * _MOST

    def place_batch(
        self, requests: Sequence[OrderRequest], *, hedge: bool
    ) -> Call[Sequence[Outcome[Taken]]]:
        count = len(requests)
        modest: Call[Sequence[Outcome[Taken]]] = self.original.place_batch(requests, hedge=hedge)
        crowd = [*requests] * (_MOST // count + 1)
        call: Call[Sequence[Outcome[Taken]]] = self.original.place_batch(crowd, hedge=hedge)
        return replace(remade(call, lambda rows: rows[:count]), costs=modest.costs)


@mutant("batch-too-large", kills=("MON-22", "ORD-22"), during=("ORD-11", "SIG-06"), bug="B052")
class BatchTooLarge(AlteredClient):
    """Puts more into one message than the venue takes, as if there were no bound."""

    half_type = _Half
