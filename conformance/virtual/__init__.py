"""Virtual time: the event loop that jumps over idle time, and the clocks bound to it."""

from __future__ import annotations

from conformance.virtual.loop import EPOCH_MS, VirtualLoop
from conformance.virtual.running import run, waiting

__all__ = ["EPOCH_MS", "VirtualLoop", "run", "waiting"]
