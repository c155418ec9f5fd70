"""Claims about lives of orders that nobody wrote down: chance decides what happens next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from random import Random

from conformance.cases import case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.faults import Planned
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import ZERO, Order, Side
from conformance.model.outcomes import Accepted, Outcome
from conformance.model.wire import Operation, Topic
from conformance.suites.staging import PRIVATE, hit, order_of
from conformance.suites.witness import buried, one_life, outcome_of, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.AMEND, Capability.RECONCILE]
_STEPS = 40
_HEAL_MS_MAX = 300_000
_COMMANDS = (Operation.PLACE, Operation.CANCEL, Operation.AMEND)


def _strike(world: World, chance: Random) -> Planned:
    """Arm one trouble."""
    faults, on, topic = world.faults, chance.choice(_COMMANDS), chance.choice(PRIVATE)
    troubles: list[Callable[[], Planned]] = [
        lambda: faults.lose_answer(on, executed=True),
        lambda: faults.lose_answer(on, executed=False),
        lambda: faults.delay_answer(on, chance.randint(200, 4_000)),
        lambda: faults.push_before_reply(on),
        lambda: faults.duplicate_push(topic),
        lambda: faults.swap_pushes(Topic.ORDERS),
        lambda: faults.drop_push(topic),
        lambda: faults.delay_push(topic, chance.randint(200, 4_000)),
        lambda: faults.close_streams(1006),
    ]
    return chance.choice(troubles)().optional()


def _figures(world: World, chance: Random, side: Side) -> tuple[Decimal, Decimal]:
    price = world.price(chance.randint(180, 260), side)
    return price, world.quantity() * chance.randint(1, 5)


async def _do(adapter: Adapter, world: World, chance: Random) -> tuple[str, Decimal]:
    """Let one thing happen; return which order now certainly has which quantity, if one does."""
    live: list[Order] = list(world.truth.open_orders())
    what = chance.random()
    outcome: Outcome[Order]
    if what < 0.35 or not live:
        side, ticks = chance.choice(list(Side)), chance.randint(180, 260)
        request = order_of(world, side, chance.randint(1, 5), ticks_away=ticks)
        client_id, quantity = request.client_id or "", request.quantity
        outcome = await outcome_of(world, adapter.place(request))
    elif what < 0.55:
        order = chance.choice(live)
        price, quantity = _figures(world, chance, order.side)
        client_id = order.client_id
        change = adapter.amend(world.symbol, client_id=client_id, price=price, quantity=quantity)
        outcome = await outcome_of(world, change)
    elif what < 0.75:
        order = chance.choice(live)
        await outcome_of(world, adapter.cancel(world.symbol, client_id=order.client_id))
        return "", ZERO
    else:
        hit(world, chance.choice(live).side, chance.randint(1, 2))
        return "", ZERO
    return (client_id, quantity) if isinstance(outcome, Accepted) else ("", ZERO)


@case("LIF-10", level=3, needs=_NEEDS, source="JP, ST", stimulus=True)
@for_each(story=[1, 2, 3])
async def whatever_happens_the_ledger_is_known(adapter: Adapter, world: World, story: int) -> None:
    """Through random commands, fills and troubles every order has one life, and it is known."""
    chance = Random(f"life {world.seed} {story}")  # noqa: S311 - a story, not a secret
    for _ in range(_STEPS):
        if chance.random() < 0.3:
            _strike(world, chance)
        if chance.random() < 0.2:
            await asyncio.gather(*(_do(adapter, world, chance) for _ in range(2)))
        else:
            client_id, quantity = await _do(adapter, world, chance)
            truth = world.truth.order(client_id)
            if truth is not None and truth.status.live:
                equal(truth.quantity, quantity, "what was accepted is in force at the venue")
        await world.quiet(chance.choice((0, 0, 10, 300, 2_000)))
        equal(buried(adapter, world), [], "an order that lives is never believed to be over")
    await world.quiet(30_000)
    await settle(adapter, world, within_ms=_HEAL_MS_MAX)
    for order in world.truth.orders():
        one_life(adapter, order.client_id)
        check(
            order.filled <= order.quantity,
            "no order trades more than its quantity",
            expected=order.quantity,
            observed=order.filled,
        )
