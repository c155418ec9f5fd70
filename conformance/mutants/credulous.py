"""Believe the slowest answer."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import Settings
from conformance.mutants.altered import TunedClient


@mutant("slow-time-answers-believed", kills=("CLK-03",), bug="I08")
class SlowTimeAnswersBelieved(TunedClient):
    """Sets its clock by one answer, however long it was under way."""

    tuning = Settings(clock_samples_max=1, clock_outlier_ms=1_000_000)
