"""Claims about questions that the venue does not answer."""

from __future__ import annotations

from typing import Any

from conformance.cases import accepted, case, equal, fail, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.orders import Side, Status
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import hold, offered, rest
from conformance.suites.witness import legs, outcome_of, settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_QUESTIONS = {
    "open-orders": (Capability.QUERY, Operation.OPEN_ORDERS),
    "positions": (Capability.POSITIONS, Operation.POSITIONS),
    "balances": (Capability.BALANCES, Operation.BALANCES),
}


async def _asked(adapter: Adapter, world: World, question: str) -> Outcome[Any]:
    if question == "open-orders":
        return await adapter.open_orders(world.symbol)
    if question == "positions":
        return await adapter.positions()
    return await adapter.balances()


@case("ERR-17", level=2, needs=_NEEDS, source="nautechsystems/nautilus_trader#4729", stimulus=True)
@for_each(question=list(_QUESTIONS), condition=[Condition.INTERNAL_ERROR, Condition.HTML_GATEWAY])
async def a_failed_question_is_no_empty_answer(
    adapter: Adapter, world: World, question: str, condition: Condition
) -> None:
    """When a list cannot be had, that is told; nothing is taken for gone that was to be on it."""
    capability, operation = _QUESTIONS[question]
    offered(adapter, capability)
    order = await rest(adapter, world)
    await hold(adapter, world, Side.SELL, 2)
    await settle(adapter, world)
    held = legs(adapter.held())
    trouble = world.faults.answer(operation, condition, times=1_000)
    try:
        outcome = await outcome_of(world, _asked(adapter, world, question))
    except AdapterError:
        outcome = OutcomeUnknown("a typed error")
    if isinstance(outcome, Accepted):
        fail("a question that failed is not answered", observed=outcome)
    world.faults.close_streams(1006)
    for _ in range(60):
        equal(legs(adapter.held()), held, "no leg is taken for flat because a question failed")
        equal(
            status(adapter, order.client_id),
            Status.OPEN,
            "no order is taken for gone because a question failed",
        )
        await world.quiet(500)
    trouble.withdraw()
    await settle(adapter, world, within_ms=120_000)
    accepted(await outcome_of(world, _asked(adapter, world, question)), "the question later on")
