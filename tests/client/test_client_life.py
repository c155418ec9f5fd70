"""The reference client as a whole against the simulated venue, on virtual time."""

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from conformance import venues, virtual
from conformance.client import ReferenceClient
from conformance.client.transport import HttpxTransport
from conformance.client.wire import WireTransport
from conformance.contracts.adapter import Health
from conformance.errors import AdapterError, Banned, NotAuthorised, Throttled
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.orders import Kind, OrderRequest, PositionSide, Side, Status
from conformance.model.outcomes import Accepted, NotSent, OutcomeUnknown, Rejected
from conformance.model.wire import Condition, Operation, Topic
from conformance.sim import SimWorld

VENUE = venues.load("binance_usdm")


@asynccontextmanager
async def playing(*, venue=VENUE, start=True, **extra):
    async with SimWorld(venue, seed=1, case_id="LIFE") as world:
        client = ReferenceClient(world.endpoints, world.credentials, **extra)
        try:
            if start:
                await client.start()
            yield client, world
        finally:
            await client.stop()


def played(scene, **extra):
    async def main():
        async with playing(**extra) as (client, world):
            return await scene(client, world)

    return virtual.run(main)


def value(outcome):
    assert isinstance(outcome, Accepted), outcome
    return outcome.value


def test_all_capabilities_are_offered():
    async def scene(client, _world):
        return set(client.capabilities)

    assert played(scene) == set(Capability)


def test_a_start_asks_each_thing_once():
    async def scene(client, world):
        await world.quiet(5_000)
        return [call.reading.operation for call in world.wire.calls()]

    assert played(scene) == [
        Operation.TIME,
        Operation.INSTRUMENTS,
        Operation.POSITION_MODE,
        Operation.STREAM_KEY_CREATE,
        Operation.OPEN_ORDERS,
        Operation.POSITIONS,
    ]


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        (Condition.BAD_KEY, NotAuthorised),
        (Condition.BANNED, Banned),
        (Condition.THROTTLED, Throttled),
        (Condition.MAINTENANCE, AdapterError),
    ],
)
def test_a_start_that_fails_says_why_and_leaves_nothing(condition, error):
    async def scene(client, world):
        world.faults.answer(Operation.POSITION_MODE, condition, times=100)
        with pytest.raises(error):
            await client.start()
        return client.health, await client.place(world.request())

    health, outcome = played(scene, start=False)
    assert health is Health.STOPPED
    assert isinstance(outcome, NotSent)


def test_a_clock_that_cannot_be_measured_stops_the_start():
    async def scene(client, world):
        world.faults.delay_answer(Operation.TIME, 3_000, times=100)
        with pytest.raises(AdapterError, match="clock"):
            await client.start()
        return world.wire.calls(Operation.PLACE)

    assert played(scene, start=False) == []


def test_a_slow_answer_about_the_time_is_not_used():
    async def scene(client, world):
        world.faults.delay_answer(Operation.TIME, 3_000, times=1)
        await client.start()
        return abs(client.now_ms() - world.now())

    assert played(scene, start=False) <= 1


def test_stop_may_come_twice_and_in_the_middle_of_a_start():
    async def main():
        async with playing(start=False) as (client, world):
            world.faults.stall(Operation.INSTRUMENTS, executed=True)
            starting = asyncio.ensure_future(client.start())
            await world.quiet(50)
            await client.stop()
            await client.stop()
            with pytest.raises(AdapterError):
                await starting
        return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    assert virtual.run(main) == []


def test_after_a_stop_nothing_is_sent():
    async def scene(client, world):
        await client.stop()
        since = world.wire.mark()
        outcomes = [
            await client.place(world.request()),
            await client.cancel(world.symbol, client_id="x"),
        ]
        return outcomes, world.wire.calls(since=since)

    outcomes, calls = played(scene)
    assert all(isinstance(outcome, NotSent) for outcome in outcomes)
    assert calls == []


