"""Claims about cancelling."""

from __future__ import annotations

import asyncio

from conformance.cases import accepted, case, check, equal, fail, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.faults import Planned
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.orders import Order, Side, Status
from conformance.model.outcomes import Accepted, Outcome, Rejected
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import everywhere, hit, rest
from conformance.suites.witness import buried, known, settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_LATE_MS = 3_000


def _late_news(world: World) -> list[Planned]:
    """Let the account hear of its orders only later."""
    return everywhere(lambda topic: world.faults.delay_push(topic, _LATE_MS, times=20))


def _not_cancelled(outcome: Outcome[Order], order: str, ends: Status | None = None) -> None:
    """Raise Finding when a cancel is reported as done that the venue refused.

    ``ends``: the state in which it may be accepted nevertheless, as it says what was found.
    """
    if isinstance(outcome, Accepted) and outcome.value.status is not ends:
        fail(
            f"an order that {order} is never reported as cancelled",
            expected="the fill, a refusal, or unknown",
            observed=outcome,
        )


@case("CAN-01", level=1, needs=_NEEDS, source="NT E40")
@for_each(by=["client-id", "venue-id"], filled=[0, 2])
async def an_order_is_cancelled_by_either_id(
    adapter: Adapter, world: World, by: str, filled: int
) -> None:
    """A cancel by either id takes exactly that order out, once; what was filled stays filled."""
    gone = await rest(adapter, world, ticks_away=180, multiple=3)
    keep = await rest(adapter, world)
    if filled:
        hit(world, Side.BUY, filled)
        await settle(adapter, world)
    if by == "client-id":
        outcome = await adapter.cancel(world.symbol, client_id=gone.client_id)
    else:
        outcome = await adapter.cancel(world.symbol, venue_id=gone.venue_id)
    equal(accepted(outcome, "a cancel").client_id, gone.client_id, "the cancel names its order")
    await settle(adapter, world)
    word = known(adapter, gone.client_id)
    equal(
        (word.status, word.filled) if word else None,
        (Status.CANCELLED, world.quantity() * filled),
        "a cancelled order is cancelled and keeps what was filled",
    )
    equal(status(adapter, keep.client_id), Status.OPEN, "no other order is cancelled")
    equal(len(world.wire.calls(Operation.CANCEL)), 1, "a cancel that succeeds is sent once")


@case("CAN-02", level=1, needs=_NEEDS, source="I02", stimulus=True)
async def a_cancel_that_came_too_late_finds_the_fill(adapter: Adapter, world: World) -> None:
    """A cancel refused because the order just filled ends in filled, and nothing is re-placed."""
    order = await rest(adapter, world)
    late = _late_news(world)
    hit(world, Side.BUY)
    outcome = await adapter.cancel(world.symbol, client_id=order.client_id)
    _not_cancelled(outcome, "was filled", Status.FILLED)
    check(
        status(adapter, order.client_id) not in (Status.CANCELLED, Status.REJECTED),
        "a refused cancel is not taken for a cancelled order",
        expected="open, unknown or filled",
        observed=status(adapter, order.client_id),
    )
    check(
        not any(u.status is Status.CANCELLED for u in adapter.updates()),
        "no cancellation is published for an order that was filled",
        observed=[update.status for update in adapter.updates()],
    )
    await world.until(lambda: any(plan.delivered for plan in late), what="the venue sends the fill")
    await settle(adapter, world)
    equal(status(adapter, order.client_id), Status.FILLED, "the order ends as filled")
    equal(len(world.wire.calls(Operation.PLACE)), 1, "no replacement order is sent")


@case("CAN-03", level=2, needs=[*_NEEDS, Capability.QUERY], source="I18", stimulus=True)
async def not_found_is_no_proof_of_an_end(adapter: Adapter, world: World) -> None:
    """While the venue's reads lag, an order it does not find is not believed to be gone."""
    lag = world.faults.lag_reads(5_000).optional()
    order = await rest(adapter, world)
    world.faults.answer(Operation.CANCEL, Condition.UNKNOWN_ORDER, times=1)
    outcome = await adapter.cancel(world.symbol, client_id=order.client_id)
    if world.truth.open_orders():
        _not_cancelled(outcome, "still rests")
    await adapter.order(world.symbol, client_id=order.client_id)
    for _ in range(80):
        equal(buried(adapter, world), [], "an order that lives is never believed to be over")
        await world.quiet(100)
    lag.withdraw()
    if world.truth.open_orders():
        accepted(
            await adapter.cancel(world.symbol, client_id=order.client_id),
            "a cancel repeated once the venue finds the order",
        )
    await settle(adapter, world)
    equal(status(adapter, order.client_id), Status.CANCELLED, "the cancel ends in cancelled")


