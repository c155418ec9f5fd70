"""Say everything ten times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import StreamPlan
from conformance.model.capabilities import Way
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def book_stream(self, symbols: Sequence[str]) -> StreamPlan:
        plan: StreamPlan = self.original.book_stream(symbols)
        return replace(plan, opening=plan.opening * 12)


@mutant(
    "subscriptions-repeated",
    kills=("MON-31",),
    during=("MKT-04",),
    bug="I28",
    ways=[Way.MESSAGES_COUNTED],
)
class SubscriptionsRepeated(AlteredClient):
    """Sends every subscription a dozen times, to be sure."""

    half_type = _Half
