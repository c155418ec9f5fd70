"""Every fault strikes where it was aimed, as often as it was told, and is counted."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from conformance.errors import InvariantBroken, WorldError
from conformance.model.orders import Side
from conformance.model.wire import Condition, Topic
from tests.sim.echo_client import GET_TIME, PLACE, ask, orders, place, playing, push, send


@pytest.mark.parametrize("executed", [True, False])
def test_a_lost_answer_cuts_the_connection(executed):
    async def play(world):
        fault = world.faults.lose_answer(PLACE, executed=executed)
        lost = await place(world)
        again = await place(world)
        trips = world.wire.calls(PLACE)
        return lost, orders(world), again[0], fault.delivered, [trip.executed for trip in trips]

    assert playing(play) == (None, 1 + executed, 200, 1, [executed, True])


@pytest.mark.parametrize("executed", [True, False])
def test_a_stalled_request_keeps_its_connection_and_gets_no_answer(executed):
    async def play(world):
        fault = world.faults.stall(PLACE, executed=executed)
        stalled = await place(world, wait_s=60)
        trip = world.wire.calls(PLACE)[0]
        return type(stalled), orders(world), fault.delivered, trip.reply

    assert playing(play) == (TimeoutError, int(executed), 1, None)


def test_a_delayed_answer_comes_late_but_the_deed_is_done_at_once():
    async def play(world):
        world.faults.delay_answer(PLACE, 700)
        waiting = asyncio.create_task(place(world))
        await world.until(lambda: orders(world) == 1, within_ms=100)
        return (await waiting)[2]

    assert playing(play) == 700


def test_a_delayed_request_is_seen_late():
    async def play(world):
        world.faults.delay_request(PLACE, 700)
        waiting = asyncio.create_task(place(world))
        await world.quiet(600)
        early = orders(world)
        return early, (await waiting)[2], orders(world)

    assert playing(play) == (0, 700, 1)


def test_times_and_skip_choose_the_victims():
    async def play(world):
        fault = world.faults.answer(PLACE, Condition.BANNED, skip=1, times=2)
        statuses = [(await place(world))[0] for _ in range(5)]
        return statuses, fault.delivered

    assert playing(play) == ([200, 503, 503, 200, 200], 2)


def test_an_answer_is_told_in_the_dialects_words():
    async def play(world):
        world.faults.answer(PLACE, Condition.THROTTLED, retry_after_ms=1500, text="hush")
        status, body, _ = await place(world)
        return status, body["condition"], body["retry"], body["text"], orders(world)

    assert playing(play) == (503, "throttled", 1500, "hush", 0)


def test_an_answer_may_hide_an_execution():
    async def play(world):
        world.faults.answer(PLACE, Condition.TIMEOUT_UNKNOWN, executed=True)
        return (await place(world))[0], orders(world)

    assert playing(play) == (503, 1)


def test_a_documented_code_is_answered_and_noted():
    async def play(world):
        world.faults.answer_code(PLACE, "-1")
        status, body, _ = await place(world)
        return status, body, world.wire.calls(PLACE)[0].reading.code

    assert playing(play) == (418, {"code": "-1", "text": "teapot"}, "-1")


def test_an_undocumented_code_is_an_error_of_the_caller():
    async def play(world):
        world.faults.answer_code(PLACE, "-99999")

    with pytest.raises(WorldError, match="no documented error"):
        playing(play)


def test_faults_combine_but_only_one_decides_the_answer():
    async def play(world):
        first = world.faults.answer(PLACE, Condition.BANNED)
        second = world.faults.lose_answer(PLACE, executed=True)
        late = world.faults.delay_answer(PLACE, 100)
        answer = await place(world)
        then = await place(world)
        return answer[0], answer[2], then, first.delivered, second.delivered, late.delivered

    assert playing(play) == (503, 100, None, 1, 1, 1)


def test_a_withdrawn_fault_strikes_no_more():
    async def play(world):
        fault = world.faults.answer(PLACE, Condition.BANNED, times=5)
        before = (await place(world))[0]
        fault.withdraw()
        return before, (await place(world))[0], fault.delivered

    assert playing(play) == (503, 200, 1)


@pytest.mark.parametrize("tls", [False, True])
def test_refused_connections_are_reset_before_a_byte_is_read(tls):
    async def play(world):
        fault = world.faults.refuse_connections(times=2)
        refused = [await ask_any(world) for _ in range(2)]
        return refused, fault.delivered, len(world.wire.calls()), await ask_any(world)

    async def ask_any(world):
        context = ssl.create_default_context(cafile=world.endpoints.ca_file) if tls else None
        try:
            return (await send(world, GET_TIME, context))[:12]
        except OSError as error:
            return type(error)

    assert playing(play, tls=tls) == ([ConnectionResetError] * 2, 2, 0, b"HTTP/1.1 200")


def listening(act, count, **settings):
    """Return (what ``act`` returned, the next ``count`` texts with their virtual ms)."""

    async def play(world):
        async with connect(world.endpoints.streams + "/private", ping_interval=None) as stream:
            await world.quiet()
            began = world.now()
            outcome = await act(world)
            texts = []
            for _ in range(count):
                async with asyncio.timeout(10):
                    texts.append((await stream.recv(), world.now() - began))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(30):
                    await stream.recv()
            return outcome, texts

    return playing(play, **settings)


def pushed(arm, *texts, count):
    async def act(world):
        fault = arm(world.faults)
        push(world, *texts)
        push(world, "other", topic=Topic.BOOK)
        await world.quiet(0)
        return fault

    fault, seen = listening(act, count + 1)
    return [text for text, _ in seen if text != "other"], fault.delivered


def test_a_dropped_push_is_missing():
    seen = pushed(lambda faults: faults.drop_push(Topic.TRADES, skip=1), "a", "b", "c", count=2)
    assert seen == (["a", "c"], 1)


def test_a_duplicated_push_comes_twice():
    seen = pushed(lambda faults: faults.duplicate_push(Topic.TRADES), "a", "b", count=3)
    assert seen == (["a", "a", "b"], 1)


def test_swapped_pushes_come_in_the_wrong_order():
    seen = pushed(lambda faults: faults.swap_pushes(Topic.TRADES), "a", "b", "c", count=3)
    assert seen == (["b", "a", "c"], 1)


def test_a_swap_without_a_second_frame_is_not_delivered():
    assert pushed(lambda faults: faults.swap_pushes(Topic.TRADES), "a", count=0) == ([], 0)


def test_a_replaced_push_carries_the_given_bytes():
    seen = pushed(lambda faults: faults.replace_push(Topic.TRADES, b"junk"), "a", "b", count=2)
    assert seen == (["junk", "b"], 1)


def test_a_rewritten_push_carries_what_was_made_of_it():
    seen = pushed(lambda faults: faults.rewrite_push(Topic.TRADES, bytes.upper), "a", count=1)
    assert seen == (["A"], 1)


def test_a_muted_topic_is_silent_until_withdrawn():
    def arm(faults):
        return faults.mute(Topic.TRADES)

    assert pushed(arm, "a", "b", count=0) == ([], 2)


def test_delayed_pushes_come_late_and_in_order():
    async def act(world):
        fault = world.faults.delay_push(Topic.TRADES, 500, times=2)
        push(world, "a", "b", "c")
        return fault.delivered

    delivered, seen = listening(act, 3)
    assert seen == [("c", 1), ("a", 501), ("b", 501)]
    assert delivered == 0, "counted when it strikes, not when it is armed"


def test_replayed_pushes_come_once_more():
    async def act(world):
        push(world, "a", "b", "c")
        await world.quiet()
        return world.faults.replay_pushes(Topic.TRADES, 2).delivered

    delivered, seen = listening(act, 5)
    assert [text for text, _ in seen] == ["a", "b", "c", "b", "c"]
    assert delivered == 2


@pytest.mark.parametrize("first", [False, True])
def test_pushes_follow_the_answer_or_go_before_it(first):
    async def play(world):
        async with connect(world.endpoints.streams, ping_interval=None) as stream:
            await world.quiet()
            if first:
                world.faults.push_before_reply(PLACE)
            seen = []
            async with asyncio.TaskGroup() as group:
                answer = group.create_task(place(world))
                answer.add_done_callback(lambda _: seen.append("answer"))
                heard = group.create_task(stream.recv())
                heard.add_done_callback(lambda _: seen.append("push"))
        return seen

    assert playing(play) == (["push", "answer"] if first else ["answer", "push"])


@pytest.mark.parametrize(("code", "received"), [(1000, 1000), (1012, 1012), (1006, None)])
def test_open_streams_are_closed_with_the_code(code, received):
    async def play(world):
        async with connect(world.endpoints.streams, ping_interval=None) as stream:
            await world.quiet()
            fault = world.faults.close_streams(code)
            with pytest.raises(ConnectionClosed) as caught:
                await stream.recv()
            frame = caught.value.rcvd
            return (frame and frame.code), fault.delivered, world.wire.streams()[0].close_code

    assert playing(play) == (received, 1, code)


def test_only_private_streams_are_closed_when_asked():
    async def play(world):
        base = world.endpoints.streams
        async with connect(base + "/private"), connect(base + "/public"):
            await world.quiet()
            world.faults.close_streams(1006, private=True)
            await world.quiet()
            return [stream.path for stream in world.wire.streams(open_only=True)]

    assert playing(play) == ["/public"]


def test_a_silenced_stream_is_half_open():
    async def play(world):
        stream = await connect(world.endpoints.streams, ping_interval=None, close_timeout=1)
        await world.quiet()
        fault = world.faults.silence_streams()
        push(world, "a")
        pong = await stream.ping()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await stream.recv()
        alive = (pong.done(), world.wire.streams()[0].closed_ms)
        await stream.close()
        await world.quiet()
        pong.cancel()
        return alive, fault.delivered, world.wire.streams()[0].close_code

    assert playing(play) == ((False, None), 1, 1006)


def test_closing_no_stream_is_no_delivery():
    async def play(world):
        return world.faults.close_streams().delivered, world.faults.planned[0].delivered

    assert playing(play) == (0, 0)


def test_reads_lag_behind_until_withdrawn():
    async def play(world):
        fault = world.faults.lag_reads(1000)
        await place(world)
        await world.quiet(400)
        early = await ask(world, "GET", "/orders")
        await world.quiet(700)
        late = await ask(world, "GET", "/orders")
        await place(world)
        lagging = await ask(world, "GET", "/orders")
        fault.withdraw()
        true = await ask(world, "GET", "/orders")
        return [answer[1]["orders"] for answer in (early, late, lagging, true)], fault.delivered

    assert playing(play) == ([0, 1, 1, 2], 3)


def test_the_past_knows_streams_commands_and_the_account_of_the_beginning():
    async def play(world):
        async with connect(world.endpoints.streams, ping_interval=None) as stream:
            await stream.send("one")
            world.market.rest(Side.BUY, world.price(5, Side.BUY), world.quantity())
            world.shell.half.due_at = world.now() + 10
            world.shell.hub.schedule()
            world.faults.expire_stream_key()
            await world.quiet()
        world.faults.lag_reads(86_400_000)
        await ask(world, "GET", "/orders")
        ancient = world.shell.past._half
        assert ancient.core.balance("testee", "USDT").wallet == 1_000_000
        assert not ancient.core.depth(world.symbol, 5).bids
        world.faults.planned[-1].withdraw()
        world.faults.lag_reads(10)
        await world.quiet()
        await ask(world, "GET", "/orders")
        recent = world.shell.past._half
        assert recent.core.depth(world.symbol, 5) == world.shell.core.depth(world.symbol, 5)
        assert recent.closed == world.shell.half.closed == [1]
        assert recent.ticks == world.shell.half.ticks
        assert len(recent.ticks) == 1

    playing(play)


def test_the_venues_clock_is_stepped_and_set_back():
    async def play(world):
        before = world.now()
        fault = world.faults.step_clock(-2500)
        behind = (await ask(world, "GET", "/time"))[1]["time"] - before
        fault.withdraw()
        return behind, world.now() - before

    assert playing(play) == (-2500, 0)


def test_what_is_due_follows_a_stepped_clock():
    async def play(world):
        began = world.now()
        world.shell.half.due_at = began + 10_000
        world.shell.hub.schedule()
        world.faults.step_clock(4000)
        await world.quiet(7000)
        return world.shell.half.ticks[0] - began

    assert playing(play) == 10_000


def test_a_revoked_key_is_refused_until_withdrawn():
    async def play(world):
        fault = world.faults.revoke_key()
        refused = (await place(world))[0]
        fault.withdraw()
        return refused, (await place(world))[0]

    assert playing(play) == (401, 200)


def test_an_expired_stream_key_is_told_by_the_dialect():
    async def act(world):
        world.faults.expire_stream_key()

    assert listening(act, 1)[1] == [("expired", 1)]


def test_every_armed_fault_is_kept_for_the_judge():
    async def play(world):
        world.faults.stall(PLACE, executed=True)
        world.faults.drop_push(Topic.BOOK)
        world.faults.refuse_connections()
        return [(fault.name, fault.delivered) for fault in world.faults.planned]

    assert playing(play) == [("stall", 0), ("drop_push", 0), ("refuse_connections", 0)]


def test_a_rewrite_that_fails_is_told_and_does_not_stop_the_world():
    async def play(world):
        async with connect(world.endpoints.streams, ping_interval=None):
            await world.quiet()
            world.faults.rewrite_push(Topic.TRADES, lambda text: text.nonsense)
            push(world, "a")
            await world.quiet()

    with pytest.raises(InvariantBroken, match="nonsense"):
        playing(play)