@pytest.mark.parametrize("transport", [WireTransport, HttpxTransport])
def test_no_secret_reaches_a_log_at_any_level(transport, caplog):
    async def scene(client, world):
        value(await client.place(world.request()))
        await client.watch_book(world.symbol)
        world.faults.answer(Operation.PLACE, Condition.BAD_SIGNATURE)
        await client.place(world.request())
        world.faults.lose_answer(Operation.PLACE, executed=True)
        await client.place(world.request())
        world.faults.close_streams(1006)
        await world.quiet(5_000)
        keys = {
            call.reply.body.split(b'"')[3].decode()
            for call in world.wire.calls(Operation.STREAM_KEY_CREATE)
        }
        return {world.credentials.key, world.credentials.secret, *keys}

    with caplog.at_level(logging.DEBUG):
        for name in ("httpx", "httpcore.http11", "httpcore.connection", "websockets.client"):
            caplog.set_level(logging.DEBUG, logger=name)
        secrets = played(scene, transport=transport)
    # The venue's own side of the sockets lives in this process too; its log is not the client's.
    logged = [
        f"{record.name} {record.getMessage()}"
        for record in caplog.records
        if record.name != "websockets.server"
    ]
    assert len(secrets) >= 3
    assert any("unknown" in line for line in logged)
    leaks = [line for line in logged for secret in (*secrets, "signature=") if secret in line]
    assert leaks == []


def test_a_refused_key_halts_and_is_not_tried_again():
    async def scene(client, world):
        world.faults.revoke_key()
        refused = await client.place(world.request())
        since = world.wire.mark()
        outcomes = [await client.place(world.request()) for _ in range(20)]
        await world.quiet(3_600_000)
        return refused, outcomes, client.health, world.wire.calls(since=since)

    refused, outcomes, health, calls = played(scene)
    assert isinstance(refused, Rejected)
    assert refused.category is Category.AUTH
    assert all(isinstance(outcome, NotSent) for outcome in outcomes)
    assert health is Health.HALTED
    assert len(calls) <= 3


def test_an_abandoned_order_is_still_found_out():
    async def scene(client, world):
        world.faults.drop_push(Topic.ORDERS, times=9).optional()
        world.faults.stall(Operation.PLACE, executed=True)
        request = world.request()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await client.place(request)
        await world.quiet(10_000)
        return client.orders()

    (order,) = played(scene)
    assert (order.status, order.own) == (Status.OPEN, True)


def test_an_order_nobody_can_find_out_about_is_unknown_and_freezes_its_symbol_alone():
    async def scene(client, world):
        blind = world.faults.answer(Operation.QUERY_ORDER, Condition.INTERNAL_ERROR, times=100_000)
        mute = world.faults.mute(Topic.ORDERS)
        world.faults.lose_answer(Operation.PLACE, executed=False)
        lost = await client.place(world.request())
        here = await client.place(world.request())
        there = await client.place(world.request(symbol=world.symbols[1]))
        health = client.health
        blind.withdraw()
        mute.withdraw()
        await world.quiet(120_000)
        return lost, here, there, health, await client.place(world.request())

    lost, here, there, health, later = played(scene)
    assert isinstance(lost, OutcomeUnknown)
    assert isinstance(here, NotSent)
    assert isinstance(there, Accepted)
    assert health is Health.DEGRADED
    assert isinstance(later, Accepted)


def test_reducing_is_allowed_while_a_symbol_is_frozen():
    async def scene(client, world):
        world.market.rest(Side.SELL, world.reference_price(), world.quantity(5))
        buy = replace(world.request(), kind=Kind.MARKET, price=None)
        value(await client.place(buy))
        world.faults.answer(Operation.QUERY_ORDER, Condition.INTERNAL_ERROR, times=100_000)
        world.faults.lose_answer(Operation.PLACE, executed=False)
        await client.place(world.request())
        return await client.place(replace(world.request(Side.SELL), reduce_only=True))

    assert isinstance(played(scene), Accepted)


