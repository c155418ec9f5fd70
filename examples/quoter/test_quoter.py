"""The quoter's own tests: a whole exchange, real sockets, no waiting."""

from contextlib import asynccontextmanager
from decimal import Decimal

from conformance.model.orders import Side
from conformance.model.wire import Operation
from conformance.sim import SimWorld
from conformance.venues import load
from conformance.virtual import run
from examples.quoter.quoter import Quoter, connect


@asynccontextmanager
async def quoting():
    """A venue and a quoter that trades on it."""
    async with SimWorld(load("binance_usdm"), seed=1) as world:
        exchange = connect(world.endpoints.rest, world.credentials.key, world.credentials.secret)
        try:
            yield world, Quoter(exchange, world.symbol, str(world.quantity()))
        finally:
            await exchange.close()


def prices(world) -> list[Decimal]:
    return [order.price for order in world.truth.open_orders()]


def test_the_bid_follows_the_wish():
    async def story():
        async with quoting() as (world, quoter):
            for ticks_away in (200, 300):
                await quoter.quote(wish := world.price(ticks_away, Side.BUY))
                assert prices(world) == [wish]

    run(story)


def test_a_lost_answer_does_not_double_the_bid():
    async def story():
        async with quoting() as (world, quoter):
            lost = world.faults.lose_answer(Operation.PLACE, executed=True)
            wish = world.price(200, Side.BUY)
            await quoter.quote(wish)
            await quoter.quote(wish)
            assert lost.delivered == 1
            assert prices(world) == [wish]

    run(story)
