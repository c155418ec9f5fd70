"""The TOML files of a dialect, and what stands in them in the same way at every venue."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict

from conformance.contracts.dialect import ErrorRow
from conformance.model.wire import Operation


class Sizes(TypedDict):
    """The steps and bounds of a listing, by the names of its fields."""

    tick: Decimal
    step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    min_notional: Decimal
    min_lots: int
    max_lots: int
    market_max_lots: int


def table(module: str, name: str) -> dict[str, Any]:
    """Return the TOML file called ``name`` beside the file of a module."""
    return tomllib.loads(Path(module).with_name(name).read_text(encoding="utf-8"))


def errors(facts: Mapping[str, Any], *, status: int | None = None) -> Mapping[int, ErrorRow]:
    """Return the documented error table by code.

    ``status``: of rows that state none; raises KeyError for such a row where there is no usual one.
    """
    return {
        row["code"]: ErrorRow(
            code=str(row["code"]),
            status=row["status"] if status is None else row.get("status", status),
            text=row["text"],
            category=row["category"],
            operations=tuple(Operation(name) for name in row.get("operations", ())),
        )
        for row in facts["errors"]["rows"]
    }


def sizes(row: Mapping[str, Any]) -> Sizes:
    """Return the steps and bounds that a row of ``listings.toml`` states, in lots as well."""
    step, least, most = (Decimal(row[name]) for name in ("step", "min_quantity", "max_quantity"))
    return Sizes(
        tick=Decimal(row["tick"]),
        step=step,
        min_quantity=least,
        max_quantity=most,
        min_notional=Decimal(row["min_notional"]),
        min_lots=int(least / step),
        max_lots=int(most / step),
        market_max_lots=int(Decimal(row["market_max_quantity"]) / step),
    )
