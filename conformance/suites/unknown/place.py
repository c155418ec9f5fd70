"""Claims about orders whose fate is not known."""

from __future__ import annotations

import asyncio

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Side, Status
from conformance.model.outcomes import NotSent
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import CROSSING_TICKS, hush, lift, order_of, quote
from conformance.suites.witness import (
    buried,
    known,
    never_rejected,
    not_denied,
    one_intent,
    outcome_of,
    sent,
    settle,
    status,
)

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.RECONCILE]
_READS = (
    Operation.QUERY_ORDER,
    Operation.QUERY_OPEN_ORDER,
    Operation.OPEN_ORDERS,
    Operation.ORDER_HISTORY,
    Operation.FILL_HISTORY,
    Operation.POSITIONS,
    Operation.ACCOUNT,
)
_SPACING_MS = 1_000


@case("UNK-01", level=1, needs=_NEEDS, source="I01, NT E74", stimulus=True)
@for_each(answer=["cut", "stalled"], stream=["telling", "mute"])
async def an_executed_order_without_an_answer_is_found(
    adapter: Adapter, world: World, answer: str, stream: str
) -> None:
    """An order whose answer was lost is found by its client id: one order, no rejection."""
    muted = hush(world) if stream == "mute" else []
    if answer == "cut":
        world.faults.lose_answer(Operation.PLACE, executed=True, times=1)
    else:
        world.faults.stall(Operation.PLACE, executed=True, times=1)
    request = world.request()
    client_id = request.client_id or ""
    not_denied(await outcome_of(world, adapter.place(request)), "a lost answer")
    await settle(adapter, world, within_ms=120_000)
    equal(status(adapter, client_id), Status.OPEN, "the order is found open")
    never_rejected(adapter, client_id)
    one_intent(world, client_id)
    lift(muted)


@case("UNK-02", level=1, needs=_NEEDS, source="NT E74", stimulus=True)
@for_each(request_was=["cut", "stalled"])
async def an_order_that_never_arrived_is_proven_so(
    adapter: Adapter, world: World, request_was: str
) -> None:
    """An order that never reached the venue is reported as not placed, after asking twice."""
    if request_was == "cut":
        world.faults.lose_answer(Operation.PLACE, executed=False, times=1)
    else:
        world.faults.stall(Operation.PLACE, executed=False, times=1)
    request = world.request()
    client_id = request.client_id or ""
    outcome = await outcome_of(world, adapter.place(request))
    await settle(adapter, world, within_ms=300_000)
    one_intent(world, client_id)
    tries = sent(world, client_id)
    if len(tries) > 1:
        return
    asked = [
        call.received_ms
        for call in world.wire.calls(*_READS)
        if call.number > tries[0].number
        and (call.reading.client_id == client_id or not call.reading.client_id)
    ]
    check(
        len(asked) >= 2 and asked[-1] - asked[0] >= _SPACING_MS,
        "not placed is concluded only after asking at least twice, a second apart",
        expected="two questions a second apart",
        observed=f"questions at {asked}",
    )
    word = known(adapter, client_id)
    check(
        word is None or word.status is Status.REJECTED,
        "an order that never existed ends as not placed",
        expected="rejected",
        observed=(outcome, word),
    )
    before = len(asked)
    await world.quiet(600_000)
    about = [c for c in world.wire.calls(*_READS) if c.reading.client_id == client_id]
    check(
        len(about) <= before + 5,
        "a resolved order is not asked about for ever",
        expected=f"at most {before + 5} questions",
        observed=len(about),
    )


@case("UNK-03", level=1, needs=_NEEDS, source="I03", stimulus=True)
@for_each(
    condition=[Condition.BUS_UNKNOWN, Condition.OVERLOADED_UNKNOWN, Condition.TIMEOUT_UNKNOWN],
    executed=["executed", "lost"],
)
async def unknown_by_the_venues_word_is_unknown(
    adapter: Adapter, world: World, condition: Condition, executed: str
) -> None:
    """When the venue says that it does not know, the order is unknown until it is resolved."""
    happened = executed == "executed"
    muted = hush(world)
    world.faults.answer(Operation.PLACE, condition, executed=happened, times=1)
    request = world.request()
    client_id = request.client_id or ""
    outcome = await adapter.place(request)
    if happened:
        not_denied(outcome, f"an answer of {condition}")
    await settle(adapter, world, within_ms=300_000)
    one_intent(world, client_id)
    if happened:
        never_rejected(adapter, client_id)
        equal(status(adapter, client_id), Status.OPEN, "the order is found open")
    lift(muted)


@case("UNK-04", level=2, needs=_NEEDS, source="NT", stimulus=True)
@for_each(
    answer=[Condition.HTML_GATEWAY, Condition.INTERNAL_ERROR, Condition.TRUNCATED_BODY],
    multiple=[1, 3],
)
async def a_fill_behind_an_error_is_found(
    adapter: Adapter, world: World, answer: Condition, multiple: int
) -> None:
    """An order that traded behind a server error is found with its fill, which counts once."""
    muted = hush(world)
    quote(world, Side.BUY)
    request = order_of(world, Side.BUY, multiple, ticks_away=CROSSING_TICKS)
    client_id = request.client_id or ""
    world.faults.answer(Operation.PLACE, answer, executed=True, times=1)
    not_denied(await adapter.place(request), f"an answer of {answer}")
    await settle(adapter, world, within_ms=300_000)
    lift(muted)
    never_rejected(adapter, client_id)
    one_intent(world, client_id)
    expected = Status.FILLED if multiple == 1 else Status.PARTIALLY_FILLED
    equal(status(adapter, client_id), expected, "the order is found with its fill")


