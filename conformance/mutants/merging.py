"""Tell payments apart by their number alone."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.funding import Fundings
from conformance.model.capabilities import Way
from conformance.model.funding import Payment
from conformance.model.outcomes import Accepted, Outcome


class _Fundings(Fundings):
    async def payments(self, symbol: str, since_ms: int) -> Outcome[Sequence[Payment]]:
        told = await super().payments(symbol, since_ms)
        if not isinstance(told, Accepted):
            return told
        numbered = {row.payment_id.rpartition("-")[2]: row for row in told.value}
        return Accepted(tuple(numbered.values()))


@mutant(
    "payments-of-one-number-merged",
    kills=("FND-02",),
    bug="B180",
    ways=[Way.SPECIAL_FUNDING],
)
class PaymentsOfOneNumberMerged(ReferenceClient):
    """Takes a special payment and a regular one of the same number for the same payment."""

    fundings_type = _Fundings
