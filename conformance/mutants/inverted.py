"""See payments from the other side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.funding import Fundings
from conformance.model.funding import Payment
from conformance.model.outcomes import Accepted, Outcome


class _Fundings(Fundings):
    async def payments(self, symbol: str, since_ms: int) -> Outcome[Sequence[Payment]]:
        told = await super().payments(symbol, since_ms)
        if not isinstance(told, Accepted):
            return told
        return Accepted([replace(row, amount=-row.amount) for row in told.value])


@mutant("funding-sign-reversed", kills=("FND-01",), bug="B087")
class FundingSignReversed(ReferenceClient):
    """Tells what was paid as received, and what was received as paid."""

    fundings_type = _Fundings
