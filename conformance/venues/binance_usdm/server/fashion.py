"""Takes out of frames and replies what did not exist yet in the era that is played."""

from __future__ import annotations

from typing import Any

import orjson

from conformance.venues.binance_usdm.facts import Era


class Fashion:
    """Dresses what is sent as its era did; today's needs no change."""

    def __init__(self, era: Era) -> None:
        self._missing = era.missing

    def __bool__(self) -> bool:
        return bool(self._missing)

    def frame(self, payload: bytes) -> bytes:
        """Return an event, or an array of them, without the fields that came later."""
        found = orjson.loads(payload)
        for event in found if isinstance(found, list) else [found]:
            self._drop(event, event.get("e", ""))
        return orjson.dumps(found)

    def reply(self, name: str, body: bytes) -> bytes:
        """Return the reply of an endpoint without the fields that came later."""
        if name not in self._missing:
            return body
        found = orjson.loads(body)
        for row in found if isinstance(found, list) else [found]:
            self._drop(row, name)
        return orjson.dumps(found)

    def _drop(self, row: dict[str, Any], name: str) -> None:
        for field in self._missing.get(name, ()):
            outer, _, inner = field.rpartition(".")
            (row.get(outer, {}) if outer else row).pop(inner, None)
