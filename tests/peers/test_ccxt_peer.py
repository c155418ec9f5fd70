"""Unmodified ccxt, async and pro, trades on the simulator over real sockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

pytest.importorskip("ccxt")

from conformance.contracts.adapter import Health
from conformance.contracts.world import World
from conformance.model.orders import OrderRequest, Side, Status
from conformance.model.outcomes import Accepted, NotSent
from conformance.model.wire import Operation
from conformance.peers.ccxt import CcxtAdapter
from conformance.sim import SimWorld
from conformance.venues import load
from conformance.virtual import run

Story = Callable[[CcxtAdapter, World], Awaitable[None]]


def play(story: Story) -> None:
    """Run ``story`` with a started adapter in virtual time."""

    async def main() -> None:
        async with SimWorld(load("binance_usdm"), seed=11, case_id="PEER") as world:
            adapter = CcxtAdapter(world.endpoints, world.credentials)
            try:
                await adapter.start()
                await story(adapter, world)
            finally:
                await adapter.stop()

    run(main)


def told(adapter: CcxtAdapter, client_id: str) -> Status | None:
    """What the user stream has said about an order."""
    return next((o.status for o in adapter.orders() if o.client_id == client_id), None)


def test_an_order_is_placed_queried_amended_and_cancelled() -> None:
    async def story(adapter: CcxtAdapter, world: World) -> None:
        request = world.request(Side.BUY)
        placed = await adapter.place(request)
        assert isinstance(placed, Accepted)
        truth = world.truth.order(request.client_id)
        assert (truth.price, truth.quantity) == (request.price, request.quantity)
        assert placed.value.venue_id == truth.venue_id

        queried = await adapter.order(world.symbol, client_id=request.client_id)
        assert isinstance(queried, Accepted)
        assert queried.value.status is Status.OPEN

        price = world.price(300, Side.BUY)
        amended = await adapter.amend(
            world.symbol,
            client_id=request.client_id,
            price=price,
            quantity=request.quantity + world.listing.step,
        )
        assert isinstance(amended, Accepted)
        assert world.truth.order(request.client_id).price == price

        listed = await adapter.open_orders(world.symbol)
        assert isinstance(listed, Accepted)
        assert [order.client_id for order in listed.value] == [request.client_id]

        cancelled = await adapter.cancel(world.symbol, client_id=request.client_id)
        assert isinstance(cancelled, Accepted)
        assert cancelled.value.status is Status.CANCELLED
        assert world.truth.open_orders() == []

    play(story)


def test_orders_and_fills_arrive_by_stream() -> None:
    async def story(adapter: CcxtAdapter, world: World) -> None:
        request = world.request(Side.SELL, lots=3)
        assert isinstance(await adapter.place(request), Accepted)
        await world.until(lambda: told(adapter, request.client_id) is Status.OPEN)
        world.market.take(Side.BUY, world.quantity())
        world.market.rest(Side.BUY, request.price, request.quantity)
        await world.until(lambda: told(adapter, request.client_id) is Status.FILLED)
        await world.until(
            lambda: sum(fill.quantity for fill in adapter.fills()) == request.quantity
        )
        truth = world.truth.fills()
        assert {(f.trade_id, f.price, f.quantity, f.fee) for f in adapter.fills()} == {
            (f.trade_id, f.price, f.quantity, f.fee) for f in truth
        }
        assert {fill.client_id for fill in adapter.fills()} == {request.client_id}
        await world.until(adapter.held)
        assert adapter.held()[0].quantity == -request.quantity

    play(story)


def test_the_local_book_follows_the_venue() -> None:
    async def story(adapter: CcxtAdapter, world: World) -> None:
        best = world.price(5, Side.BUY)
        world.market.rest(Side.BUY, best, world.quantity(1))
        world.market.rest(Side.SELL, world.price(5, Side.SELL), world.quantity(1))
        await adapter.watch_book(world.symbol)
        for ticks in range(10, 20):
            world.market.rest(Side.BUY, world.price(ticks, Side.BUY), world.quantity(ticks))

        def equal() -> bool:
            seen, true = adapter.book(world.symbol), world.truth.book(world.symbol)
            return (seen.bids, seen.asks) == (true.bids, true.asks)

        await world.until(equal, what="the books are equal")
        assert adapter.book(world.symbol).valid
        assert adapter.book(world.symbol).bids[0][0] == best

    play(story)


def test_the_instruments_have_the_venues_exact_rules() -> None:
    async def story(adapter: CcxtAdapter, world: World) -> None:
        answer = await adapter.instruments()
        assert isinstance(answer, Accepted)
        seen = {each.symbol: each for each in answer.value}
        listing = world.listing
        assert seen[world.symbol].tick == listing.tick
        assert seen[world.symbol].step == listing.step
        assert seen[world.symbol].min_notional == listing.min_notional
        assert seen[world.symbol].margin_asset == listing.margin_asset

    play(story)


def test_what_ccxt_refuses_by_itself_was_not_sent() -> None:
    async def story(adapter: CcxtAdapter, world: World) -> None:
        request = world.request()
        mark = world.wire.mark()
        vain = await adapter.amend(
            world.symbol, client_id="never-seen", price=Decimal(1), quantity=Decimal(1)
        )
        assert isinstance(vain, NotSent)
        unpriced = OrderRequest(
            symbol=request.symbol, side=Side.BUY, quantity=request.quantity, price=None
        )
        assert isinstance(await adapter.place(unpriced), NotSent)
        assert list(world.wire.calls(Operation.PLACE, since=mark)) == []

    play(story)


def test_a_stopped_adapter_has_left_no_stream_open() -> None:
    async def story(adapter: CcxtAdapter, world: World) -> None:
        assert adapter.health is Health.READY
        await adapter.stop()
        assert adapter.health is Health.STOPPED
        await world.until(lambda: not world.wire.streams(open_only=True))

    play(story)
