"""What the answer to a message says about its order, for the ledger and for the tally."""

from __future__ import annotations

from typing import Any

from conformance.contracts.client import Receipt, Silence
from conformance.load.ledger import Fate
from conformance.load.plan import Action
from conformance.model.orders import Order
from conformance.model.outcomes import Accepted, NotSent, Outcome, Rejected

PAUSE_S = 1.0
"""How long to be silent when the venue does not say."""


def kind(outcome: Outcome[Any]) -> str:
    """Return the outcome's word in the tally."""
    if isinstance(outcome, Accepted):
        return "accepted"
    if isinstance(outcome, Rejected):
        return "rejected" if outcome.category.definite else "unknown"
    return "not-sent" if isinstance(outcome, NotSent) else "unknown"


def fate(action: Action, outcome: Outcome[Any]) -> tuple[Fate, str] | None:
    """Return what was learnt of the order, with the venue's id; None: nothing."""
    if isinstance(outcome, Accepted):
        taken = outcome.value
        if not isinstance(taken, Order | Receipt):
            return None
        over = isinstance(taken, Order) and taken.status.terminal
        ended = over or action in (Action.CANCEL, Action.TAKE)
        return (Fate.ENDED if ended else Fate.RESTING), taken.venue_id
    if action not in (Action.PLACE, Action.TAKE):
        return None
    known = isinstance(outcome, NotSent) or (
        isinstance(outcome, Rejected) and outcome.category.definite
    )
    return (Fate.REFUSED if known else Fate.UNKNOWN), ""


def patience(silence: Silence, now_ms: int) -> float:
    """Return for how many seconds the venue wants to hear nothing."""
    if silence.until_ms:
        return max(0.0, (silence.until_ms - now_ms) / 1000)
    return silence.for_ms / 1000 or PAUSE_S
