"""``facts.toml`` as typed tables, shared by both halves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.contracts.dialect import ErrorRow
from conformance.model.wire import Operation
from conformance.venues.switches import defaults
from conformance.venues.tables import errors, table

FACTS: Mapping[str, Any] = table(__file__, "facts.toml")
"""The parsed file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method and path, and what it costs."""

    name: str
    method: str
    path: str
    operation: Operation
    security: str
    weight: int | Mapping[str, Any]
    """Units of ``limits.requests``, or the rule that gives them."""
    orders: tuple[int, int] = (0, 0)
    """Cost in ``limits.orders`` and ``limits.orders-minute``."""
    pool: str = "requests"
    limit: Mapping[str, Any] | None = None
    """Default and bound of the ``limit`` parameter."""
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def signed(self) -> bool:
        """True when ``timestamp`` and ``signature`` are wanted."""
        return self.security in ("TRADE", "USER_DATA")

    @property
    def keyed(self) -> bool:
        """True when the key header is wanted."""
        return self.security != "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """The venue as it was at a date."""

    name: str
    date: str
    switches: Mapping[str, Any]
    missing: Mapping[str, frozenset[str]]
    """Fields that did not exist yet, by event or endpoint; ``a.S`` stands inside of ``a``."""


def _era(row: Mapping[str, Any]) -> Era:
    missing: dict[str, frozenset[str]] = {}
    for field in FACTS["eras"]["fields"]:
        if field["since"] > row["date"]:
            for name in field["of"]:
                missing[name] = missing.get(name, frozenset()) | frozenset(field["names"])
    return Era(
        name=row["name"], date=row["date"], switches=row.get("switches", {}), missing=missing
    )


def _endpoint(row: Mapping[str, Any]) -> Endpoint:
    params: Sequence[str] = row.get("params", ())
    return Endpoint(
        name=row["name"],
        method=row["method"],
        path=row["path"],
        operation=Operation(row["operation"]),
        security=row["security"],
        weight=row["weight"],
        orders=tuple(row.get("orders", (0, 0))),
        pool=row.get("pool", "requests"),
        limit=row.get("limit"),
        required=tuple(name for name in params if not name.endswith("?")),
        optional=tuple(name[:-1] for name in params if name.endswith("?")),
    )


def _method(row: Mapping[str, Any]) -> Endpoint:
    return replace(ENDPOINTS[row["like"]], name=row["name"], method="WS", path=row["name"])


def _session(row: Mapping[str, Any]) -> Endpoint:
    return Endpoint(
        name=row["name"],
        method="WS",
        path=row["name"],
        operation=Operation.OTHER,
        security=row["security"],
        weight=row["weight"],
    )


ENDPOINTS: Mapping[str, Endpoint] = {
    row["name"]: _endpoint(row) for row in FACTS["endpoints"]["rows"]
}
"""Every endpoint by its name."""

METHODS: Mapping[str, Endpoint] = {
    row["name"]: _method(row) for row in FACTS["methods"]["rows"]
} | {row["name"]: _session(row) for row in FACTS["methods"]["sessions"]["rows"]}
"""Every method of the WebSocket API by its name."""

ERRORS: Mapping[int, ErrorRow] = errors(FACTS)
"""The documented error table by code."""

ERAS: Mapping[str, Era] = {row["name"]: _era(row) for row in FACTS["eras"]["rows"]}
"""The venue as it was, by name."""

SWITCHES: Mapping[str, Any] = defaults(FACTS)
"""What is assumed where the pages leave a point open."""