def test_orders_of_others_are_shown_and_left_alone():
    async def scene(client, world):
        world.market.foreign(world.request())
        await world.quiet(1_000)
        orders = client.orders()
        await client.stop()
        return orders, world.truth.open_orders()

    (seen,), alive = played(scene)
    assert seen.own is False
    assert len(alive) == 1


def test_a_mode_changed_from_outside_is_learnt_from_the_refusal():
    async def scene(client, world):
        world.market.set_hedge_mode(hedge=True)
        refused = await client.place(world.request())
        leg = replace(world.request(), position_side=PositionSide.LONG)
        return refused, await client.place(leg)

    refused, placed = played(scene)
    assert isinstance(refused, Rejected)
    assert isinstance(placed, Accepted)


def test_the_stream_key_is_kept_alive_for_hours():
    async def scene(client, world):
        await world.quiet(3 * 3_600_000)
        world.market.rest(Side.SELL, world.reference_price(), world.quantity())
        value(await client.place(replace(world.request(), kind=Kind.MARKET, price=None)))
        await world.quiet(100)
        extended = world.wire.calls(Operation.STREAM_KEY_EXTEND)
        return len(extended), len(client.fills()), len(world.wire.streams(private=True))

    assert played(scene) == (6, 1, 1)


def test_a_mute_user_stream_is_noticed_and_replaced():
    async def scene(client, world):
        order = value(await client.place(world.request()))
        await world.quiet(1_000)
        world.faults.mute(Topic.ORDERS).optional()
        world.faults.mute(Topic.FILLS).optional()
        world.faults.mute(Topic.ACCOUNT).optional()
        world.market.take(Side.SELL, order.quantity)
        await world.quiet(30_000)
        return client, len(world.wire.streams(private=True))

    client, streams = played(scene)
    assert client.orders()[0].status is Status.FILLED
    assert len(client.fills()) == 1
    assert streams > 1
    assert any("mute" in alert for alert in client.alerts())


def test_a_mute_book_stream_is_noticed_and_replaced():
    async def scene(client, world):
        await client.watch_book(world.symbol)
        await world.until(lambda: client.book(world.symbol).valid)
        mute = world.faults.mute(Topic.BOOK)
        world.market.rest(Side.BUY, world.price(7, Side.BUY), world.quantity())
        await world.quiet(20_000)
        mute.withdraw()
        await world.quiet(10_000)
        return client.book(world.symbol), world.truth.book(world.symbol), client.alerts()

    book, truth, alerts = played(scene)
    assert book.valid
    assert book.bids == truth.bids
    assert any("mute" in alert for alert in alerts)


def test_a_lost_fill_is_noticed_by_what_does_not_add_up():
    async def scene(client, world):
        order = value(await client.place(world.request(lots=1)))
        world.faults.drop_push(Topic.FILLS, times=1)
        world.faults.drop_push(Topic.ORDERS, times=1).optional()
        world.market.take(Side.SELL, world.quantity())
        await world.quiet(3_000)
        return order, client.orders()[0], client.fills(), client.held()

    order, known, fills, held = played(scene)
    assert known.filled == known.quantity - known.remaining > 0
    assert sum(fill.quantity for fill in fills) == known.filled
    assert [leg.quantity for leg in held] == [known.filled]
    assert known.client_id == order.client_id


def test_maintenance_is_waited_out_and_followed_by_a_comparison():
    async def scene(client, world):
        await world.quiet(1_000)
        world.faults.answer(Operation.PLACE, Condition.MAINTENANCE)
        refused = await client.place(world.request())
        health = client.health
        since = world.wire.mark()
        await world.quiet(20_000)
        asked = {call.reading.operation for call in world.wire.calls(since=since)}
        return refused, health, asked, client.health

    refused, health, asked, later = played(scene)
    assert isinstance(refused, Rejected)
    assert refused.category is Category.MAINTENANCE
    assert health is Health.DEGRADED
    assert {Operation.OPEN_ORDERS, Operation.POSITIONS} <= asked
    assert later is Health.READY


