"""Treat all orders of a batch as the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import OrderRequest, TimeInForce
from conformance.model.outcomes import Outcome
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place_batch(
        self, requests: Sequence[OrderRequest], *, hedge: bool
    ) -> Call[Sequence[Outcome[Taken]]]:
        alike = [replace(row, time_in_force=TimeInForce.GTC) for row in requests]
        return self.original.place_batch(alike, hedge=hedge)


@mutant("batch-without-time-in-force", kills=("ORD-17",), bug="ccxt/node-binance-api#396")
class BatchWithoutTimeInForce(AlteredClient):
    """Sends every order of a batch as good till cancelled, post-only ones too."""

    half_type = _Half
