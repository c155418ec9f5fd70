"""What funding charges next, and everything it has charged."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.client.courier import Courier
from conformance.contracts.client import ClientHalf
from conformance.model.funding import Funding, Payment
from conformance.model.ids import Millis, Symbol
from conformance.model.outcomes import Accepted, Outcome


class Fundings:
    """Asks the venue: rates, instants and intervals change while a client runs."""

    def __init__(self, half: ClientHalf, courier: Courier) -> None:
        self._half = half
        self._courier = courier

    async def next(self, symbol: Symbol) -> Outcome[Funding]:
        """Return what the next funding of a symbol will be."""
        accrual = await self._courier.send(self._half.accrual(symbol))
        if not isinstance(accrual, Accepted):
            return accrual
        interval = await self._courier.send(self._half.interval(symbol))
        if not isinstance(interval, Accepted):
            return interval
        return Accepted(
            Funding(
                symbol=symbol,
                rate=accrual.value.rate,
                interval_h=interval.value,
                next_ms=accrual.value.next_ms,
            )
        )

    async def payments(self, symbol: Symbol, since_ms: Millis) -> Outcome[Sequence[Payment]]:
        """Read the history to its end; what comes on two of its pages is told by its id."""
        told = await self._courier.pages(self._half.payments(symbol, since_ms=since_ms))
        if not isinstance(told, Accepted):
            return told
        found = {row.payment_id: row for row in told.value.rows}
        return Accepted(tuple(sorted(found.values(), key=lambda row: row.at_ms)))