@pytest.mark.parametrize(
    ("venue", "count", "messages"),
    [
        (VENUE, 7, 2),
        # Twenty fit a message there, but ten a second (order/batch-place, 2026-07-24).
        (venues.load("bybit"), 15, 2),
        (venues.load("bybit"), 25, 3),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_more_orders_than_a_message_takes_go_in_several(venue, count, messages):
    async def scene(client, world):
        requests = [world.request(ticks_away=200 + n) for n in range(count)]
        requests[3] = replace(requests[3], quantity=Decimal(0))
        outcomes = await client.place_batch(requests)
        return outcomes, len(world.wire.calls(Operation.PLACE_BATCH)), world.truth.open_orders()

    outcomes, sent, alive = played(scene, venue=venue)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [NotSent if number == 3 else Accepted for number in range(count)]
    assert sent == messages
    assert len(alive) == count - 1


def test_amendments_that_make_no_sense_are_not_sent():
    async def scene(client, world):
        order = value(await client.place(world.request(lots=3)))
        world.market.take(Side.SELL, world.quantity())
        await world.quiet(100)
        amend = client.amend
        price, tick = order.price, world.listing.tick
        outcomes = [
            await amend(world.symbol, client_id=order.client_id, price=price, quantity=filled)
            for filled in (world.quantity(), Decimal("0.0015"))
        ]
        outcomes.append(
            await amend(
                world.symbol,
                client_id=order.client_id,
                price=price + tick / 2,
                quantity=order.quantity,
            )
        )
        return outcomes, world.wire.calls(Operation.AMEND)

    outcomes, calls = played(scene)
    assert all(isinstance(outcome, NotSent) for outcome in outcomes)
    assert calls == []


def test_what_the_venue_does_not_list_is_not_ordered():
    async def scene(client, world):
        request = OrderRequest(
            symbol="NOPEUSDT", side=Side.BUY, quantity=Decimal(1), price=Decimal(100)
        )
        return await client.place(request), world.wire.calls(Operation.PLACE)

    outcome, calls = played(scene)
    assert isinstance(outcome, NotSent)
    assert calls == []


def test_an_id_is_made_up_when_none_is_given():
    async def scene(client, world):
        request = replace(world.request(), client_id=None)
        first, second = await client.place(request), await client.place(request)
        return value(first).client_id, value(second).client_id

    first, second = played(scene)
    assert first != second
    assert len(first) <= 36


def test_tls_is_verified_on_both_ways():
    async def main():
        async with SimWorld(VENUE, seed=1, case_id="LIFE", tls=True) as world:
            good = ReferenceClient(world.endpoints, world.credentials)
            await good.start()
            await good.stop()
            since = world.wire.mark()
            bad = ReferenceClient(replace(world.endpoints, ca_file=""), world.credentials)
            with pytest.raises(AdapterError):
                await bad.start()
            return world.wire.calls(since=since)

    assert virtual.run(main) == []


def test_a_redirected_stream_is_not_followed():
    async def main():
        async with playing(start=False) as (_client, world):
            visits = []

            async def elsewhere(_reader, writer):
                visits.append(1)
                writer.close()

            async def redirect(reader, writer):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(
                    b"HTTP/1.1 302 Found\r\nlocation: ws://127.0.0.1:%d/\r\n"
                    b"content-length: 0\r\n\r\n" % port
                )
                writer.close()

            other = await asyncio.start_server(elsewhere, "127.0.0.1", 0)
            port = other.sockets[0].getsockname()[1]
            here = await asyncio.start_server(redirect, "127.0.0.1", 0)
            streams = f"ws://127.0.0.1:{here.sockets[0].getsockname()[1]}"
            led = ReferenceClient(replace(world.endpoints, streams=streams), world.credentials)
            with pytest.raises(AdapterError, match="stream"):
                await led.start()
            for server in (other, here):
                server.close()
                await server.wait_closed()
            return visits

    assert virtual.run(main) == []
