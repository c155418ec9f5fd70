"""Decode exchangeInfo: instruments and budgets. What is new to us is left out, not guessed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from conformance.contracts.client import Catalogue, Pool
from conformance.model.instruments import Instrument, Phase
from conformance.venues.reading import number

# deliveryDate of perpetuals: 2100-12-25 (market-data Exchange-Information, 2026-05-28), some
# milliseconds later on test networks.
_NEVER_MS = 4_133_404_800_000
_PHASES = {
    "PENDING_TRADING": Phase.PRE_LAUNCH,
    "TRADING": Phase.TRADING,
    "TRADING_HALT": Phase.HALTED,
    "BREAK": Phase.HALTED,
    "END_OF_DAY": Phase.HALTED,
    "PRE_TRADING": Phase.PRE_LAUNCH,
    "PRE_DELIVERING": Phase.PRE_DELIVERY,
    "DELIVERING": Phase.DELIVERING,
    "DELIVERED": Phase.CLOSED,
    "PRE_SETTLE": Phase.PRE_DELIVERY,
    "SETTLING": Phase.DELIVERING,
    "CLOSE": Phase.CLOSED,
}
_POOLS = {
    ("REQUEST_WEIGHT", "MINUTE", 1): ("requests", 60_000),
    ("ORDERS", "SECOND", 10): ("orders", 10_000),
    ("ORDERS", "MINUTE", 1): ("orders-minute", 60_000),
}


def catalogue(data: Mapping[str, Any]) -> Catalogue:
    """Return the instruments that can be read, and the budgets we know how to keep."""
    instruments = []
    for row in data["symbols"]:
        try:
            instruments.append(_instrument(row))
        except (KeyError, TypeError, ValueError):
            # One malformed or novel symbol must not take the others away.
            continue
    pools = []
    for row in data.get("rateLimits", ()):
        key = (row.get("rateLimitType"), row.get("interval"), row.get("intervalNum"))
        if key in _POOLS and int(row["limit"]) > 0:
            name, window_ms = _POOLS[key]
            pools.append(Pool(name, int(row["limit"]), window_ms))
    return Catalogue(tuple(instruments), tuple(pools))


def _instrument(row: Mapping[str, Any]) -> Instrument:
    filters = {rule["filterType"]: rule for rule in row["filters"]}
    price, lot = filters["PRICE_FILTER"], filters["LOT_SIZE"]
    expiry = int(row["deliveryDate"])
    step = number(lot["stepSize"])
    tick = number(price["tickSize"])
    if step <= 0 or tick <= 0:
        raise ValueError("an instrument without a grid")
    return Instrument(
        symbol=row["symbol"],
        base=row["baseAsset"],
        quote=row["quoteAsset"],
        margin_asset=row["marginAsset"],
        tick=tick,
        step=step,
        min_quantity=number(lot["minQty"]),
        max_quantity=number(lot["maxQty"]),
        min_notional=number(filters.get("MIN_NOTIONAL", {}).get("notional", "")),
        contract_size=Decimal(1),
        expiry_ms=None if expiry >= _NEVER_MS else expiry,
        phase=_PHASES.get(row["status"], Phase.UNKNOWN),
    )
