"""Claims about long sessions, random troubles, and a starved processor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from conformance.cases import case, check, equal
from conformance.cases.scale import scaled
from conformance.contracts.adapter import Adapter
from conformance.contracts.faults import Planned
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Side
from conformance.model.outcomes import Accepted
from conformance.model.wire import Operation, Topic
from conformance.suites.staging import hit, rest
from conformance.suites.witness import book_settles, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_HOUR_MS = 3_600_000
_HEAL_MS_MAX = 180_000
_STARVED_MS, _STARVED_S = 200, 45
_ROUNDS = 10


@case("STR-07", level=5, needs=[*_NEEDS, Capability.BOOK], source="TB")
async def a_long_session_stays_true(adapter: Adapter, world: World) -> None:
    """Hours of trading, cuts and marks that move: the session never lapses, the ledger agrees."""
    chance = Random(f"session {world.seed}")  # noqa: S311 - a story, not a secret
    await adapter.watch_book(world.symbol)
    for hour in range(scaled(3)):
        world.market.mark(world.reference_price() + (hour % 3 - 1) * world.listing.tick)
        order = await rest(adapter, world, multiple=2)
        if hour % 2:
            hit(world, Side.BUY)
        await world.quiet(chance.randint(_HOUR_MS // 4, _HOUR_MS))
        if not hour % 2:
            await adapter.cancel(world.symbol, client_id=order.client_id)
        world.faults.close_streams(chance.choice((1000, 1001, 1006)), private=False)
        await world.quiet(_HOUR_MS // 4)
    lapsed = world.wire.frames(Topic.STREAM_KEY, inbound=False)
    equal(len(lapsed), 0, "the private session never lapses")
    await settle(adapter, world)
    await book_settles(adapter, world)
    for balance in world.truth.balances():
        equal(world.truth.ledger_sum(balance.asset), 0, "the ledger sums to zero")


@case("STR-08", level=5, needs=_NEEDS, source="TB, AN", stimulus=True)
async def random_troubles_never_harm_and_pass(adapter: Adapter, world: World) -> None:
    """Whatever mix of troubles strikes, no order is doubled, and afterwards all is known."""
    asked: set[str] = set()
    for seed in range(scaled(1)):
        asked |= await _mix(adapter, world, Random(f"mix {world.seed} {seed}"))  # noqa: S311
    await settle(adapter, world, within_ms=_HEAL_MS_MAX)
    names = Counter(order.client_id for order in world.truth.orders())
    equal([name for name, n in names.items() if n > 1], [], "no order is in the ledger twice")
    equal(sorted(names.keys() - asked), [], "no order is in the ledger that nobody asked for")
    request = world.request()
    outcome = await adapter.place(request)
    check(
        isinstance(outcome, Accepted),
        "when the troubles are over, orders get through again",
        expected="Accepted",
        observed=outcome,
    )


async def _mix(adapter: Adapter, world: World, chance: Random) -> set[str]:
    """Place and cancel while one trouble after the other strikes; return the ids asked for."""
    faults = world.faults
    on = Operation.PLACE
    troubles: list[Callable[[], Planned]] = [
        lambda: faults.lose_answer(on, executed=True),
        lambda: faults.lose_answer(on, executed=False),
        lambda: faults.delay_answer(on, chance.randint(500, 12_000)),
        lambda: faults.close_streams(chance.choice((1000, 1006, 1011))),
        lambda: faults.drop_push(Topic.ORDERS),
        lambda: faults.duplicate_push(Topic.ORDERS),
        lambda: faults.push_before_reply(on),
        lambda: faults.truncate_answer(on, chance.randint(1, 40)),
        lambda: faults.jitter_answer(Operation.CANCEL, 3_000, times=3),
        lambda: faults.jitter_push(Topic.ORDERS, 2_000, times=5),
    ]
    chance.shuffle(troubles)
    armed = [(troubles[number % len(troubles)], number) for number in range(_ROUNDS)]
    asked = set()
    for arm, number in armed:
        fault = arm()
        request = world.request(Side.BUY if number % 2 else Side.SELL)
        asked.add(request.client_id or "")
        outcome = await adapter.place(request)
        if isinstance(outcome, Accepted) and chance.random() < 0.5:
            await adapter.cancel(request.symbol, client_id=request.client_id or "")
        await world.quiet(chance.randint(100, 5_000))
        if not fault.delivered:
            fault.optional().withdraw()
    await world.quiet(30_000)
    return asked


@case("STR-09", level=5, needs=_NEEDS, source="I40", stimulus=True)
async def a_starved_process_keeps_its_streams(adapter: Adapter, world: World) -> None:
    """Stopped for 200 ms in every second, the adapter keeps its streams and its word."""
    streams = len(world.wire.streams())
    for second in range(scaled(_STARVED_S)):
        world.faults.suspend(_STARVED_MS)
        if not second % 10:
            order = await rest(adapter, world)
            await adapter.cancel(world.symbol, client_id=order.client_id)
        await world.quiet(1_000 - _STARVED_MS)
    equal(len(world.wire.streams()), streams, "no stream is given up because of short pauses")
    await settle(adapter, world)
