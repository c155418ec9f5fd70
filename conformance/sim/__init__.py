"""The shell round exchange core and server halves: sockets, faults, time; implements World."""

from __future__ import annotations

from conformance.sim.simulator import Simulator
from conformance.sim.world import SimWorld

__all__ = ["SimWorld", "Simulator"]
