"""The beginning of a run and of its only case, as a journal tells them."""

from __future__ import annotations

from typing import Any

BEGUN: dict[str, Any] = {
    "kind": "run-started",
    "version": "",
    "adapter": "a:B",
    "seed": 0,
    "level": 1,
    "venues": ["venue"],
    "folders": [],
    "started_ms": 0,
    "unproven": [],
}
CASE: dict[str, Any] = {
    "case": "venue/ONE-01",
    "id": "ONE-01",
    "venue": "venue",
    "example": "",
    "area": "ONE",
    "area_title": "One",
    "title": "It holds",
    "claim": "It holds.",
    "source": "here",
    "level": 1,
    "needs": [],
    "seed": 0,
    "started_ms": 0,
}
