"""Correct the clock in one direction."""

from __future__ import annotations

import time
from typing import Any

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.clock import Clock
from conformance.client.courier import Courier


class _Clock(Clock):
    def set(self, server_ms: int, sent_s: float, received_s: float) -> None:
        super().set(max(server_ms, int(time.time() * 1000)), sent_s, received_s)


class _Courier(Courier):
    def __init__(self, *args: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args)
        self.clock = _Clock()


@mutant("offset-in-one-direction", kills=("CLK-01", "MON-07"), bug="B114")
class OffsetInOneDirection(ReferenceClient):
    """Corrects a clock that is late, never one that is ahead of the venue's."""

    courier_type = _Courier
