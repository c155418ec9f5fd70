"""Retry without looking."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import OrderRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        return replace(self.original.place(request, hedge=hedge), idempotent=True)


@mutant("retries-orders-blindly", kills=("DUP-04", "MON-18", "UNK-01"), bug="B008")
class RetriesOrdersBlindly(AlteredClient):
    """Sends an order again like any question, and believes the refusal of the second."""

    half_type = _Half
