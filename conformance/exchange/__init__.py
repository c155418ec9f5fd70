"""The venue-neutral exchange core: pure, synchronous, told the time."""

from __future__ import annotations

from conformance.exchange.engine import Engine

__all__ = ["Engine"]
