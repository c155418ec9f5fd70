"""Ask for ever."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import Settings
from conformance.mutants.altered import TunedClient


@mutant("never-concludes", kills=("UNK-02",), bug="B016")
class NeverConcludes(TunedClient):
    """Asks for ever about an order that the venue has never seen."""

    tuning = Settings(visible_ms=1_000_000_000)
