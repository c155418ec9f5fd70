"""The tap: a recording, fault-injecting reverse proxy between a client and a venue."""

from __future__ import annotations

from conformance.tap.tap import Tap

__all__ = ["Tap"]
