"""Wait for ever for an answer."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import Settings
from conformance.mutants.altered import TunedClient


@mutant("no-time-out", kills=("ERR-14", "UNK-01", "UNK-02"), bug="B173")
class NoTimeOut(TunedClient):
    """Waits for an answer as long as the connection stands."""

    tuning = Settings(answer_ms_max=1_000_000_000)
