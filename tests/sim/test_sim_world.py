"""The world of a case: legal values, other participants, truth, waiting, restarting."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal

import pytest
from websockets.asyncio.client import connect

from conformance.errors import Finding, InvariantBroken, WorldError
from conformance.model.instruments import Phase
from conformance.model.orders import MarginMode, OrderRequest, Side, Status
from conformance.model.wire import Frame, RoundTrip, Stream, Topic
from conformance.sim import SimWorld
from conformance.virtual import run
from tests.sim.echo_venue import ECHO


def playing(play, **settings):
    async def main():
        async with SimWorld(ECHO, **settings) as world:
            return await play(world)

    return run(main, real_limit_s=20)


def test_a_world_begins_with_an_empty_book_and_a_funded_account():
    async def play(world):
        book = world.truth.book(world.symbol)
        (balance,) = world.truth.balances()
        return book.bids, book.asks, balance.wallet, world.truth.orders()

    assert playing(play) == ((), (), Decimal(1_000_000), [])


def test_prices_and_quantities_are_legal():
    async def play(world):
        assert world.reference_price() == Decimal(60_000)
        assert world.price(10, Side.BUY) == Decimal("59999.0")
        assert world.price(10, Side.SELL) == Decimal("60001.0")
        assert world.price(-10, Side.BUY) == Decimal("60001.0")
        for symbol in world.symbols:
            listing = world.listing_of(symbol)
            for side in Side:
                request = world.request(side, symbol=symbol, ticks_away=5)
                assert listing.prices.units(request.price) is not None
                assert request.price * request.quantity >= listing.min_notional
                world.market.foreign(request)
            least = world.quantity(symbol=symbol)
            assert world.quantity(3, symbol) - least == 3 * listing.step
            at_floor = world.reference_price(symbol) * listing.band_down
            assert (least - listing.step) * at_floor < listing.min_notional

    playing(play)


def test_client_ids_are_unique_legal_and_name_the_case():
    async def play(world):
        return [world.client_id("re-try!") for _ in range(100)]

    ids = playing(play, case_id="ORD-01", seed=2**64)
    assert len(set(ids)) == 100
    assert all(len(one) <= 32 and one.isalnum() and "ORD01" in one for one in ids)


def test_other_participants_trade_with_the_testee_and_the_truth_tells():
    async def play(world):
        order = world.market.foreign(world.request(Side.BUY, lots=9))
        world.market.take(Side.SELL, order.quantity)
        (fill,) = world.truth.fills()
        (position,) = world.truth.positions()
        done = world.truth.order(order.client_id)
        return order, fill, position, done

    order, fill, position, done = playing(play)
    assert (order.status, order.own) == (Status.OPEN, False)
    assert (done.status, done.filled) == (Status.FILLED, order.quantity)
    assert done.average_price == fill.price == order.price
    assert fill.maker
    assert fill.fee == order.price * order.quantity * Decimal("0.0002")
    assert fill.fee_asset == "USDT"
    assert position.quantity == order.quantity
    assert position.entry_price == order.price


def test_resting_orders_of_others_fill_the_book_and_can_be_cleared():
    async def play(world):
        quantity = world.quantity()
        for ticks in range(1, 301):
            world.market.rest(Side.SELL, world.price(ticks, Side.SELL), quantity)
        deep = len(world.truth.book(world.symbol).asks)
        world.market.take(Side.BUY, quantity)
        taken = len(world.truth.book(world.symbol).asks)
        world.market.clear()
        return deep, taken, world.truth.book(world.symbol).asks

    assert playing(play) == (300, 299, ())


def test_the_account_is_changed_from_outside():
    async def play(world):
        world.market.set_leverage(7)
        world.market.set_margin_mode(MarginMode.ISOLATED)
        world.market.set_hedge_mode(hedge=True)
        world.market.deposit(Decimal(-400_000))
        world.market.mark(Decimal(61_000))
        return (
            world.truth.leverage(world.symbol),
            world.truth.margin_mode(world.symbol),
            world.truth.hedge(),
            world.truth.balances()[0].wallet,
            world.reference_price(),
            world.truth.ledger_sum("USDT"),
        )

    expected = (7, MarginMode.ISOLATED, True, Decimal(600_000), Decimal(61_000), Decimal(0))
    assert playing(play) == expected


def test_foreign_orders_are_cancelled_by_their_client_id():
    async def play(world):
        order = world.market.foreign(world.request())
        world.market.cancel(order.client_id)
        return world.truth.order(order.client_id).status, world.truth.open_orders()

    assert playing(play) == (Status.CANCELLED, [])


@pytest.mark.parametrize(
    "stage",
    [
        lambda world: world.market.cancel("nobody"),
        lambda world: world.market.rest(Side.BUY, Decimal("0.123"), world.quantity()),
        lambda world: world.market.deposit(Decimal(-2_000_000)),
        lambda world: world.market.foreign(
            OrderRequest(symbol=world.symbol, side=Side.BUY, quantity=Decimal(1), price=Decimal(1))
        ),
    ],
)
def test_staging_the_impossible_is_an_error_with_a_hint(stage):
    async def play(world):
        stage(world)

    with pytest.raises(WorldError) as caught:
        playing(play)
    assert caught.value.hint


def test_a_halted_symbol_is_halted():
    async def play(world):
        world.market.phase(Phase.HALTED)
        with pytest.raises(WorldError, match="symbol"):
            world.market.foreign(world.request())

    playing(play)


def test_waiting_ends_when_the_condition_holds():
    async def play(world):
        began = world.now()
        await world.until(lambda: world.now() >= began + 1234)
        return world.now() - began

    assert 1234 <= playing(play) < 1234 + 25


def test_waiting_in_vain_is_a_finding_that_names_what_was_awaited():
    async def play(world):
        await world.until(lambda: False, within_ms=300, what="pigs fly")

    with pytest.raises(Finding, match="pigs fly") as caught:
        playing(play)
    assert caught.value.expected == "within 300 ms"


class Sleeper:
    """An adapter that holds a stream, and says goodbye whenever it can."""

    def __init__(self, endpoints, credentials):
        self.url = endpoints.streams
        self.credentials = credentials

    async def start(self):
        self.task = asyncio.create_task(self.hold())

    async def hold(self):
        try:
            async with connect(self.url + "/private", ping_interval=None) as stream:
                await stream.recv()
        finally:
            await connect(self.url + "/goodbye")


def test_a_restart_kills_without_goodbye_and_starts_anew():
    async def play(world):
        world.factory = Sleeper
        first = Sleeper(world.endpoints, world.credentials)
        await first.start()
        await world.until(lambda: world.wire.streams(open_only=True))
        second = await world.restart(first)
        await world.until(lambda: world.wire.streams(open_only=True))
        paths = [stream.path for stream in world.wire.streams()]
        return first.task.done(), second is not first, paths, world.faults.planned

    assert playing(play) == (True, True, ["/private", "/private"], [])


def test_a_restart_needs_a_factory():
    async def play(world):
        await world.restart(None)

    with pytest.raises(WorldError, match="factory"):
        playing(play)


def test_records_are_told_as_they_happen_and_can_be_asked_since_a_mark():
    async def play(world):
        heard = []
        world.wire.listener = heard.append
        async with connect(world.endpoints.streams, ping_interval=None) as stream:
            await stream.send("one")
            await stream.recv()
            mark = world.wire.mark()
            await stream.send("two")
            await stream.recv()
        since = [frame.payload for frame in world.wire.frames(since=mark)]
        controls = world.wire.frames(Topic.CONTROL, inbound=False)
        return heard, since, [frame.payload for frame in controls]

    heard, since, controls = playing(play)
    assert since[:2] == [b"two", b"echo two"]
    assert controls == [b"echo one", b"echo two"]
    assert isinstance(heard[0], Stream)
    assert sum(isinstance(record, Frame) for record in heard) >= 4
    assert not any(isinstance(record, RoundTrip) for record in heard)


def test_a_broken_ledger_is_noticed_on_the_way_out(monkeypatch):
    async def play(world):
        monkeypatch.setattr(type(world.shell.core), "ledger_sum", lambda _self, _asset: 1)

    with pytest.raises(InvariantBroken, match="sums to 1"):
        playing(play)


def test_limits_are_published_in_units_and_window():
    async def play(world):
        return world.limits

    assert playing(play) == {"requests": (2400, 60_000)}


def test_the_kind_of_key_is_chosen():
    async def play(world):
        return world.credentials.kind, world.credentials.key

    assert playing(play, key_kind="rsa", seed=3) == ("rsa", "key-rsa-3")


def test_a_world_lives_in_real_time_too():
    async def main():
        async with SimWorld(ECHO) as world:
            async with connect(world.endpoints.streams) as stream:
                await stream.send("real")
                heard = await stream.recv()
            await world.until(lambda: world.wire.streams()[0].closed_ms is not None)
            return heard, world.now()

    heard, now = asyncio.run(main())
    assert heard == "echo real"
    assert abs(now - time.time_ns() // 1_000_000) < 60_000
