"""What the three capitals of a case id stand for."""

from __future__ import annotations

from collections.abc import Mapping

AREAS: Mapping[str, str] = {
    "SIG": "Signing",
    "CLK": "Clock",
    "MKT": "Market data",
    "ORD": "Order entry",
    "LIF": "Order life cycle",
    "CAN": "Cancel and amend",
    "POS": "Positions and margin",
    "ERR": "Errors",
    "RTL": "Rate limits",
    "RSY": "Disconnect and resync",
    "DUP": "Duplicates",
    "UNK": "Unknown outcomes",
    "FND": "Funding and expiry",
    "TLS": "TLS",
    "KEY": "Keys",
    "LOG": "Logging",
    "KIL": "Shutdown",
    "STR": "Stress",
}
"""Titles of the areas, in the order in which reports show them."""


def area_title(area: str) -> str:
    """Return the human title of an area; an area of somebody's own is its own title."""
    return AREAS.get(area, area)
