"""Claims about the rules of the instruments."""

from __future__ import annotations

from decimal import Decimal

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability, Way
from conformance.model.instruments import Phase
from conformance.suites.witness import refused

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


@case("MKT-03", level=2, needs=[Capability.INSTRUMENTS, Capability.PLACE], source="NT D60/61")
@for_each(phase=[Phase.HALTED, Phase.PRE_DELIVERY, Phase.PRE_LAUNCH])
async def a_symbol_that_stops_trading_is_left_alone(
    adapter: Adapter, world: World, phase: Phase
) -> None:
    """Orders in a symbol that does not trade are denied, and its state shows, until it resumes."""
    if phase is not Phase.PRE_LAUNCH:
        world.require(Way.HALTS_TOLD)
    accepted(await adapter.place(world.request()), "an order while the symbol trades")
    world.market.phase(phase)
    refused(await adapter.place(world.request()), f"an order in a symbol that is {phase}")
    rules = {
        row.symbol: row
        for row in accepted(await adapter.instruments(), "asking for the instruments")
    }
    check(
        world.symbol not in rules or rules[world.symbol].phase is not Phase.TRADING,
        "a symbol that does not trade is not shown as trading",
        expected=phase,
        observed=rules.get(world.symbol),
    )
    refused(await adapter.place(world.request()), f"an order in a symbol known to be {phase}")
    equal(len(world.truth.orders()), 1, "no order enters a symbol that does not trade")
    world.market.phase(Phase.TRADING)
    accepted(await adapter.instruments(), "asking for the instruments again")
    accepted(await adapter.place(world.request()), "an order after trading resumed")
