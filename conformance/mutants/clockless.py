"""Begin without the time."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier


class _Courier(Courier):
    async def sync(self, *, since_s: float = 0.0) -> bool:
        await super().sync(since_s=since_s)
        return True


@mutant("starts-without-the-time", kills=("CLK-06",), bug="I08")
class StartsWithoutTheTime(ReferenceClient):
    """Begins to trade when the venue's time could not be had."""

    courier_type = _Courier
