"""Remember for ten minutes."""

from __future__ import annotations

import time
from typing import Any

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.orders import Orders
from conformance.model.orders import Fill

_KEPT_S = 600


class _Orders(Orders):
    def __init__(self, *args: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args)
        self._told_s: dict[tuple[str, str], float] = {}

    def count(self, fill: Fill, venue_id: str = "") -> Fill | None:
        key, now = (fill.symbol, fill.trade_id), time.monotonic()
        if now - self._told_s.setdefault(key, now) > _KEPT_S:
            self._seen.pop(key, None)
        return super().count(fill, venue_id)


@mutant("fills-remembered-ten-minutes", kills=("DUP-01",), bug="B049")
class FillsRememberedTenMinutes(ReferenceClient):
    """Forgets after ten minutes which executions it has counted."""

    orders_type = _Orders
