"""A venue in another process, as a test network is: real time, its own market, its own truth."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from conformance.client import ReferenceClient
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.errors import Beyond
from conformance.model.orders import Kind, Side, Status
from conformance.model.wire import Operation
from conformance.plugin import keys
from conformance.plugin.environments import Recording, Remote, Replaying, tape_name
from conformance.plugin.running import run_case
from conformance.tap.world import TapWorld


@pytest.fixture(scope="module")
def behind(standing):
    return Endpoints(standing["venue"], standing["rest"], standing["streams"])


@pytest.fixture(scope="module")
def key(standing):
    return Credentials(**standing["credentials"][0])


@pytest.fixture
def remote(venue, behind, key, catalogue):
    """Run a case against the other process."""
    variables = {
        keys.variable(venue.name, name): value
        for name, value in (
            ("rest", behind.rest),
            ("streams", behind.streams),
            ("key", key.key),
            ("secret", key.secret),
        )
    }
    environment = Remote({venue.name: keys.target(venue, variables)})

    def run(name, wrap=lambda environment: environment):
        case, example = catalogue(name)
        return run_case(
            case,
            example,
            venue=venue,
            adapter_factory=ReferenceClient,
            environment=wrap(environment),
        )

    return run


@pytest.mark.parametrize(
    "name",
    [
        "MKT-01",
        "ORD-01[side=buy]",
        "CAN-01[by=client-id,filled=0]",
        "POS-02[setting=margin-mode]",
        "DUP-04[answer=lost]",
        "TLS-02",
    ],
)
def test_a_case_that_needs_no_hand_on_the_venue_passes(remote, name):
    result = remote(name)
    assert (result.verdict, result.reason) == ("pass", "")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ORD-02[side=buy]", "nobody can rest"),
        ("LIF-01[side=buy]", "nobody can take"),
        ("CLK-01[venue_ahead_ms=800]", "nobody can step clock"),
    ],
)
def test_a_case_that_does_is_not_applicable_and_says_why(remote, name, why):
    result = remote(name)
    assert (result.verdict, result.reason) == (
        "not-applicable",
        f"at a venue that is not ours, {why}",
    )


def test_a_case_recorded_there_plays_offline(remote, venue, catalogue, tmp_path):
    name = "ORD-01[side=sell]"
    assert remote(name, lambda inner: Recording(inner, tmp_path)).verdict == "pass"
    case, example = catalogue(name)
    assert (tmp_path / tape_name(case, example)).is_file()
    played = run_case(
        case,
        example,
        venue=venue,
        adapter_factory=ReferenceClient,
        environment=Replaying(tmp_path),
    )
    assert (played.verdict, played.observed) == ("pass", "")


@pytest.fixture
def world(venue, behind, key, within):
    """Play a story in the world of the other process."""

    def play(story):
        async def main():
            async with TapWorld(venue, behind, key, case_id="story") as world:
                return await story(world)

        return within(main)

    return play


def test_the_truth_is_what_the_venue_tells(world):
    async def story(world):
        client = ReferenceClient(world.endpoints, world.credentials)
        await client.start()
        resting = (await client.place(world.request(ticks_away=500))).value
        taking = world.request(Side.BUY)
        market = (await client.place(_market(taking))).value
        await world.until(world.truth.fills, what="a market order trades")
        seen = (
            world.truth.order(resting.client_id),
            world.truth.order("never-sent"),
            [order.client_id for order in world.truth.open_orders()],
            {order.client_id for order in world.truth.orders()},
            sum(fill.quantity for fill in world.truth.fills()),
            [(leg.symbol, leg.quantity) for leg in world.truth.positions()],
        )
        await client.stop()
        return resting, market, seen

    resting, market, (found, none, resting_ids, known, traded, legs) = world(story)
    assert (found.status, found.venue_id) == (Status.OPEN, resting.venue_id)
    assert none is None
    assert resting_ids == [resting.client_id]
    assert known == {resting.client_id, market.client_id}
    assert traded == market.quantity
    assert legs == [(market.symbol, market.quantity)]


def _market(request):
    return replace(request, kind=Kind.MARKET, price=None)


def test_the_account_is_tidied_before_and_after(world):
    async def leave(world):
        client = ReferenceClient(world.endpoints, world.credentials)
        await client.start()
        await client.set_hedge_mode(True)
        await client.set_hedge_mode(False)
        await client.place(world.request())
        await client.place(_market(world.request()))
        await world.until(world.truth.positions, what="a market order trades")
        await client.stop()

    async def look(world):
        truth = world.truth
        return list(truth.open_orders()), list(truth.positions()), list(truth.fills())

    world(leave)
    assert world(look) == ([], [], [])


def test_another_client_of_the_account_can_be_played(world):
    async def story(world):
        request = world.request(client_id="foreign-one")
        placed = world.market.foreign(request)
        order = world.truth.order("foreign-one")
        world.market.cancel("foreign-one")
        world.market.set_leverage(7)
        after = world.truth.order("foreign-one")
        return placed, order, after, world.truth.leverage(world.symbol), world.truth.hedge()

    placed, order, after, leverage, hedge = world(story)
    assert placed.status is Status.OPEN
    assert (order.own, order.status) == (False, Status.OPEN)
    assert after.status is Status.CANCELLED
    assert (leverage, hedge) == (7, False)


def test_what_takes_too_long_in_real_time_is_not_applicable(world):
    async def story(world):
        with pytest.raises(Beyond, match="3600 s of real time"):
            await world.quiet(3_600_000)
        with pytest.raises(Beyond, match="does not tell its ledger sum"):
            world.truth.ledger_sum("USDT")

    world(story)


def test_rules_and_prices_are_those_in_force_at_the_venue(world):
    async def story(world):
        return world.reference_price(), world.listing, world.quantity(), len(world.symbols)

    price, listing, quantity, symbols = world(story)
    assert Decimal(50_000) < price < Decimal(70_000)
    assert (listing.tick, listing.step) == (Decimal("0.1"), Decimal("0.001"))
    assert quantity >= listing.min_quantity
    assert symbols == 3


def test_faults_of_the_way_work_at_a_venue_that_is_not_ours(world):
    async def story(world):
        client = ReferenceClient(world.endpoints, world.credentials)
        await client.start()
        cut = world.faults.lose_answer(Operation.PLACE, executed=True)
        order = (await client.place(world.request())).value
        await client.stop()
        return cut.delivered, order, world.truth.order(order.client_id)

    delivered, order, truth = world(story)
    assert delivered == 1
    assert truth.venue_id == order.venue_id
