"""The unmodified official SDK trades on the simulator over real sockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

pytest.importorskip("binance_sdk_derivatives_trading_usds_futures")

from conformance.contracts.adapter import Health
from conformance.contracts.world import World
from conformance.model.orders import Side, Status
from conformance.model.outcomes import Accepted, NotSent, OutcomeUnknown, Rejected
from conformance.model.wire import Condition, Operation
from conformance.peers.binance_sdk import BinanceSdkAdapter
from conformance.sim import SimWorld
from conformance.venues import load
from conformance.virtual import run

Story = Callable[[BinanceSdkAdapter, World], Awaitable[None]]


def play(story: Story, *, key_kind: str = "hmac") -> None:
    """Run ``story`` with a started adapter; time stands still while its threads work."""

    async def main() -> None:
        async with SimWorld(load("binance_usdm"), seed=12, key_kind=key_kind) as world:
            adapter = BinanceSdkAdapter(world.endpoints, world.credentials)
            try:
                await adapter.start()
                await story(adapter, world)
            finally:
                await adapter.stop()

    run(main)


@pytest.mark.parametrize("key_kind", ["hmac", "rsa", "ed25519"])
def test_an_order_is_placed_queried_amended_and_cancelled_with_any_kind_of_key(
    key_kind: str,
) -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        request = world.request(Side.SELL)
        placed = await adapter.place(request)
        assert isinstance(placed, Accepted)
        truth = world.truth.order(request.client_id)
        assert (truth.price, truth.quantity) == (request.price, request.quantity)

        price = world.price(300, Side.SELL)
        amended = await adapter.amend(
            world.symbol, client_id=request.client_id, price=price, quantity=request.quantity
        )
        assert isinstance(amended, Accepted)

        queried = await adapter.order(world.symbol, venue_id=placed.value.venue_id)
        assert isinstance(queried, Accepted)
        assert (queried.value.price, queried.value.status) == (price, Status.OPEN)

        listed = await adapter.open_orders(world.symbol)
        assert isinstance(listed, Accepted)
        assert [order.client_id for order in listed.value] == [request.client_id]

        cancelled = await adapter.cancel(world.symbol, client_id=request.client_id)
        assert isinstance(cancelled, Accepted)
        assert cancelled.value.status is Status.CANCELLED
        assert world.truth.open_orders() == []

    play(story, key_kind=key_kind)


@pytest.mark.parametrize("condition", [Condition.TIMEOUT_UNKNOWN, Condition.INTERNAL_ERROR])
def test_an_answer_without_a_promise_is_an_unknown_outcome(condition: Condition) -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        world.faults.answer(Operation.PLACE, condition, executed=True)
        assert isinstance(await adapter.place(world.request()), OutcomeUnknown)

    play(story)


def test_what_the_sdk_refuses_by_itself_was_not_sent() -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        mark = world.wire.mark()
        vain = await adapter.amend(
            world.symbol, client_id="never-seen", price=Decimal(1), quantity=Decimal(1)
        )
        assert isinstance(vain, NotSent)
        nothing = await adapter.cancel("", client_id="a")
        assert isinstance(nothing, NotSent | Rejected)
        assert list(world.wire.calls(Operation.PLACE, since=mark)) == []

    play(story)


def test_its_clock_is_the_local_one() -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        assert adapter.health is Health.READY
        assert adapter.now_ms() == world.now()

    play(story)
