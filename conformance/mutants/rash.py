"""Take not found for never placed."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import Settings
from conformance.mutants.altered import TunedClient


@mutant("not-found-taken-for-not-placed", kills=("UNK-02", "UNK-05"), bug="B004")
class NotFoundTakenForNotPlaced(TunedClient):
    """Concludes from not found, right after sending, that the order does not exist."""

    tuning = Settings(visible_ms=0)
