"""Cancel more than was asked for."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.outcomes import Outcome


@mutant("cancel-all-everywhere", kills=("CAN-04",), bug="B027")
class CancelAllEverywhere(ReferenceClient):
    """Cancels the orders of every symbol when one was named."""

    async def cancel_all(self, symbol: str) -> Outcome[None]:
        for other in list(self._instruments):
            if other != symbol:
                await super().cancel_all(other)
        return await super().cancel_all(symbol)
