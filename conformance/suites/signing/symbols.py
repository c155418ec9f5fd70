"""A claim about symbols in whatever letters a venue writes them."""

from __future__ import annotations

from conformance.cases import accepted, case, check, equal
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.ids import Symbol
from conformance.model.orders import Side
from conformance.suites.staging import rest
from conformance.suites.witness import same_book

_NEEDS = [Capability.PLACE, Capability.QUERY]


@case("SIG-15", level=2, needs=_NEEDS, source="ccxt/ccxt#27182")
async def every_symbol_is_signed_like_any_other(adapter: Adapter, world: World) -> None:
    """Calls and streams about any listed symbol, in whatever letters, verify and are answered."""
    for symbol in world.symbols:
        since = world.wire.mark()
        await _handled(adapter, world, symbol)
        bad = [
            str(call.reading.operation)
            for call in world.wire.calls(since=since)
            if call.reading.signature_valid is False
        ]
        equal(bad, [], f"every signature of a call about {symbol} verifies")
        if Capability.BOOK in adapter.capabilities:
            await adapter.watch_book(symbol)
    if Capability.BOOK in adapter.capabilities:
        await _books_settle(adapter, world)


async def _handled(adapter: Adapter, world: World, symbol: Symbol) -> None:
    """Make every kind of call that is about one symbol."""
    offered = adapter.capabilities
    order = await rest(adapter, world, symbol=symbol)
    found = await adapter.order(symbol, client_id=order.client_id)
    equal(accepted(found, f"a question for an order in {symbol}").symbol, symbol, "the symbol")
    listed = accepted(await adapter.open_orders(symbol), f"the resting orders in {symbol}")
    check(
        order.client_id in {each.client_id for each in listed},
        f"an order in {symbol} is among the resting ones",
        expected=order.client_id,
        observed=[each.client_id for each in listed],
    )
    if Capability.AMEND in offered:
        price = world.price(250, Side.BUY, symbol)
        changed = await adapter.amend(
            symbol, client_id=order.client_id, price=price, quantity=order.quantity
        )
        accepted(changed, f"an amendment in {symbol}")
    if Capability.LEVERAGE in offered:
        accepted(await adapter.set_leverage(symbol, 3), f"a leverage for {symbol}")
    accepted(await adapter.cancel(symbol, client_id=order.client_id), f"a cancel in {symbol}")
    if Capability.BATCH in offered:
        batch = [world.request(symbol=symbol), world.request(Side.SELL, symbol=symbol)]
        for outcome in await adapter.place_batch(batch):
            accepted(outcome, f"an order of a batch in {symbol}")
    if Capability.CANCEL_ALL in offered:
        accepted(await adapter.cancel_all(symbol), f"a cancel of everything in {symbol}")


async def _books_settle(adapter: Adapter, world: World) -> None:
    for number, symbol in enumerate(world.symbols):
        price = world.price(30 + number, Side.SELL, symbol)
        world.market.rest(Side.SELL, price, world.quantity(symbol=symbol), symbol)
    await world.until(
        lambda: all(same_book(adapter.book(s), world.truth.book(s)) for s in world.symbols),
        within_ms=10_000,
        what="the book of every listed symbol is valid and equal to the venue's",
    )
