"""Call the outside witnesses of a case, and say who of them can be heard."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from conformance.contracts.oracle import Oracle
from conformance.gateway.ground import Silent
from conformance.oracles import plan
from conformance.oracles.hearing import Hearing
from conformance.oracles.witnesses import Witness


def hear(venue: str, home: Path | None, tell: Callable[..., None]) -> Oracle:
    """Return the witnesses of a venue; ``tell`` is told the fields of an event for each.

    Without a ``home`` only those recorded are heard, and nobody is missed. Raises OracleError
    when a witness that is there does not work.
    """
    if venue not in plan.names():
        return Silent()
    hearing = Hearing(plan.load(venue), home)
    for witness in hearing.heard:
        _tell(tell, venue, witness, heard=True)
    for absent in hearing.absent:
        _tell(tell, venue, absent.witness, heard=False, reason=absent.reason, hint=absent.hint)
    return hearing


def required() -> bool:
    """Say whether every witness must be heard: on a build machine, nothing is left out silently."""
    return os.environ.get("CI", "").lower() == "true"


def _tell(
    tell: Callable[..., None],
    venue: str,
    witness: Witness,
    *,
    heard: bool,
    reason: str = "",
    hint: str = "",
) -> None:
    tell(
        venue=venue,
        name=witness.name,
        title=witness.title,
        sdk=witness.sdk,
        version=witness.version,
        heard=heard,
        reason=reason,
        hint=hint,
        required=required(),
    )
