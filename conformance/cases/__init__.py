"""The catalogue: what a case, a mutant and a monitor are, and the registers they fill."""

from __future__ import annotations

from conformance.cases.catalogue import (
    CASES,
    MONITORS,
    MUTANTS,
    Case,
    Example,
    Monitor,
    Mutant,
    Registry,
)
from conformance.cases.decorators import case, for_each, monitor, mutant
from conformance.cases.judge import accepted, check, equal, fail, rejected, unknown
from conformance.cases.rule import Rule

__all__ = [
    "CASES",
    "MONITORS",
    "MUTANTS",
    "Case",
    "Example",
    "Monitor",
    "Mutant",
    "Registry",
    "Rule",
    "accepted",
    "case",
    "check",
    "equal",
    "fail",
    "for_each",
    "monitor",
    "mutant",
    "rejected",
    "unknown",
]
