"""Claims about the allowed rate, kept up and overrun."""

from __future__ import annotations

import asyncio
from collections import Counter

from conformance.cases import case, check, equal
from conformance.cases.scale import scaled
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Order
from conformance.model.outcomes import Accepted, NotSent, Outcome
from conformance.suites.witness import settle, throttled

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.RATE_LIMITER]
_LANES = 12
_LEAST_USE = 0.8
_WINDOWS = 2
_OVERLOAD = 6
"""Intents for each order that a window allows."""


async def _trade(
    adapter: Adapter, world: World, orders: int
) -> tuple[list[tuple[str, Outcome[Order]]], int]:
    """Place and cancel from several lanes; return outcomes by client id, and how long it took."""
    outcomes: list[tuple[str, Outcome[Order]]] = []
    left = [world.request() for _ in range(orders)]
    began = world.now()

    async def lane() -> None:
        while left:
            request = left.pop()
            outcome = await adapter.place(request)
            outcomes.append((request.client_id or "", outcome))
            if isinstance(outcome, Accepted):
                await adapter.cancel(request.symbol, client_id=request.client_id or "")

    await asyncio.gather(*(lane() for _ in range(_LANES)))
    return outcomes, world.now() - began


def _accounted(world: World, outcomes: list[tuple[str, Outcome[Order]]]) -> None:
    """Judge that what was acknowledged is there once, and what was not sent is not there."""
    held = Counter(order.client_id for order in world.truth.orders())
    accepted = [name for name, outcome in outcomes if isinstance(outcome, Accepted)]
    unsent = [name for name, outcome in outcomes if isinstance(outcome, NotSent)]
    equal(
        [name for name in accepted if held[name] != 1][:5],
        [],
        "every acknowledged order is in the ledger exactly once",
    )
    equal([name for name in unsent if held[name]][:5], [], "what was not sent is not in the ledger")


def _never_too_fast(world: World) -> None:
    refused = throttled(world)
    check(
        not refused,
        "an adapter at its limit is never refused for speed",
        expected="no refusal for speed",
        observed=f"{len(refused)} refusals of {len(world.wire.calls())} requests",
    )


@case("STR-01", level=5, needs=_NEEDS, source="WK, k6, RTS6 art. 10")
async def the_allowed_rate_is_kept_up(adapter: Adapter, world: World) -> None:
    """Placing and cancelling at the allowed rate exceeds no limit, and every order is known."""
    units, window_ms = world.limits["orders"]
    outcomes, took_ms = await _trade(adapter, world, scaled(_WINDOWS) * units)
    _never_too_fast(world)
    _accounted(world, outcomes)
    through = sum(isinstance(outcome, Accepted) for _, outcome in outcomes)
    equal(through, len(outcomes), "every order gets through in its turn")
    check(took_ms >= window_ms, "orders beyond one window take more than one")
    await settle(adapter, world)


@case("STR-03", level=5, needs=_NEEDS, source="k6, RTS6 art. 10")
async def an_overload_is_shed_without_harm(adapter: Adapter, world: World) -> None:
    """Asked for many times what is allowed, the adapter sheds load and breaks no rule."""
    units, window_ms = world.limits["orders"]
    requests = [world.request() for _ in range(scaled(1) * _OVERLOAD * units // 2)]
    work = [asyncio.ensure_future(adapter.place(request)) for request in requests]
    await world.quiet(2 * window_ms)
    for task in work:
        task.cancel()
    ended = await asyncio.gather(*work, return_exceptions=True)
    outcomes: list[tuple[str, Outcome[Order]]] = [
        (request.client_id or "", outcome)
        for request, outcome in zip(requests, ended, strict=True)
        if not isinstance(outcome, BaseException)
    ]
    _never_too_fast(world)
    _accounted(world, outcomes)
    through = sum(isinstance(outcome, Accepted) for _, outcome in outcomes)
    check(through, "some orders get through", expected="at least one", observed=through)
