"""Say that a setting is set."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.outcomes import Accepted, Outcome


@mutant("refused-leverage-reported-set", kills=("POS-01",), bug="B061")
class RefusedLeverageReportedSet(ReferenceClient):
    """Reports a leverage as set, whatever the venue said."""

    async def set_leverage(self, symbol: str, leverage: int) -> Outcome[int]:
        await super().set_leverage(symbol, leverage)
        return Accepted(leverage)
