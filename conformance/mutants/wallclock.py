"""Carry the venue's time by the wall clock."""

from __future__ import annotations

import time
from typing import Any

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.clock import Clock
from conformance.client.courier import Courier
from conformance.model.ids import Millis


class _Clock(Clock):
    def __init__(self) -> None:
        super().__init__()
        self._offset_ms = 0.0

    def now_ms(self) -> Millis:
        return int(time.time() * 1000 + self._offset_ms)

    def set(self, server_ms: Millis, sent_s: float, received_s: float) -> None:
        super().set(server_ms, sent_s, received_s)
        self._offset_ms = server_ms - time.time() * 1000


class _Courier(Courier):
    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - as its parent's
        super().__init__(*arguments)
        self.clock = _Clock()


@mutant("offset-on-wall-clock", kills=("CLK-04",), bug="B113")
class OffsetOnWallClock(ReferenceClient):
    """Adds an offset to the wall clock: whoever sets that clock sets the timestamps."""

    courier_type = _Courier
