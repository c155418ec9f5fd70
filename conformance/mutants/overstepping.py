"""Turn the page too far."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.funding import Fundings
from conformance.model.funding import Payment
from conformance.model.outcomes import Accepted, Outcome


class _Fundings(Fundings):
    async def payments(self, symbol: str, since_ms: int) -> Outcome[Sequence[Payment]]:
        found: list[Payment] = []
        while True:
            page = await self._courier.send(self._half.payments(symbol, since_ms=since_ms))
            if not isinstance(page, Accepted):
                return page
            found += page.value.rows
            if page.value.more is None:
                return Accepted(found)
            since_ms = max(row.at_ms for row in page.value.rows) + 1


@mutant("page-begins-behind-the-last-instant", kills=("FND-04",), bug="B180")
class PageBeginsBehindTheLastInstant(ReferenceClient):
    """Reads the next page from behind the last instant, and loses what shares that instant."""

    fundings_type = _Fundings
