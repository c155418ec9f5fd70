"""Claims about the way to the venue: names, ports, gateways and acknowledgements that fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.cases import accepted, case, check, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.faults import Planned
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Order, Side
from conformance.model.wire import Condition, Topic
from conformance.suites.staging import hit, rest
from conformance.suites.witness import book_settles, same_book, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.BOOK]
_TROUBLES: Mapping[str, Callable[[World], Planned]] = {
    "declined": lambda world: world.faults.decline_streams(503, times=100_000),
    "name-not-found": lambda world: world.faults.lose_name(times=100_000),
    "never-answered": lambda world: world.faults.hang_connections(times=100_000),
    "nobody-listens": lambda world: world.faults.close_port(),
}
_BACK_MS_MAX = 120_000
_STORM_MS = 20_000
_REQUESTS_MAX = 120
"""How many requests twenty seconds of failing answers may cost."""
_RENEWALS_MAX = 30
"""How many connections three minutes without pongs may cost: an attempt every six seconds."""
_LATE_MS = 3_000


async def _trading(adapter: Adapter, world: World) -> Order:
    """Watch a book and have an order that rests in it."""
    await adapter.watch_book(world.symbol)
    world.market.rest(Side.SELL, world.price(60, Side.SELL), world.quantity(2))
    await book_settles(adapter, world)
    return await rest(adapter, world, multiple=30)


async def _all_is_well(adapter: Adapter, world: World, after: str) -> None:
    """Judge that the adapter is ready again, and that it hears of what happens by stream."""
    await world.until(
        lambda: adapter.health is Health.READY,
        within_ms=_BACK_MS_MAX,
        what=f"the adapter is ready again within two minutes after {after}",
    )
    await settle(adapter, world)
    await book_settles(adapter, world)
    before = len(adapter.fills())
    hit(world, Side.BUY)
    world.market.rest(Side.SELL, world.price(71, Side.SELL), world.quantity(1))
    await world.until(
        lambda: len(adapter.fills()) > before,
        within_ms=1_000,
        what=f"a fill arrives by stream within a second after {after}",
    )
    await book_settles(adapter, world, within_ms=2_000)
    accepted(await adapter.place(world.request()), f"an order after {after}")


@case("RSY-17", level=3, needs=_NEEDS, source="CME gateway", stimulus=True)
@for_each(trouble=sorted(_TROUBLES))
async def a_way_that_is_barred_is_tried_again(adapter: Adapter, world: World, trouble: str) -> None:
    """When the name, the port or the answer is missing at a reconnect, it is tried until it works.

    What is shown meanwhile is not what was true before.
    """
    await _trading(adapter, world)
    barred = _TROUBLES[trouble](world)
    world.faults.close_streams(1006)
    hit(world, Side.BUY)
    world.market.rest(Side.SELL, world.price(40, Side.SELL), world.quantity(4))
    await world.quiet(60_000)
    book = adapter.book(world.symbol)
    check(
        not book.valid or same_book(book, world.truth.book(world.symbol)),
        "a book that has had no news for a minute is not offered as valid",
        expected="valid=False until the stream is back",
        observed=f"valid=True, asks {book.asks[:3]}",
    )
    barred.withdraw()
    await _all_is_well(adapter, world, f"a minute of {trouble}")


@case("RSY-18", level=3, needs=_NEEDS, source="TB", stimulus=True)
@for_each(condition=[Condition.HTML_GATEWAY, Condition.INTERNAL_ERROR])
async def failing_answers_delay_the_recovery_only(
    adapter: Adapter, world: World, condition: Condition
) -> None:
    """When every answer fails for a while during a reconnect, all is known soon afterwards."""
    await _trading(adapter, world)
    since = world.wire.mark()
    world.faults.storm(condition, for_ms=_STORM_MS)
    world.faults.close_streams(1006)
    for _ in range(4):
        hit(world, Side.BUY)
        await world.quiet(_STORM_MS // 4)
    asked = len(world.wire.calls(since=since))
    check(
        asked <= _REQUESTS_MAX,
        "requests whose answers fail are not repeated without measure",
        expected=f"at most {_REQUESTS_MAX} in {_STORM_MS} ms",
        observed=asked,
    )
    await _all_is_well(adapter, world, "answers that failed")


@case("RSY-19", level=3, needs=_NEEDS, source="I28", stimulus=True)
async def missing_pongs_lose_nothing(adapter: Adapter, world: World) -> None:
    """While the venue answers no ping but goes on telling, nothing is lost and nothing stormed."""
    await _trading(adapter, world)
    streams = len(world.wire.streams())
    ignoring = world.faults.ignore_pings().optional()
    # What an adapter that sends no pings cannot miss, a stream that ends shows it.
    world.faults.close_streams(1001, private=True)
    for _ in range(18):
        await world.quiet(10_000)
        hit(world, Side.BUY)
    await settle(adapter, world)
    renewed = len(world.wire.streams()) - streams
    check(
        renewed <= _RENEWALS_MAX,
        "streams whose pings go unanswered are renewed with measure",
        expected=f"at most {_RENEWALS_MAX} connections in three minutes",
        observed=renewed,
    )
    ignoring.withdraw()
    await _all_is_well(adapter, world, "pongs that were missing")


def _unacknowledged(world: World) -> bool:
    """Say whether an open private stream waits for the venue's word on what was asked on it."""
    told = {frame.stream for frame in world.wire.frames(Topic.CONTROL, inbound=False)}
    asked = {frame.stream for frame in world.wire.frames(inbound=True) if frame.opcode == "text"}
    private = {each.stream for each in world.wire.streams(private=True, open_only=True)}
    return bool(private & asked - told)


@case("RSY-10", level=2, needs=_NEEDS, source="NT", stimulus=True)
async def a_late_acknowledgement_is_waited_for(adapter: Adapter, world: World) -> None:
    """When logins and subscriptions are confirmed 3 s late, nobody is ready before, or gives up."""
    await _trading(adapter, world)
    streams = len(world.wire.streams())
    late = world.faults.delay_push(Topic.CONTROL, _LATE_MS, times=100)
    world.faults.close_streams(1006)
    for _ in range(100):
        await world.quiet(100)
        check(
            adapter.health is not Health.READY or not _unacknowledged(world),
            "an adapter whose login is not confirmed yet does not say that it is ready",
            expected="another state than ready",
            observed=adapter.health,
        )
    late.withdraw()
    await _all_is_well(adapter, world, "acknowledgements that came late")
    opened = len(world.wire.streams()) - streams
    check(
        opened <= 4,
        "a late acknowledgement is no reason to connect again and again",
        expected="at most 4 new connections",
        observed=opened,
    )
