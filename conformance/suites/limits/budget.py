"""Claims about staying within the published limits while using them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from conformance.cases import accepted, case, check, equal
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import OrderRequest, Side, TimeInForce
from conformance.model.outcomes import Accepted
from conformance.model.wire import Operation
from conformance.suites.staging import rest
from conformance.suites.witness import throttled

_NEEDS = [Capability.PLACE, Capability.IOC, Capability.RATE_LIMITER]
_WORKERS = 25
_LEAST_USE = 0.9


def _fleeting(world: World) -> OrderRequest:
    """Describe an order that is over at once: it counts, but does not rest."""
    return replace(world.request(Side.BUY), time_in_force=TimeInForce.IOC)


async def _burst(adapter: Adapter, world: World, orders: int) -> int:
    """Place orders as fast as the adapter lets them through; return how many got through."""
    left, through = [_fleeting(world) for _ in range(orders)], 0

    async def work() -> None:
        nonlocal through
        while left:
            outcome = await adapter.place(left.pop())
            through += isinstance(outcome, Accepted)

    await asyncio.gather(*(work() for _ in range(_WORKERS)))
    return through


async def _waiting(adapter: Adapter, world: World, units: int) -> asyncio.Future[int]:
    """Use the limit of ``units`` orders up; return the burst whose other orders wait for it."""
    burst = asyncio.ensure_future(_burst(adapter, world, units + 60))
    await world.until(
        lambda: len(world.wire.calls(Operation.PLACE)) >= units * _LEAST_USE,
        within_ms=60_000,
        what="a burst of orders uses the limit",
    )
    await world.quiet(200)
    return burst


def _budget(world: World) -> tuple[int, int]:
    """Return how many orders a window takes, and what is no wait for the next one."""
    units, window_ms = world.limits["orders"]
    return units, min(1_000, window_ms // 2)


def _none_throttled(world: World) -> None:
    refused = [f"{c.reading.operation} {c.reading.code}" for c in throttled(world)]
    check(
        not refused,
        "an adapter with a limiter is never refused for speed",
        expected="no refusal for speed",
        observed=f"{len(refused)} refusals, the first: {refused[:1]}",
    )


@case("RTL-01", level=1, needs=_NEEDS, source="NT")
async def a_burst_stays_within_the_limit_and_uses_it(adapter: Adapter, world: World) -> None:
    """A burst far beyond the limit is never refused for speed and uses most of the limit."""
    units, window_ms = world.limits["orders"]
    orders = 2 * units
    start = world.now()
    through = await _burst(adapter, world, orders)
    took_ms = world.now() - start
    _none_throttled(world)
    equal(through, orders, "every order of a burst gets through in the end")
    allowed_ms = orders / units * window_ms / _LEAST_USE
    check(
        took_ms <= allowed_ms,
        "a burst uses at least nine tenths of the limit",
        expected=f"{orders} orders within {allowed_ms:.0f} ms",
        observed=f"{took_ms} ms",
    )


@case(
    "RTL-11",
    level=2,
    needs=[Capability.BALANCES, Capability.POSITIONS, Capability.RATE_LIMITER],
    source="I13, ccxt/ccxt#2810",
)
async def heavy_questions_are_counted_by_their_weight(adapter: Adapter, world: World) -> None:
    """Questions that cost more than one unit each stay within the limit of requests too."""
    units, _ = world.limits["requests"]
    left = units // 3

    async def work() -> None:
        nonlocal left
        while left > 0:
            left -= 2
            accepted(await adapter.balances(), "a question for the balances")
            accepted(await adapter.positions(), "a question for the positions")

    await asyncio.gather(*(work() for _ in range(_WORKERS)))
    _none_throttled(world)


@case("RTL-04", level=2, needs=_NEEDS, source="I13")
async def a_siblings_use_is_respected(adapter: Adapter, world: World) -> None:
    """When the venue's counters show that a sibling uses the limit, the adapter slows down."""
    units, _ = world.limits["orders"]
    sibling = await world.sibling()
    equal(
        await _burst(sibling, world, units * 4 // 5),
        units * 4 // 5,
        "a sibling within the limit gets its orders through",
    )
    through = await _burst(adapter, world, 1)
    through += await _burst(adapter, world, units // 2)
    _none_throttled(world)
    equal(through, 1 + units // 2, "orders get through once the window has passed")


@case("RTL-05", level=2, needs=[*_NEEDS, Capability.QUERY], source="CX")
async def a_full_order_budget_does_not_starve_questions(adapter: Adapter, world: World) -> None:
    """While orders wait for their own limit, questions are still answered at once."""
    units, patience_ms = _budget(world)
    burst = await _waiting(adapter, world, units)
    asked_ms = world.now()
    accepted(await adapter.open_orders(world.symbol), "a question while orders wait")
    check(
        world.now() - asked_ms <= patience_ms,
        "a question does not wait for the limit of orders",
        expected=f"an answer within {patience_ms} ms",
        observed=f"{world.now() - asked_ms} ms",
    )
    check(not burst.done(), "orders wait for their limit", expected="orders still waiting")
    await burst
    _none_throttled(world)


@case("RTL-06", level=2, needs=_NEEDS, source="I13")
async def cancels_overtake_new_orders(adapter: Adapter, world: World) -> None:
    """A cancel does not queue behind orders that wait for the limit."""
    order = await rest(adapter, world)
    units, patience_ms = _budget(world)
    burst = await _waiting(adapter, world, units)
    asked_ms = world.now()
    accepted(
        await adapter.cancel(world.symbol, client_id=order.client_id),
        "a cancel while orders wait",
    )
    check(
        world.now() - asked_ms <= patience_ms,
        "a cancel does not wait behind new orders",
        expected=f"cancelled within {patience_ms} ms",
        observed=f"{world.now() - asked_ms} ms",
    )
    check(not burst.done(), "orders wait for their limit", expected="orders still waiting")
    await burst
    _none_throttled(world)
