"""Claims about answers that are no proper answers."""

from __future__ import annotations

from conformance.cases import accepted, case, check, equal, fail, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.orders import Order, OrderRequest
from conformance.model.outcomes import Accepted, NotSent, Outcome, OutcomeUnknown, Rejected
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import rest
from conformance.suites.witness import never_rejected, not_denied, one_intent, settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]


async def _executed(
    adapter: Adapter, world: World, condition: Condition
) -> tuple[OrderRequest, Outcome[Order]]:
    """Let the venue carry an order out and answer it with a trouble; judge the outcome."""
    world.faults.answer(Operation.PLACE, condition, executed=True, times=1)
    request = world.request()
    outcome = await adapter.place(request)
    not_denied(outcome, f"an answer of {condition}")
    await settle(adapter, world, within_ms=120_000)
    never_rejected(adapter, request.client_id or "")
    one_intent(world, request.client_id or "")
    return request, outcome


async def _lost(
    adapter: Adapter, world: World, condition: Condition
) -> tuple[OrderRequest, Outcome[Order]]:
    """Let the venue answer with a trouble without carrying the order out."""
    world.faults.answer(Operation.PLACE, condition, executed=False, times=1)
    request = world.request()
    outcome = await adapter.place(request)
    if isinstance(outcome, Accepted):
        check(
            world.truth.order(outcome.value.client_id),
            "an order that does not exist is never reported as accepted",
            expected="an order at the venue",
            observed=outcome,
        )
    await settle(adapter, world, within_ms=180_000)
    one_intent(world, request.client_id or "")
    return request, outcome


@case("ERR-04", level=2, needs=_NEEDS, source="I33", stimulus=True)
@for_each(
    condition=[Condition.HTML_GATEWAY, Condition.HTML_FORBIDDEN],
    executed=["executed", "lost"],
)
async def a_web_page_is_no_answer(
    adapter: Adapter, world: World, condition: Condition, executed: str
) -> None:
    """A page of HTML in place of an answer crashes nothing and proves nothing about an order."""
    if executed == "executed":
        await _executed(adapter, world, condition)
    else:
        _, outcome = await _lost(adapter, world, condition)
        check(
            condition is not Condition.HTML_GATEWAY or not isinstance(outcome, NotSent),
            "an order that was sent is not reported as never sent",
            expected="unknown, or resolved",
            observed=outcome,
        )
    accepted(await adapter.place(world.request()), "an order after a page of HTML")


@case("ERR-05", level=2, needs=_NEEDS, source="NT", stimulus=True)
@for_each(
    condition=[
        Condition.INTERNAL_ERROR,
        Condition.OVERLOADED_REFUSED,
        Condition.OVERLOADED_UNKNOWN,
    ],
    executed=["executed", "lost"],
)
async def a_server_error_proves_nothing(
    adapter: Adapter, world: World, condition: Condition, executed: str
) -> None:
    """A server error leaves an order unknown, unless its text says that it certainly failed."""
    if condition is Condition.OVERLOADED_REFUSED:
        _, outcome = await _lost(adapter, world, condition)
        check(
            isinstance(outcome, Accepted)
            or (isinstance(outcome, Rejected) and outcome.category is Category.RETRY),
            "a server error that certainly failed is a definite refusal that may be retried",
            expected="Rejected(retry), or accepted on a retry",
            observed=outcome,
        )
    elif executed == "executed":
        await _executed(adapter, world, condition)
    else:
        await _lost(adapter, world, condition)


@case("ERR-06", level=2, needs=_NEEDS, source="NT", stimulus=True)
@for_each(condition=[Condition.EMPTY_BODY, Condition.NOT_JSON, Condition.TRUNCATED_BODY])
async def an_unreadable_answer_proves_nothing(
    adapter: Adapter, world: World, condition: Condition
) -> None:
    """An empty, cut or garbled answer leaves an order unknown until it is resolved."""
    await _executed(adapter, world, condition)


