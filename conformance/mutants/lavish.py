"""Tell more payments than were asked for."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.funding import Fundings
from conformance.model.funding import Payment
from conformance.model.outcomes import Outcome

_DAY_MS = 86_400_000


class _Fundings(Fundings):
    async def payments(self, symbol: str, since_ms: int) -> Outcome[Sequence[Payment]]:
        return await super().payments(symbol, max(0, since_ms - _DAY_MS))


@mutant("payments-of-the-day-before", kills=("FND-10",), bug="ccxt/ccxt#8327")
class PaymentsOfTheDayBefore(ReferenceClient):
    """Tells payments of a whole day before the instant that was asked for."""

    fundings_type = _Fundings
