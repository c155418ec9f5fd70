"""Look at the clock once."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier


class _Courier(Courier):
    async def sync(self, *, since_s: float = 0.0) -> bool:
        return self.clock.synced or await super().sync(since_s=since_s)


@mutant("clock-measured-once", kills=("CLK-02", "CLK-03", "CLK-08", "SIG-12"), bug="B113")
class ClockMeasuredOnce(ReferenceClient):
    """Measures the offset to the venue's clock at the start only."""

    courier_type = _Courier
