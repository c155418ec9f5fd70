"""Claims about the rules of the instruments."""

from __future__ import annotations

from decimal import Decimal

from conformance.cases import accepted, case, check, equal
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability

_EXACT = (
    "tick",
    "step",
    "min_quantity",
    "max_quantity",
    "min_notional",
    "contract_size",
)
_NAMED = ("base", "quote", "margin_asset", "inverse", "expiry_ms", "phase")


@case("MKT-01", level=1, needs=[Capability.INSTRUMENTS], source="NT D01")
async def instrument_rules_are_exact(adapter: Adapter, world: World) -> None:
    """Tick, step, least notional, contract size, asset and expiry are read as exact decimals."""
    found = {
        rules.symbol: rules
        for rules in accepted(await adapter.instruments(), "asking for the instruments")
    }
    for symbol in world.symbols:
        check(symbol in found, "every instrument is listed", expected=symbol, observed=[*found])
        mine, theirs = found[symbol], world.listing_of(symbol)
        for name in _EXACT:
            value = getattr(mine, name)
            check(
                isinstance(value, Decimal),
                f"{name} is an exact decimal, never a binary float",
                expected=Decimal,
                observed=f"{value!r} of {symbol}",
            )
        for name in (*_EXACT, *_NAMED):
            equal(
                (symbol, name, getattr(mine, name)),
                (symbol, name, getattr(theirs, name)),
                f"{name} of an instrument equals the venue's",
            )
