"""Forget that an order only reduces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import OrderRequest
from conformance.model.outcomes import Outcome
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        return self.original.place(replace(request, reduce_only=False), hedge=hedge)

    def place_batch(
        self, requests: Sequence[OrderRequest], *, hedge: bool
    ) -> Call[Sequence[Outcome[Taken]]]:
        opened = [replace(request, reduce_only=False) for request in requests]
        return self.original.place_batch(opened, hedge=hedge)


@mutant("reduce-only-dropped", kills=("ERR-02", "ORD-06", "ORD-11"), bug="B053")
class ReduceOnlyDropped(AlteredClient):
    """Sends orders that may only reduce as orders that may open."""

    half_type = _Half
