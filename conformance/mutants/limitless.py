"""Know no limit."""

from __future__ import annotations

import time

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier
from conformance.client.limiter import Costs, Limiter
from conformance.model.wire import Operation


class _Limiter(Limiter):
    async def admit(self, operation: Operation, costs: Costs) -> None:  # noqa: ARG002
        self._grant(costs, time.monotonic())


class _Courier(Courier):
    limiter_type = _Limiter


@mutant(
    "no-limiter",
    kills=("MON-25", "RTL-01", "RTL-02", "RTL-04", "RTL-11", "STR-01", "STR-03"),
    bug="B118",
)
class NoLimiter(ReferenceClient):
    """Sends everything at once and hears no request to be silent."""

    courier_type = _Courier
