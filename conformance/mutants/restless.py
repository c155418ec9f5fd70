"""Knock without a pause."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import Settings
from conformance.mutants.altered import TunedClient


@mutant("reconnect-without-back-off", kills=("RSY-13",), bug="I28")
class ReconnectWithoutBackOff(TunedClient):
    """Tries a refused connection again at the same short pace for ever."""

    tuning = Settings(reconnect_ms=300, reconnect_ms_max=300)
