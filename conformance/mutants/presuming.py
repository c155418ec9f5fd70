"""Presume that a mode was switched."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.outcomes import Outcome


@mutant("refused-mode-presumed", kills=("POS-03",), bug="B061")
class RefusedModePresumed(ReferenceClient):
    """Makes orders for the position mode it asked for, though the venue refused it."""

    async def set_hedge_mode(self, hedge: bool) -> Outcome[None]:  # noqa: FBT001 - the contract
        outcome = await super().set_hedge_mode(hedge)
        self._hedge = hedge
        return outcome
