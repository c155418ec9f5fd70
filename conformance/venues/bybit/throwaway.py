"""Obvious throw-away keys of this venue's length."""

from __future__ import annotations

from conformance.contracts.adapter import Credentials
from conformance.venues import throwaway
from conformance.venues.bybit.facts import FACTS

_KEY_LENGTH = 18


def credentials(kind: str, number: int) -> Credentials:
    """Return throw-away credentials of ``kind``; raise ValueError for a kind unknown here."""
    if kind not in FACTS["signing"]["kinds"]:
        raise ValueError(f"{kind!r} is no kind of key here: {', '.join(FACTS['signing']['kinds'])}")
    return throwaway.credentials(kind, number, _KEY_LENGTH)
