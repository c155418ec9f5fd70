"""Claims about amending."""

from __future__ import annotations

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.orders import Side, Status
from conformance.model.outcomes import Accepted, NotSent, Rejected
from conformance.model.wire import Operation
from conformance.suites.staging import hit, rest
from conformance.suites.witness import known, settle, status

_NEEDS = [Capability.PLACE, Capability.AMEND, Capability.USER_STREAM]
_NOTHING_NEW = (Category.ALREADY, Category.STATE, Category.REQUEST)


@case("CAN-07", level=2, needs=_NEEDS, source="NT E30-31")
@for_each(change=["price", "quantity", "both"], filled=[0, 1], side=[Side.BUY, Side.SELL])
async def an_amendment_changes_what_it_names(
    adapter: Adapter, world: World, change: str, filled: int, side: Side
) -> None:
    """An amendment leaves one order with exactly the price and the total quantity it names."""
    order = await rest(adapter, world, side=side, multiple=2)
    if filled:
        hit(world, side, filled)
        await settle(adapter, world)
    price = world.price(180, side) if change != "quantity" else order.price
    quantity = world.quantity() * (3 if change != "price" else 2)
    outcome = await adapter.amend(
        world.symbol,
        client_id=order.client_id,
        price=price or world.price(180, side),
        quantity=quantity,
    )
    accepted(outcome, f"an amendment of {change}")
    await settle(adapter, world)
    live = world.truth.open_orders()
    equal(
        [(found.price, found.quantity) for found in live],
        [(price, quantity)],
        "after an amendment one order lives, with exactly the new figures",
    )
    word = known(adapter, live[0].client_id)
    equal(
        (word.price, word.quantity, word.status) if word else None,
        (price, quantity, Status.PARTIALLY_FILLED if filled else Status.OPEN),
        "the adapter knows the amended figures",
    )
    hit(world, side, 1)
    await settle(adapter, world)


@case("CAN-08", level=2, needs=_NEEDS, source="CME")
async def an_amendment_below_the_filled_quantity_is_final(adapter: Adapter, world: World) -> None:
    """Amending a partly filled order below what is filled ends in a proven state, never open."""
    order = await rest(adapter, world, multiple=5)
    hit(world, Side.BUY, 3)
    await settle(adapter, world)
    outcome = await adapter.amend(
        world.symbol,
        client_id=order.client_id,
        price=world.price(210, Side.BUY),
        quantity=world.quantity() * 2,
    )
    check(
        isinstance(outcome, Accepted | Rejected | NotSent),
        "an amendment below the filled quantity has a definite outcome",
        expected="a refusal, or an order that is over",
        observed=outcome,
    )
    await settle(adapter, world)
    truth = world.truth.order(order.client_id)
    word = status(adapter, order.client_id)
    if isinstance(outcome, Accepted):
        check(
            word and word.terminal,
            "an order amended below its filled quantity is over",
            expected="cancelled or filled",
            observed=word,
        )
    elif truth and truth.status.live:
        equal(truth.quantity, order.quantity, "a refused amendment leaves the order intact")
    equal(truth.filled if truth else None, world.quantity() * 3, "what was filled stays filled")
    equal(len(world.wire.calls(Operation.PLACE)), 1, "an amendment does not place another order")


@case("CAN-15", level=2, needs=_NEEDS, source="B063, NT")
async def an_amendment_to_the_same_is_harmless(adapter: Adapter, world: World) -> None:
    """Amending an order to what it already is leaves it alive, and is no alarm."""
    order = await rest(adapter, world, multiple=2)
    await settle(adapter, world)
    assert order.price is not None
    outcome = await adapter.amend(
        world.symbol, client_id=order.client_id, price=order.price, quantity=order.quantity
    )
    check(
        isinstance(outcome, Accepted | NotSent)
        or (isinstance(outcome, Rejected) and outcome.category in _NOTHING_NEW),
        "an amendment that changes nothing is done, or refused as such",
        expected="Accepted, NotSent or Rejected(already)",
        observed=outcome,
    )
    await settle(adapter, world)
    equal(status(adapter, order.client_id), Status.OPEN, "the order is open as before")
    equal(adapter.health, Health.READY, "such an amendment is no reason to leave readiness")
    hit(world, Side.BUY, 2)
    await settle(adapter, world)
    equal(status(adapter, order.client_id), Status.FILLED, "its later fill is counted")


@case("CAN-16", level=2, needs=_NEEDS, source="CX, B091")
@for_each(side=[Side.BUY, Side.SELL])
async def an_amendment_off_the_grid_adds_no_risk(
    adapter: Adapter, world: World, side: Side
) -> None:
    """An amendment between two ticks or steps is refused, or rounded to the safer side."""
    order = await rest(adapter, world, side=side, multiple=2)
    await settle(adapter, world)
    rules = world.listing
    price = (world.price(180, side) or order.price or rules.tick) + rules.tick * side.sign * 3 / 4
    quantity = order.quantity * 2 + rules.step / 2
    await adapter.amend(world.symbol, client_id=order.client_id, price=price, quantity=quantity)
    await settle(adapter, world)
    (live,) = world.truth.open_orders()
    check(
        live.quantity <= quantity
        and live.price is not None
        and live.price * side.sign <= price * side.sign,
        "rounding never makes an order larger or its price worse than asked",
        expected=f"at most {quantity}, no worse than {price}",
        observed=live,
    )
