"""The venue-neutral exchange core: pure, synchronous, told the time."""

from __future__ import annotations

from conformance.exchange.engine import Engine
from conformance.model.rules import Collateral, Rules

__all__ = ["Collateral", "Engine", "Rules"]
