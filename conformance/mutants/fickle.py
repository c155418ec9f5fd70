"""Stay nowhere for long."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import Settings
from conformance.mutants.altered import TunedClient


@mutant("streams-renewed-all-the-time", kills=("MON-38",), during=("RSY-12",), bug="I28")
class StreamsRenewedAllTheTime(TunedClient):
    """Replaces its streams ten times a second, so that none can grow old."""

    tuning = Settings(stream_life_ms=100, reconnect_ms=20, reconnect_ms_max=20)
