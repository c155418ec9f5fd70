"""Hope that a setting is set."""

from __future__ import annotations

from typing import TypeVar

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.resolve import Proof
from conformance.contracts.client import Call
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown

T = TypeVar("T")


@mutant(
    "unanswered-setting-taken-for-set",
    kills=("UNK-11", "UNK-12"),
    bug="CoinAlpha/hummingbot#182",
)
class UnansweredSettingTakenForSet(ReferenceClient):
    """Takes leverage and mode for set when no answer to setting them came."""

    async def _set(self, call: Call[T], wanted: T, symbol: str, prove: Proof) -> Outcome[T]:
        outcome = await super()._set(call, wanted, symbol, prove)
        return Accepted(wanted) if isinstance(outcome, OutcomeUnknown) else outcome
