"""Decode instruments-info. What is new to us is left out, not guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.model.instruments import Instrument, Phase
from conformance.venues.reading import UNREADABLE, number

_PHASES = {
    "PreLaunch": Phase.PRE_LAUNCH,
    "Trading": Phase.TRADING,
    "Delivering": Phase.DELIVERING,
    "Closed": Phase.CLOSED,
}


def instruments(rows: Sequence[Mapping[str, Any]]) -> Sequence[Instrument]:
    """Return the instruments that can be read: one odd one must not take the others away."""
    found = []
    for row in rows:
        try:
            found.append(_instrument(row))
        except UNREADABLE:
            continue
    return found


def _instrument(row: Mapping[str, Any]) -> Instrument:
    lot = row["lotSizeFilter"]
    tick, step = number(row["priceFilter"]["tickSize"]), number(lot["qtyStep"])
    if tick <= 0 or step <= 0:
        raise ValueError("an instrument without a grid")
    return Instrument(
        symbol=row["symbol"],
        base=row["baseCoin"],
        quote=row["quoteCoin"],
        margin_asset=row["settleCoin"],
        tick=tick,
        step=step,
        min_quantity=number(lot["minOrderQty"]),
        max_quantity=number(lot["maxOrderQty"]),
        min_notional=number(lot.get("minNotionalValue", "")),
        inverse=row["contractType"].startswith("Inverse"),
        expiry_ms=int(row["deliveryTime"]) or None,
        phase=_PHASES.get(row["status"], Phase.UNKNOWN),
    )
