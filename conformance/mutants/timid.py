"""Use half of what is allowed."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import Settings
from conformance.mutants.altered import TunedClient


@mutant("half-the-limit-unused", kills=("RTL-01",), bug="B052")
class HalfTheLimitUnused(TunedClient):
    """Uses half of the published limit only, and lets orders wait without need."""

    tuning = Settings(budget_share=0.5)
