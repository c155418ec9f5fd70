"""What funding charges next, and everything it has charged."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.client.courier import Courier
from conformance.client.settings import Settings
from conformance.contracts.client import ClientHalf
from conformance.model.funding import Funding, Payment
from conformance.model.ids import Millis, Symbol
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown


class Fundings:
    """Asks the venue: rates, instants and intervals change while a client runs."""

    def __init__(self, half: ClientHalf, courier: Courier, settings: Settings) -> None:
        self._half = half
        self._courier = courier
        self._settings = settings

    async def next(self, symbol: Symbol) -> Outcome[Funding]:
        """Return what the next funding of a symbol will be."""
        accrual = await self._courier.send(self._half.accrual(symbol))
        if not isinstance(accrual, Accepted):
            return accrual
        intervals = await self._courier.send(self._half.intervals())
        if not isinstance(intervals, Accepted):
            return intervals
        return Accepted(
            Funding(
                symbol=symbol,
                rate=accrual.value.rate,
                interval_h=intervals.value.get(symbol, self._half.interval_h),
                next_ms=accrual.value.next_ms,
            )
        )

    async def payments(self, symbol: Symbol, since_ms: Millis) -> Outcome[Sequence[Payment]]:
        """Read the history page by page; each page begins with the last instant of the one before.

        Several payments may share that instant: they come again, and are told by their ids.
        """
        found: dict[str, Payment] = {}
        for _ in range(self._settings.payment_pages_max):
            page = await self._courier.send(self._half.payments(symbol, since_ms=since_ms))
            if not isinstance(page, Accepted):
                return page
            rows = page.value
            found |= {row.payment.payment_id: row.payment for row in rows if row.payment}
            if len(rows) < self._half.payments_max:
                return Accepted(tuple(found.values()))
            if rows[-1].at_ms == since_ms:
                return OutcomeUnknown(f"more than {len(rows)} entries share one millisecond")
            since_ms = rows[-1].at_ms
        return OutcomeUnknown("the history has too many pages")
