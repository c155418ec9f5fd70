"""Keep to eight hours."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.funding import Fundings
from conformance.model.funding import Funding
from conformance.model.outcomes import Accepted, Outcome

_HABIT_H = 8


class _Fundings(Fundings):
    async def next(self, symbol: str) -> Outcome[Funding]:
        told = await super().next(symbol)
        if not isinstance(told, Accepted):
            return told
        return Accepted(replace(told.value, interval_h=_HABIT_H))


@mutant("funding-every-eight-hours", kills=("FND-02", "FND-10"), bug="B089")
class FundingEveryEightHours(ReferenceClient):
    """Takes funding to be charged as often as it was when the program was written."""

    fundings_type = _Fundings
