"""Begin a book anew without a pause."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import Settings
from conformance.mutants.altered import TunedClient


@mutant("resync-without-pause", kills=("MKT-11",), bug="thrasher-corp/gocryptotrader#2337")
class ResyncWithoutPause(TunedClient):
    """Asks for a new book at once, however often it has just done so."""

    tuning = Settings(resync_ms=0)
