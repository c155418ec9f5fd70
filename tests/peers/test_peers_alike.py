"""What every peer at Binance does alike: unmodified clients of others on the simulator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from typing import Any

import pytest

from conformance.contracts.adapter import Endpoints
from conformance.contracts.world import World
from conformance.errors import NotSupported
from conformance.model.categories import Category
from conformance.model.orders import Kind, MarginMode, OrderRequest, Side, TimeInForce
from conformance.model.outcomes import Accepted, OutcomeUnknown, Rejected
from conformance.model.wire import Condition, Operation
from conformance.plugin.discovery import load_adapter
from conformance.sim import SimWorld
from conformance.venues import load
from conformance.virtual import run

Story = Callable[[Any, World], Awaitable[None]]
VENUE = load("binance_usdm")
PEERS = {
    "conformance.peers.ccxt:CcxtAdapter": "ccxt",
    "conformance.peers.binance_sdk:BinanceSdkAdapter": (
        "binance_sdk_derivatives_trading_usds_futures"
    ),
}


@pytest.fixture(params=PEERS, ids=("ccxt", "binance-sdk"))
def peer(request: pytest.FixtureRequest) -> Any:
    if find_spec(PEERS[request.param]) is None:
        pytest.skip(f"{PEERS[request.param]} is not installed")
    return load_adapter(request.param)


@pytest.fixture
def play(peer: Any) -> Callable[[Story], None]:
    """Run a story with a started adapter in virtual time."""

    def playing(story: Story) -> None:
        async def main() -> None:
            async with SimWorld(VENUE, seed=11, case_id="PEER") as world:
                adapter = peer(world.endpoints, world.credentials)
                try:
                    await adapter.start()
                    await story(adapter, world)
                finally:
                    await adapter.stop()

        run(main)

    return playing


def test_balances_and_positions_are_those_of_the_account(play: Any) -> None:
    async def story(adapter: Any, world: World) -> None:
        world.market.rest(Side.SELL, world.reference_price(), world.quantity(10))
        taken = await adapter.place(
            OrderRequest(
                symbol=world.symbol,
                side=Side.BUY,
                kind=Kind.MARKET,
                quantity=world.quantity(2),
                client_id=world.client_id(),
            )
        )
        assert isinstance(taken, Accepted)
        assert taken.value.filled == world.quantity(2)

        balances = await adapter.balances()
        assert isinstance(balances, Accepted)
        truth = {each.asset: each.wallet for each in world.truth.balances()}
        assert {each.asset: each.wallet for each in balances.value if each.asset in truth} == truth

        positions = await adapter.positions()
        assert isinstance(positions, Accepted)
        (leg,) = positions.value
        (true_leg,) = world.truth.positions()
        assert (leg.symbol, leg.quantity) == (true_leg.symbol, true_leg.quantity)
        assert leg.entry_price == true_leg.entry_price

    play(story)


@pytest.mark.parametrize("in_force", [TimeInForce.IOC, TimeInForce.FOK, TimeInForce.POST_ONLY])
def test_every_time_in_force_means_what_it_says(play: Any, in_force: TimeInForce) -> None:
    async def story(adapter: Any, world: World) -> None:
        request = OrderRequest(
            symbol=world.symbol,
            side=Side.BUY,
            quantity=world.quantity(1),
            price=world.price(200, Side.BUY),
            time_in_force=in_force,
            client_id=world.client_id(),
        )
        outcome = await adapter.place(request)
        rests = in_force is TimeInForce.POST_ONLY
        assert isinstance(outcome, Accepted if rests else Accepted | Rejected)
        assert len(world.truth.open_orders()) == rests

    play(story)


def test_settings_reach_the_venue_and_repeating_them_is_success(play: Any) -> None:
    async def story(adapter: Any, world: World) -> None:
        for _ in range(2):
            assert await adapter.set_leverage(world.symbol, 7) == Accepted(7)
            isolated = await adapter.set_margin_mode(world.symbol, MarginMode.ISOLATED)
            assert isolated == Accepted(None)
            assert await adapter.set_hedge_mode(hedge=True) == Accepted(None)
        assert world.truth.leverage(world.symbol) == 7
        assert world.truth.margin_mode(world.symbol) is MarginMode.ISOLATED
        assert world.truth.hedge()

    play(story)


def test_cancel_all_leaves_nothing(play: Any) -> None:
    async def story(adapter: Any, world: World) -> None:
        for _ in range(3):
            assert isinstance(await adapter.place(world.request()), Accepted)
        assert await adapter.cancel_all(world.symbol) == Accepted(None)
        assert world.truth.open_orders() == []

    play(story)


def test_a_lost_answer_is_an_unknown_outcome(play: Any) -> None:
    async def story(adapter: Any, world: World) -> None:
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
def test_a_refusal_keeps_what_the_peer_says_about_it(
    play: Any, condition: Condition, category: Category
) -> None:
    async def story(adapter: Any, world: World) -> None:
        world.faults.answer(Operation.PLACE, condition)
        outcome = await adapter.place(world.request())
        assert isinstance(outcome, Rejected)
        assert outcome.category is category
        assert outcome.code

    play(story)


def test_a_venue_that_the_peer_does_not_serve_is_refused(peer: Any) -> None:
    nowhere = Endpoints(venue="elsewhere", rest="http://127.0.0.1:1", streams="ws://127.0.0.1:1")
    with pytest.raises(NotSupported, match="elsewhere"):
        peer(nowhere, VENUE.credentials("hmac", 1))
