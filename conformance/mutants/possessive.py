"""Ask about what is held."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.funding import Payment
from conformance.model.outcomes import Accepted, Outcome


@mutant("payments-of-held-legs-only", kills=("FND-03",), bug="I29")
class PaymentsOfHeldLegsOnly(ReferenceClient):
    """Asks for the payments of what is held now: what was closed since has paid nothing."""

    async def payments(self, symbol: str, *, since_ms: int) -> Outcome[Sequence[Payment]]:
        if symbol not in self._legs.symbols():
            return Accepted(())
        return await super().payments(symbol, since_ms=since_ms)
