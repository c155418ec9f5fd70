"""The unmodified official SDK trades on the simulator over real sockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

pytest.importorskip("binance_sdk_derivatives_trading_usds_futures")

from conformance.contracts.adapter import Endpoints, Health
from conformance.contracts.world import World
from conformance.errors import NotSupported
from conformance.model.categories import Category
from conformance.model.orders import Kind, MarginMode, OrderRequest, Side, Status, TimeInForce
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


def test_balances_and_positions_are_those_of_the_account() -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        world.market.rest(Side.BUY, world.reference_price(), world.quantity(10))
        taken = await adapter.place(
            OrderRequest(
                symbol=world.symbol,
                side=Side.SELL,
                kind=Kind.MARKET,
                quantity=world.quantity(2),
                client_id=world.client_id(),
            )
        )
        assert isinstance(taken, Accepted)
        assert taken.value.filled == world.quantity(2)

        balances = await adapter.balances()
        assert isinstance(balances, Accepted)
        seen = {each.asset: each.wallet for each in balances.value}
        for each in world.truth.balances():
            assert seen[each.asset] == each.wallet

        positions = await adapter.positions()
        assert isinstance(positions, Accepted)
        (leg,), (true_leg,) = positions.value, world.truth.positions()
        assert (leg.quantity, leg.entry_price) == (true_leg.quantity, true_leg.entry_price)

    play(story)


@pytest.mark.parametrize("in_force", [TimeInForce.IOC, TimeInForce.FOK, TimeInForce.POST_ONLY])
def test_every_time_in_force_means_what_it_says(in_force: TimeInForce) -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        request = OrderRequest(
            symbol=world.symbol,
            side=Side.BUY,
            quantity=world.quantity(1),
            price=world.price(200, Side.BUY),
            time_in_force=in_force,
        )
        outcome = await adapter.place(request)
        rests = in_force is TimeInForce.POST_ONLY
        assert isinstance(outcome, Accepted if rests else Accepted | Rejected)
        assert len(world.truth.open_orders()) == rests

    play(story)


def test_settings_reach_the_venue_and_repeating_them_is_success() -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        for _ in range(2):
            assert await adapter.set_leverage(world.symbol, 7) == Accepted(7)
            isolated = await adapter.set_margin_mode(world.symbol, MarginMode.ISOLATED)
            assert isolated == Accepted(None)
            assert await adapter.set_hedge_mode(hedge=True) == Accepted(None)
        assert world.truth.leverage(world.symbol) == 7
        assert world.truth.margin_mode(world.symbol) is MarginMode.ISOLATED
        assert world.truth.hedge()

    play(story)


def test_cancel_all_leaves_nothing() -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        for _ in range(3):
            assert isinstance(await adapter.place(world.request()), Accepted)
        assert await adapter.cancel_all(world.symbol) == Accepted(None)
        assert world.truth.open_orders() == []

    play(story)


def test_a_lost_answer_is_an_unknown_outcome() -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        lost = world.faults.lose_answer(Operation.PLACE, executed=True)
        request = world.request()
        assert isinstance(await adapter.place(request), OutcomeUnknown)
        assert lost.delivered == 1
        assert world.truth.order(request.client_id) is not None

    play(story)


@pytest.mark.parametrize(
    ("condition", "category"),
    [
        (Condition.THROTTLED, Category.THROTTLED),
        (Condition.BANNED, Category.BANNED),
        (Condition.CLOCK_LATE, Category.CLOCK),
        (Condition.BAD_KEY, Category.AUTH),
        (Condition.INSUFFICIENT_MARGIN, Category.STATE),
        (Condition.NO_SUCH_ORDER, Category.NOT_FOUND),
    ],
)
def test_a_refusal_keeps_what_the_sdk_says_about_it(
    condition: Condition, category: Category
) -> None:
    async def story(adapter: BinanceSdkAdapter, world: World) -> None:
        world.faults.answer(Operation.PLACE, condition)
        outcome = await adapter.place(world.request())
        assert isinstance(outcome, Rejected)
        assert outcome.category is category

    play(story)


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


def test_a_venue_that_the_sdk_does_not_serve_is_refused() -> None:
    nowhere = Endpoints(venue="elsewhere", rest="http://127.0.0.1:1", streams="ws://127.0.0.1:1")
    with pytest.raises(NotSupported, match="elsewhere"):
        BinanceSdkAdapter(nowhere, load("binance_usdm").credentials("hmac", 1))
