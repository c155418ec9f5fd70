"""How a case states its judgement."""

from __future__ import annotations

from typing import NoReturn, TypeVar

from conformance.errors import Finding
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown, Rejected

T = TypeVar("T")


def check(holds: object, claim: str, *, expected: object = "", observed: object = "") -> None:
    """Raise Finding unless ``holds``."""
    if not holds:
        raise Finding(claim, expected=expected, observed=observed)


def equal(observed: object, expected: object, claim: str) -> None:
    """Raise Finding unless the two are equal."""
    if observed != expected:
        raise Finding(claim, expected=expected, observed=observed)


def fail(claim: str, *, expected: object = "", observed: object = "") -> NoReturn:
    """Raise Finding."""
    raise Finding(claim, expected=expected, observed=observed)


def accepted(outcome: Outcome[T], what: str) -> T:
    """Return the value of an accepted outcome; raise Finding otherwise."""
    if not isinstance(outcome, Accepted):
        raise Finding(f"{what} is accepted", expected="Accepted", observed=outcome)
    return outcome.value


def rejected(outcome: Outcome[T], what: str) -> Rejected:
    """Return a definite rejection; raise Finding otherwise."""
    if not isinstance(outcome, Rejected):
        raise Finding(f"{what} is a definite reject", expected="Rejected", observed=outcome)
    return outcome


def unknown(outcome: Outcome[T], what: str) -> OutcomeUnknown:
    """Return an unknown outcome; raise Finding otherwise."""
    if not isinstance(outcome, OutcomeUnknown):
        raise Finding(f"{what} is unknown", expected="OutcomeUnknown", observed=outcome)
    return outcome
