"""The quoter's own tests: a whole exchange, real sockets, no waiting."""

from conformance.model.orders import Side
from conformance.model.wire import Operation
from examples.quoter.quoter import Quoter, connect


async def quote(world, *wishes):
    """Let a quoter keep its bid at one wish after the other."""
    exchange = connect(world.endpoints.rest, world.credentials.key, world.credentials.secret)
    try:
        quoter = Quoter(exchange, world.symbol, str(world.quantity()))
        for wish in wishes:
            await quoter.quote(wish)
    finally:
        await exchange.close()


def bids(world):
    return [order.price for order in world.truth.open_orders()]


async def test_the_bid_follows_the_wish(world):
    near, far = world.price(200, Side.BUY), world.price(300, Side.BUY)
    await quote(world, near, far)
    assert bids(world) == [far]


async def test_a_lost_answer_does_not_double_the_bid(world):
    lost = world.faults.lose_answer(Operation.PLACE, executed=True)
    wish = world.price(200, Side.BUY)
    await quote(world, wish, wish)
    assert lost.delivered == 1
    assert bids(world) == [wish]
