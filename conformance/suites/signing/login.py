"""Claims about the way to the private stream: nobody is ready whom the venue does not know."""

from __future__ import annotations

from conformance.cases import case, check, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.outcomes import Accepted
from conformance.model.wire import Condition, Operation
from conformance.suites.signing.requests import PUBLIC
from conformance.suites.staging import rest
from conformance.suites.witness import known

STEP_MS = 70_000
"""More than any venue lets a signature be late."""


async def _hears_of_its_orders(adapter: Adapter, world: World, when: str) -> None:
    order = await rest(adapter, world)
    await world.until(
        lambda: known(adapter, order.client_id),
        within_ms=30_000,
        what=f"{when}, the private stream tells of the adapter's own orders",
    )


@case(
    "SIG-10",
    level=2,
    needs=[Capability.PLACE, Capability.USER_STREAM, Capability.CLOCK_SYNC],
    source="NT",
    started=False,
    stimulus=True,
)
@for_each(signature=["expired", "revoked", "wrong"])
async def only_who_is_known_gets_ready(adapter: Adapter, world: World, signature: str) -> None:
    """With a right signature the private stream lives; with another the adapter is never ready."""
    if signature == "wrong":
        await _turned_away(adapter, world)
    elif signature == "revoked":
        await _shut_out(adapter, world)
    else:
        await _let_in_again(adapter, world)


async def _turned_away(adapter: Adapter, world: World) -> None:
    for operation in Operation:
        if operation not in PUBLIC:
            world.faults.answer(operation, Condition.BAD_SIGNATURE, times=1_000).optional()
    trouble: AdapterError | None = None
    try:
        await adapter.start()
    except AdapterError as error:
        trouble = error
    check(
        trouble is not None or adapter.health is not Health.READY,
        "a start with a signature that the venue refuses says so",
        expected="an AdapterError, or a health that is not ready",
        observed=adapter.health,
    )
    await world.quiet(120_000)
    check(
        adapter.health is not Health.READY,
        "an adapter whose signature is refused never calls itself ready",
        expected="anything but ready",
        observed=adapter.health,
    )
    outcome = await adapter.place(world.request())
    check(
        not isinstance(outcome, Accepted) and not world.truth.orders(),
        "no order is accepted without a signature that the venue believes",
        expected="a refusal",
        observed=outcome,
    )


async def _shut_out(adapter: Adapter, world: World) -> None:
    await adapter.start()
    await _hears_of_its_orders(adapter, world, "after the start")
    world.faults.revoke_key()
    world.faults.close_streams(private=True)
    await world.until(
        lambda: adapter.health is not Health.READY,
        within_ms=60_000,
        what="an adapter whose login is refused says that it is not ready",
    )
    await world.quiet(120_000)
    check(
        adapter.health is not Health.READY,
        "an adapter whose login is refused stays not ready",
        expected="anything but ready",
        observed=adapter.health,
    )


async def _let_in_again(adapter: Adapter, world: World) -> None:
    await adapter.start()
    check(
        adapter.health is Health.READY and world.wire.streams(private=True, open_only=True),
        "a started adapter is ready, and its private stream is open",
        expected="ready with a private stream",
        observed=adapter.health,
    )
    await _hears_of_its_orders(adapter, world, "after the start")
    world.faults.step_clock(STEP_MS)
    world.faults.close_streams(private=True)
    await world.until(
        lambda: adapter.health is Health.READY and world.wire.streams(private=True, open_only=True),
        within_ms=180_000,
        what="a signature that has expired is made anew, until the private stream is open again",
    )
    await _hears_of_its_orders(adapter, world, "after it was opened again")