@case("ERR-07", level=2, needs=[*_NEEDS, Capability.QUERY], source="JP", stimulus=True)
@for_each(operation=[Operation.PLACE, Operation.QUERY_ORDER])
async def an_unheard_of_code_proves_nothing(
    adapter: Adapter, world: World, operation: Operation
) -> None:
    """A refusal with a code from no document leaves an order unknown and a query answered."""
    if operation is Operation.PLACE:
        await _executed(adapter, world, Condition.NOVEL_CODE)
        return
    order = await rest(adapter, world)
    world.faults.answer(operation, Condition.NOVEL_CODE, times=1)
    try:
        outcome = await adapter.order(world.symbol, client_id=order.client_id)
    except AdapterError:
        outcome = OutcomeUnknown("a typed error")
    check(
        isinstance(outcome, Accepted | Rejected | OutcomeUnknown),
        "a query refused with an unheard-of code has an outcome",
        observed=outcome,
    )
    await world.quiet(10_000)
    check(
        status(adapter, order.client_id) and world.truth.open_orders(),
        "a query refused with an unheard-of code does not end the order",
        expected="open",
        observed=status(adapter, order.client_id),
    )
    await settle(adapter, world)


@case("ERR-10", level=2, needs=[Capability.PLACE], source="CX fetchStatus", stimulus=True)
async def maintenance_pauses_and_ends(adapter: Adapter, world: World) -> None:
    """During maintenance orders are refused without hammering, and trading resumes after it."""
    closed = world.faults.answer(Operation.PLACE, Condition.MAINTENANCE, times=1_000)
    request = world.request()
    outcome = await adapter.place(request)
    if isinstance(outcome, Accepted):
        fail("an order during maintenance is not accepted", observed=outcome)
    await world.quiet(30_000)
    tries = len(world.wire.calls(Operation.PLACE))
    check(
        tries <= 5,
        "an order refused for maintenance is not hammered",
        expected="at most 5 requests in 30 s",
        observed=tries,
    )
    closed.withdraw()
    await world.quiet(600_000)
    accepted(await adapter.place(world.request()), "an order ten minutes after maintenance")


_REWORDED = (
    (Operation.PLACE, Condition.INSUFFICIENT_MARGIN),
    (Operation.PLACE, Condition.TIMEOUT_UNKNOWN),
    (Operation.QUERY_ORDER, Condition.NO_SUCH_ORDER),
    (Operation.CANCEL, Condition.UNKNOWN_ORDER),
)


@case(
    "ERR-11",
    level=3,
    needs=[Capability.PLACE, Capability.QUERY],
    source="PB",
    stimulus=True,
)
@for_each(trouble=[f"{operation}:{condition}" for operation, condition in _REWORDED])
async def codes_decide_and_not_texts(adapter: Adapter, world: World, trouble: str) -> None:
    """The same code under another text leads to the same outcome."""
    operation, condition = next(pair for pair in _REWORDED if f"{pair[0]}:{pair[1]}" == trouble)
    outcomes = []
    for text in ("", "Etwas ganz anderes (nr. 7).", "success"):
        target = await rest(adapter, world, ticks_away=300)
        executed = condition is Condition.TIMEOUT_UNKNOWN
        world.faults.answer(operation, condition, executed=executed, text=text, times=1)
        outcome: Outcome[Order]
        if operation is Operation.PLACE:
            outcome = await adapter.place(world.request())
        elif operation is Operation.CANCEL:
            outcome = await adapter.cancel(world.symbol, client_id=target.client_id)
        else:
            outcome = await adapter.order(world.symbol, client_id=target.client_id)
        category = outcome.category if isinstance(outcome, Rejected) else None
        outcomes.append((type(outcome).__name__, category))
        adapter = await world.restart(adapter)
    equal(
        len(set(outcomes)),
        1,
        f"the outcome of {condition} depends on its code, not on its text: {outcomes}",
    )
