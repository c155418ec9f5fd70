"""The catalogue: what a case, a mutant and a monitor are, and the registers they fill."""

from __future__ import annotations

from conformance.cases.catalogue import CASES, MUTANTS, Case, Example, Mutant, Registry
from conformance.cases.decorators import case, for_each, mutant
from conformance.cases.judge import accepted, check, equal, fail, rejected, unknown

__all__ = [
    "CASES",
    "MUTANTS",
    "Case",
    "Example",
    "Mutant",
    "Registry",
    "accepted",
    "case",
    "check",
    "equal",
    "fail",
    "for_each",
    "mutant",
    "rejected",
    "unknown",
]
