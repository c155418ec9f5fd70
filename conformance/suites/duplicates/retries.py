"""Claims about orders that are sent more than once."""

from __future__ import annotations

from conformance.cases import case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.outcomes import Rejected
from conformance.model.wire import Operation
from conformance.suites.staging import hush, lift
from conformance.suites.witness import buried, never_rejected, one_intent, settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]


@case("DUP-04", level=1, needs=_NEEDS, source="I01", stimulus=True)
@for_each(answer=["lost", "stalled"])
async def a_retry_resolves_to_the_first_order(adapter: Adapter, world: World, answer: str) -> None:
    """A retry after a time-out, ours or the strategy's, never becomes a second order."""
    muted = hush(world)
    if answer == "lost":
        world.faults.lose_answer(Operation.PLACE, executed=True, times=1)
    else:
        world.faults.stall(Operation.PLACE, executed=True, times=1)
    request = world.request()
    client_id = request.client_id or ""
    await adapter.place(request)
    again = await adapter.place(request)
    one_intent(world, client_id)
    equal(buried(adapter, world), [], "a duplicate refusal does not end the first order")
    check(
        not isinstance(again, Rejected)
        or again.category in (Category.ALREADY, Category.STATE, Category.REQUEST),
        "a repeated order resolves to the first one or is refused as its duplicate",
        expected="accepted, unknown, or refused as a duplicate",
        observed=again,
    )
    lift(muted)
    await settle(adapter, world, within_ms=180_000)
    never_rejected(adapter, client_id)
    check(
        (word := status(adapter, client_id)) and word.live,
        "the order that the venue holds is known as live",
        expected="open",
        observed=status(adapter, client_id),
    )
    equal(len(world.truth.orders()), 1, "one decision becomes one order")
