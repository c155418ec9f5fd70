"""``facts.toml`` as typed tables, shared by both halves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.contracts.dialect import ErrorRow
from conformance.model.ids import Millis
from conformance.model.wire import Operation
from conformance.venues.switches import defaults
from conformance.venues.tables import errors, table


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method and path, and what it costs."""

    name: str
    method: str
    path: str
    operation: Operation
    rate: int = 0
    """Requests (orders, of a batch) of one account and category in ``window_ms``; 0: the IP's."""
    window_ms: Millis = 1000
    limit: tuple[int, int] | None = None
    """Default and bound of the ``limit`` parameter."""
    demo: bool = True
    """True when the demo environment serves it too."""

    @property
    def signed(self) -> bool:
        """True when key, timestamp and signature are wanted."""
        return self.rate > 0

    @property
    def batch(self) -> bool:
        """True when it takes a list of orders and is charged for each."""
        return self.name.endswith("-batch")


def _facts() -> dict[str, Any]:
    """Return the parsed file with one limit per endpoint that has a rate."""
    facts = table(__file__, "facts.toml")
    rule = facts["limits"].pop("endpoint")
    facts["limits"] |= {
        row["name"]: {
            **rule,
            "units": row["rate"],
            "window_ms": row.get("window_ms", rule["window_ms"]),
        }
        for row in facts["endpoints"]["rows"]
        if "rate" in row
    }
    # What placing one order costs, under the name that it has at every venue.
    facts["limits"]["orders"] = facts["limits"]["create"]
    return facts


def _endpoint(row: Mapping[str, Any]) -> Endpoint:
    return Endpoint(
        name=row["name"],
        method=row.get("method", "GET"),
        path=row["path"],
        operation=Operation(row.get("operation", "other")),
        rate=row.get("rate", 0),
        window_ms=row.get("window_ms", FACTS["limits"]["create"]["window_ms"]),
        limit=tuple(row["limit"]) if "limit" in row else None,
        demo=row.get("demo", True),
    )


FACTS: Mapping[str, Any] = _facts()
"""The parsed file; ``limits`` has a row for every endpoint with a rate of its own."""

ENDPOINTS: Mapping[str, Endpoint] = {
    row["name"]: _endpoint(row) for row in FACTS["endpoints"]["rows"]
}
"""Every endpoint by its name."""

ERRORS: Mapping[int, ErrorRow] = errors(FACTS, status=200)
"""The documented error table by retCode."""

SWITCHES: Mapping[str, Any] = defaults(FACTS)
"""What is assumed where the pages leave a point open."""