@case("CAN-04", level=2, needs=[*_NEEDS, Capability.CANCEL_ALL], source="I26")
async def cancel_all_keeps_to_its_scope(adapter: Adapter, world: World) -> None:
    """Cancelling everything in one symbol touches no other symbol, own orders or foreign."""
    here, there, elsewhere = world.symbols[:3]
    own = [await rest(adapter, world, symbol=here, ticks_away=200 + n) for n in range(3)]
    spared = [await rest(adapter, world, symbol=symbol) for symbol in (there, elsewhere)]
    foreign = world.market.foreign(world.request(symbol=there))
    accepted(await adapter.cancel_all(here), "cancelling everything in one symbol")
    await world.until(
        lambda: all(status(adapter, order.client_id) is Status.CANCELLED for order in own),
        what="every order of the symbol is cancelled",
    )
    await settle(adapter, world)
    live = {order.client_id for order in world.truth.open_orders()}
    equal(
        live,
        {order.client_id for order in (*spared, foreign)},
        "orders in other symbols, our own and foreign ones, stay",
    )


@case("CAN-05", level=2, needs=_NEEDS, source="NT E43, HB", stimulus=True)
async def cancels_at_once_have_an_outcome_each(adapter: Adapter, world: World) -> None:
    """Of several cancels at once, the one whose order filled is told apart from the others."""
    orders = [await rest(adapter, world, ticks_away=200 + 20 * n) for n in range(3)]
    _late_news(world)
    hit(world, Side.BUY)
    outcomes = await asyncio.gather(
        *(adapter.cancel(world.symbol, client_id=order.client_id) for order in orders)
    )
    _not_cancelled(outcomes[0], "was filled", Status.FILLED)
    for order, outcome in zip(orders[1:], outcomes[1:], strict=True):
        cancelled = accepted(outcome, "a cancel of a resting order")
        equal(cancelled.client_id, order.client_id, "every cancel answers for its own order")
    await settle(adapter, world)
    equal(
        [status(adapter, order.client_id) for order in orders],
        [Status.FILLED, Status.CANCELLED, Status.CANCELLED],
        "each order ends as the venue says",
    )


@case("CAN-06", level=2, needs=_NEEDS, source="NT E44")
async def a_second_cancel_is_harmless(adapter: Adapter, world: World) -> None:
    """Cancelling an order that is over, cancelled or filled, is no success and no alarm either."""
    order = await rest(adapter, world)
    accepted(await adapter.cancel(world.symbol, client_id=order.client_id), "a cancel")
    await settle(adapter, world)
    since = world.wire.mark()
    outcome = await adapter.cancel(world.symbol, client_id=order.client_id)
    check(
        (isinstance(outcome, Accepted) and outcome.value.status is Status.CANCELLED)
        or (
            isinstance(outcome, Rejected)
            and outcome.category in (Category.ALREADY, Category.NOT_FOUND, Category.STATE)
        ),
        "a second cancel ends as already done or not found",
        expected="cancelled, Rejected(already) or Rejected(not-found)",
        observed=outcome,
    )
    await world.quiet(60_000)
    again = len(world.wire.calls(Operation.CANCEL, since=since))
    check(again <= 2, "a cancel of a cancelled order is not repeated for ever", observed=again)
    word = known(adapter, order.client_id)
    equal(word.status if word else None, Status.CANCELLED, "a cancelled order stays cancelled")
    filled = await rest(adapter, world)
    hit(world, Side.BUY)
    await settle(adapter, world)
    late = await adapter.cancel(world.symbol, client_id=filled.client_id)
    _not_cancelled(late, "is known to be filled", Status.FILLED)
    await settle(adapter, world)
    equal(adapter.health, Health.READY, "a late cancel is no reason to leave readiness")


@case("CAN-17", level=1, needs=[*_NEEDS, Capability.QUERY], source="ccxt/ccxt#7641, B103")
async def orders_of_every_symbol_are_reached(adapter: Adapter, world: World) -> None:
    """Whatever the symbol, its order can be asked for, amended and cancelled, and no other."""
    keep = await rest(adapter, world, ticks_away=260)
    for symbol in world.symbols:
        order = await rest(adapter, world, symbol=symbol, multiple=2)
        found = accepted(await adapter.order(symbol, client_id=order.client_id), f"asking {symbol}")
        equal((found.symbol, found.client_id), (symbol, order.client_id), "it is the order meant")
        if Capability.AMEND in adapter.capabilities:
            price = world.price(180, Side.BUY, symbol)
            outcome = await adapter.amend(
                symbol, client_id=order.client_id, price=price, quantity=order.quantity
            )
            accepted(outcome, f"an amendment in {symbol}")
        accepted(await adapter.cancel(symbol, client_id=order.client_id), f"a cancel in {symbol}")
        await settle(adapter, world)
        equal(status(adapter, order.client_id), Status.CANCELLED, "the order meant is cancelled")
    equal(status(adapter, keep.client_id), Status.OPEN, "no other order is cancelled")
