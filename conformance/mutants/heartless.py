"""Send no heartbeat."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import Settings
from conformance.mutants.altered import TunedClient

_NEVER_MS = 1_000_000_000


@mutant("half-open-socket-trusted", kills=("CLK-07", "RSY-02", "STR-04"), bug="B130")
class HalfOpenSocketTrusted(TunedClient):
    """Sends no pings and asks nothing: a dead connection looks like a quiet market."""

    tuning = Settings(
        ping_ms=_NEVER_MS, poll_ms=_NEVER_MS, poll_ms_max=_NEVER_MS, book_age_ms=_NEVER_MS
    )