@case("UNK-05", level=2, needs=_NEEDS, source="I18, I19", stimulus=True)
async def not_found_at_first_is_not_not_placed(adapter: Adapter, world: World) -> None:
    """An order that the venue's reads show only after eight seconds is adopted, not re-sent."""
    muted = hush(world)
    lag = world.faults.lag_reads(8_000).optional()
    world.faults.lose_answer(Operation.PLACE, executed=True, times=1)
    request = world.request()
    client_id = request.client_id or ""
    placing = asyncio.ensure_future(adapter.place(request))
    for _ in range(200):
        equal(buried(adapter, world), [], "an order that lives is never believed to be over")
        await world.quiet(100)
    not_denied(await placing, "reads that lag")
    await settle(adapter, world, within_ms=120_000)
    equal(status(adapter, client_id), Status.OPEN, "the order is adopted once it shows")
    never_rejected(adapter, client_id)
    one_intent(world, client_id)
    equal(len(world.truth.orders()), 1, "one decision becomes one order")
    lag.withdraw()
    lift(muted)


@case("UNK-06", level=2, needs=_NEEDS, source="I24", stimulus=True)
async def an_unresolved_order_freezes_its_symbol(adapter: Adapter, world: World) -> None:
    """While the fate of an order cannot be learned, no new exposure is sent in its symbol."""
    muted = hush(world)
    blind = [
        world.faults.answer(operation, Condition.INTERNAL_ERROR, times=100_000).optional()
        for operation in _READS
    ]
    world.faults.lose_answer(Operation.PLACE, executed=True, times=1)
    request = world.request()
    client_id = request.client_id or ""
    first = asyncio.ensure_future(adapter.place(request))
    await world.quiet(30_000)
    second = asyncio.ensure_future(adapter.place(world.request()))
    await world.quiet(90_000)
    others = {c.reading.client_id for c in world.wire.calls(Operation.PLACE)} - {client_id}
    equal(others, set(), "no new order is sent in a symbol with an unresolved order")
    check(
        adapter.health is not Health.READY,
        "an unresolved order shows in the adapter's health",
        expected="degraded or halted",
        observed=adapter.health,
    )
    word = status(adapter, client_id)
    check(
        word is None or not word.terminal,
        "an order whose fate cannot be learned is not given up",
        expected="unknown or pending",
        observed=word,
    )
    lift(blind)
    lift(muted)
    not_denied(await first, "reads that fail")
    await second
    await settle(adapter, world, within_ms=300_000)
    equal(status(adapter, client_id), Status.OPEN, "the order is found once reads work again")
    await world.quiet(60_000)
    accepted(await adapter.place(world.request()), "an order once everything is resolved")


@case("UNK-09", level=2, needs=[*_NEEDS, Capability.BATCH], source="NT E77", stimulus=True)
@for_each(executed=["executed", "lost"], trouble=["cut", "server-error"])
async def a_lost_batch_invents_no_rejections(
    adapter: Adapter, world: World, executed: str, trouble: str
) -> None:
    """When a whole batch gets no answer, each of its orders is unknown until it is resolved."""
    happened = executed == "executed"
    if trouble == "cut":
        world.faults.lose_answer(Operation.PLACE_BATCH, executed=happened, times=1)
    else:
        world.faults.answer(
            Operation.PLACE_BATCH, Condition.INTERNAL_ERROR, executed=happened, times=1
        )
    requests = [world.request(ticks_away=200 + n) for n in range(3)]
    outcomes = await adapter.place_batch(requests)
    equal(len(outcomes), 3, "a lost batch still has one outcome for each order")
    for outcome in outcomes:
        if happened:
            not_denied(outcome, "a lost batch")
        else:
            check(
                not isinstance(outcome, NotSent),
                "an order that was sent is not reported as never sent",
                observed=outcome,
            )
    await settle(adapter, world, within_ms=300_000)
    if happened:
        for request in requests:
            never_rejected(adapter, request.client_id or "")
            equal(
                status(adapter, request.client_id or ""),
                Status.OPEN,
                "every order of a lost batch is found",
            )


@case("UNK-10", level=2, needs=[*_NEEDS, Capability.QUERY], source="I24", stimulus=True)
async def an_order_in_flight_survives_a_crash(adapter: Adapter, world: World) -> None:
    """After a crash with an order in flight, the next life finds it by its client id."""
    world.faults.stall(Operation.PLACE, executed=True, times=1)
    request = world.request()
    client_id = request.client_id or ""
    placing = asyncio.ensure_future(adapter.place(request))
    await world.until(lambda: world.truth.order(client_id), what="an order reaches the venue")
    heir = await world.restart(adapter)
    placing.cancel()
    await asyncio.gather(placing, return_exceptions=True)
    await world.until(
        lambda: status(heir, client_id) is Status.OPEN,
        within_ms=60_000,
        what="after a crash an order that was in flight is found open",
    )
    found = accepted(await heir.order(world.symbol, client_id=client_id), "a query by client id")
    equal(found.client_id, client_id, "the order is found under its own client id")
    one_intent(world, client_id)
    accepted(await heir.cancel(world.symbol, client_id=client_id), "a cancel of the found order")
    await world.until(
        lambda: status(heir, client_id) is Status.CANCELLED,
        what="the found order can be cancelled",
    )
