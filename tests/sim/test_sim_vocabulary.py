"""Every fault of the vocabulary is delivered, and seen in the transcript or by the client."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from conformance.contracts import world as contracts
from conformance.contracts.faults import Flaw
from conformance.errors import Beyond, WorldError
from conformance.gateway.plan import FOREVER
from conformance.model.wire import Condition, Operation, Topic, WireReply
from conformance.sim import SimWorld
from tests.sim.echo_client import GET_TIME, PLACE, ask, orders, place, playing, push, send
from tests.sim.echo_venue import ECHO

SIGHTS = {}
"""Fault by fault: a scene that returns the armed fault and what was seen, and what must be seen."""
TRADES = Topic.TRADES


def sight(expected, *, tls=False):
    def enter(scene):
        SIGHTS[scene.__name__] = (scene, expected, tls)
        return scene

    return enter


@asynccontextmanager
async def listening(world, path="/private"):
    async with connect(world.endpoints.streams + path, ping_interval=None) as stream:
        await world.quiet()
        yield stream


def frames(world, topic=TRADES):
    """What the transcript says of pushed frames: text and virtual ms since the first of all."""
    seen = world.wire.frames(topic, inbound=False)
    return [(frame.payload.decode(), frame.at_ms - seen[0].at_ms) for frame in seen]


def last(world):
    """Status, execution and time of the last round trip as the transcript has them."""
    trip = world.wire.calls()[-1]
    took = None if trip.replied_ms is None else trip.replied_ms - trip.received_ms
    return trip.reply and trip.reply.status, trip.executed, took


async def raw(world, request=b"POST /order HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"):
    """Return what came back in pieces with their virtual ms, and how the connection ended."""
    parts = urlsplit(world.endpoints.rest)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    began, pieces = world.now(), []
    try:
        writer.write(request)
        async with asyncio.timeout(5):
            while piece := await reader.read(4096):
                pieces.append((piece, world.now() - began))
    except (OSError, TimeoutError) as error:
        return pieces, type(error).__name__
    else:
        return pieces, "end"
    finally:
        writer.close()


@sight((None, (None, True, None), "ConnectionResetError"))
async def lose_answer(world):
    fault = world.faults.lose_answer(PLACE, executed=True, times=2)
    lost = await place(world)
    seen = last(world)
    fault.withdraw()
    hard = world.faults.lose_answer(PLACE, executed=True, reset=True)
    _, ending = await raw(world)
    return hard, (lost, seen, ending)


@sight(("TimeoutError", (None, False, None)))
async def stall(world):
    fault = world.faults.stall(PLACE, executed=False)
    return fault, (type(await place(world)).__name__, last(world))


@sight((200, True, 700))
async def delay_answer(world):
    fault = world.faults.delay_answer(PLACE, 700)
    await place(world)
    return fault, last(world)


@sight((True, True))
async def jitter_answer(world):
    fault = world.faults.jitter_answer(PLACE, 100, times=5)
    late = [(await place(world))[2] for _ in range(5)]
    return fault, (0 <= min(late) < max(late) <= 100, len(set(late)) > 2)


@sight((700, True))
async def delay_request(world):
    fault = world.faults.delay_request(PLACE, 700)
    await place(world)
    return fault, (last(world)[2], last(world)[1])


@sight(("qty=1;", "qty=2;"))
async def corrupt_request(world):
    fault = world.faults.corrupt_request(PLACE)
    async with listening(world):
        await raw(world, b"POST /order HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nqty=1;")
        pushed = world.wire.frames(Topic.ORDERS, inbound=False)[-1]
    return fault, (world.wire.calls()[-1].request.body.decode(), json.loads(pushed.payload)["body"])


@sight((503, False, 0))
async def answer(world):
    fault = world.faults.answer(PLACE, Condition.BANNED)
    await place(world)
    return fault, last(world)


@sight(("-1", 418))
async def answer_code(world):
    fault = world.faults.answer_code(PLACE, "-1")
    await place(world)
    return fault, (world.wire.calls()[-1].reading.code, last(world)[0])


@sight(b"HTTP/1.1 299 Unassigned\r\ncontent-type: text/html\r\ncontent-encoding: gzip")
async def answer_with(world):
    strange = WireReply(299, b"junk", (("content-encoding", "gzip"),), "text/html")
    fault = world.faults.answer_with(PLACE, strange, executed=True)
    await raw(world)
    sent = world.wire.calls()[-1].sent.split(b"\r\n")
    return fault, b"\r\n".join(line for line in sent[:4] if not line.startswith(b"date"))


@sight({"order": 2})
async def rewrite_answer(world):
    def double(reply):
        return WireReply(reply.status, json.dumps({"order": 2}).encode(), reply.headers)

    fault = world.faults.rewrite_answer(PLACE, double)
    return fault, (await place(world))[1]


@sight((100, [0, 5, 10]))
async def slice_answer(world):
    fault = world.faults.slice_answer(PLACE, 60, 5)
    pieces, _ = await raw(world)
    return fault, (len(pieces[0][0]) + 40, [at for _, at in pieces])


@sight((b'{"order"', "end", b'{"order"'))
async def truncate_answer(world):
    fault = world.faults.truncate_answer(PLACE, len(b": 1}"))
    pieces, ending = await raw(world)
    kept = world.wire.calls()[-1].sent.partition(b"\r\n\r\n")[2]
    return fault, (b"".join(piece for piece, _ in pieces).partition(b"\r\n\r\n")[2], ending, kept)


@sight([503, 503, 503, 200])
async def storm(world):
    fault = world.faults.storm(Condition.THROTTLED, for_ms=1_000, retry_after_ms=100)
    statuses = []
    for method, path in (("POST", "/order"), ("GET", "/time"), ("GET", "/x"), ("GET", "/time")):
        statuses.append((await ask(world, method, path))[0])
        await world.quiet(400)
    return fault, statuses


@sight(([], "ConnectionResetError"))
async def refuse_connections(world):
    fault = world.faults.refuse_connections()
    return fault, await raw(world)


@sight((([], "TimeoutError"), 0))
async def hang_connections(world):
    fault = world.faults.hang_connections()
    return fault, (await raw(world), len(world.wire.calls()))


@sight((["declined", 503, "declined", 503, "open"], 1, b"HTTP/1.1 200"))
async def decline_streams(world):
    fault = world.faults.decline_streams(503, times=2)
    seen = []
    for _ in range(3):
        try:
            async with listening(world):
                seen.append("open")
        except InvalidStatus as error:
            seen += ["declined", error.response.status_code]
    return fault, (seen, len(world.wire.streams()), (await send(world, GET_TIME))[:12])


@sight(("gaierror", 1, b"HTTP/1.1 200"))
async def lose_name(world):
    fault = world.faults.lose_name()
    lost = type(await ask(world, "GET", "/time")).__name__
    return fault, (lost, fault.delivered, (await send(world, GET_TIME))[:12])


@sight(("ConnectionRefusedError", b"HTTP/1.1 200"))
async def close_port(world):
    fault = world.faults.close_port()
    refused = type(await ask(world, "GET", "/time")).__name__
    fault.withdraw()
    await world.quiet(0)
    return fault, (refused, (await send(world, GET_TIME))[:12])


@sight(("CERTIFICATE_VERIFY_FAILED", b"HTTP/1.1 200"), tls=True)
async def spoil_certificate(world):
    context = ssl.create_default_context(cafile=world.endpoints.ca_file)
    fault = world.faults.spoil_certificate(Flaw.UNKNOWN_AUTHORITY)
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        await send(world, GET_TIME, context)
    fault.withdraw()
    return fault, (caught.value.reason, (await send(world, GET_TIME, context))[:12])


def heard(name, arm, texts, expected):
    """Enter a scene in which ``texts`` are pushed to one listener."""

    async def scene(world):
        async with listening(world):
            fault = arm(world.faults)
            push(world, *texts)
            await world.quiet(5_000)
        return fault, frames(world)

    scene.__name__ = name
    sight(expected)(scene)


heard("drop_push", lambda f: f.drop_push(TRADES, skip=1), "abc", [("a", 0), ("c", 0)])
heard("duplicate_push", lambda f: f.duplicate_push(TRADES), "ab", [("a", 0), ("a", 0), ("b", 0)])
heard("swap_pushes", lambda f: f.swap_pushes(TRADES), "ab", [("b", 0), ("a", 0)])
heard("delay_push", lambda f: f.delay_push(TRADES, 50), "ab", [("b", 0), ("a", 50)])
heard("replace_push", lambda f: f.replace_push(TRADES, b"junk"), "ab", [("junk", 0), ("b", 0)])
heard("rewrite_push", lambda f: f.rewrite_push(TRADES, bytes.upper), "ab", [("A", 0), ("b", 0)])


@sight(("abcdefg", True))
async def jitter_push(world):
    async with listening(world):
        fault = world.faults.jitter_push(TRADES, 50, times=7)
        began = world.now()
        push(world, *"abcdefg")
        await world.quiet()
    seen = world.wire.frames(TRADES, inbound=False)
    late = [frame.at_ms - began for frame in seen]
    return fault, (
        b"".join(f.payload for f in seen).decode(),
        min(late) >= 1 and 1 < max(late) <= 51,
    )


@sight(["one", "two", "three"])
async def burst_pushes(world):
    async with listening(world) as stream:
        fault = world.faults.burst_pushes(TRADES, 3)
        for text in ("one", "two", "three"):
            push(world, text)
            await world.quiet(400)
        assert {at for _, at in frames(world)} == {0}, "all three in one millisecond"
        return fault, [await stream.recv() for _ in range(3)]


@sight(("fragmented", ["fr", "ag", "me", "nt", "ed"], [b"amid fragments"] * 2))
async def fragment_push(world):
    async with listening(world) as stream:
        fault = world.faults.fragment_push(TRADES, 2, times=2)
        push(world, "fragmented")
        whole = await stream.recv()
        push(world, "fragmented")
        pieces = [piece async for piece in stream.recv_streaming()]
        await world.quiet()
    pongs = [frame.payload for frame in world.wire.frames(inbound=True) if frame.opcode == "pong"]
    return fault, (whole, pieces, pongs)


@sight((b"x", "binary"))
async def binary_push(world):
    async with listening(world) as stream:
        fault = world.faults.binary_push(TRADES)
        push(world, "x")
        return fault, (await stream.recv(), world.wire.frames(TRADES)[0].opcode)


@sight(([("abc", 0)], 1006))
async def truncate_push(world):
    async with listening(world) as stream:
        fault = world.faults.truncate_push(TRADES)
        push(world, "abcdef", "never")
        with pytest.raises(ConnectionClosedError):
            await stream.recv()
    return fault, (frames(world), world.wire.streams()[0].close_code)


@sight(["push", "answer"])
async def push_before_reply(world):
    async with listening(world) as stream:
        fault = world.faults.push_before_reply(PLACE)
        seen = []
        async with asyncio.TaskGroup() as group:
            group.create_task(place(world)).add_done_callback(lambda _: seen.append("answer"))
            group.create_task(stream.recv()).add_done_callback(lambda _: seen.append("push"))
    return fault, seen


@sight([0, 2])
async def lag_reads(world):
    fault = world.faults.lag_reads(60_000)
    await place(world)
    await place(world)
    old = (await ask(world, "GET", "/orders"))[1]["orders"]
    fault.withdraw()
    return fault, [old, (await ask(world, "GET", "/orders"))[1]["orders"]]


@sight(([], True))
async def mute(world):
    async with listening(world) as stream:
        fault = world.faults.mute(TRADES)
        push(world, "a")
        pong = await stream.ping()
        await world.quiet()
        return fault, (frames(world), pong.done())


@sight([1000, 1001, 1006, 1008, 1012])
async def close_streams(world):
    codes = []
    for code in (1000, 1001, 1006, 1008, 1012):
        async with listening(world):
            fault = world.faults.close_streams(code)
            await world.quiet()
        codes.append(world.wire.streams()[-1].close_code)
    return fault, codes


@sight(([], False, None))
async def silence_streams(world):
    async with listening(world) as stream:
        fault = world.faults.silence_streams()
        push(world, "a")
        pong = await stream.ping()
        await world.quiet(60_000)
        seen = frames(world), pong.done(), world.wire.streams()[0].closed_ms
        pong.cancel()
        stream.transport.abort()
        return fault, seen


@sight(([("a", 0)], False, True))
async def ignore_pings(world):
    async with listening(world) as stream:
        fault = world.faults.ignore_pings()
        push(world, "a")
        deaf = await stream.ping()
        await world.quiet()
        unanswered = deaf.done()
        fault.withdraw()
        healed = await stream.ping()
        await world.quiet()
        return fault, (frames(world), unanswered, healed.done())


@sight((["abcdefgh", "ij"], 31, 0))
async def slow_streams(world):
    async with listening(world) as stream:
        fault = world.faults.slow_streams(3, 10)
        began = world.now()
        push(world, "abcdefgh")
        texts = [await stream.recv()]
        slow = world.now() - began
        await world.quiet()
        fault.withdraw()
        push(world, "ij")
        await world.quiet(1)
        began = world.now()
        texts.append(await stream.recv())
        return fault, (texts, slow, world.now() - began)


@sight(["a", "b", "b"])
async def replay_pushes(world):
    async with listening(world):
        push(world, "a", "b")
        await world.quiet()
    async with listening(world):
        fault = world.faults.replay_pushes(TRADES, 1)
        await world.quiet()
    return fault, [text for text, _ in frames(world)]


@sight([("expired", 0)])
async def expire_stream_key(world):
    async with listening(world):
        fault = world.faults.expire_stream_key()
        await world.quiet()
    return fault, frames(world, Topic.STREAM_KEY)


@sight(-2_500)
async def step_clock(world):
    before = world.now()
    fault = world.faults.step_clock(-2_500)
    return fault, (await ask(world, "GET", "/time"))[1]["time"] - before


@sight([3_600_180, 180, 7_200_180])
async def drift_clock(world):
    began = time.time_ns() // 1_000_000
    fault = world.faults.drift_clock(50)
    await world.quiet(3_600_000)
    hour = world.now() - began
    fault.withdraw()
    gained = world.now() - time.time_ns() // 1_000_000
    await world.quiet(3_600_000)
    return fault, [hour, gained, world.now() - began]


@sight([-3_600_000, 0, 0, 0])
async def step_wall_clock(world):
    wall, monotonic, venue = time.time_ns(), time.monotonic_ns(), world.now()
    fault = world.faults.step_wall_clock(-3_600_000)
    moved = [
        (time.time_ns() - wall) // 1_000_000,
        time.monotonic_ns() - monotonic,
        world.now() - venue,
    ]
    fault.withdraw()
    return fault, [*moved, time.time_ns() - wall]


@sight([90_000, "late"])
async def suspend(world):
    began = time.monotonic_ns()
    timer = asyncio.create_task(asyncio.sleep(1, "late"))
    await world.quiet(0)
    fault = world.faults.suspend(90_000)
    told = await timer
    return fault, [(time.monotonic_ns() - began) // 1_000_000, told]


@sight(401)
async def revoke_key(world):
    fault = world.faults.revoke_key()
    return fault, (await place(world))[0]


REASONS = {
    Flaw.UNKNOWN_AUTHORITY: "unable to get local issuer",
    Flaw.EXPIRED: "certificate has expired",
    Flaw.NOT_YET_VALID: "certificate is not yet valid",
    Flaw.WRONG_NAME: "IP address mismatch",
    Flaw.OLD_PROTOCOL: "",
}
"""What OpenSSL says of each flaw; the two ends agree on no protocol without many words."""
VOCABULARY = {name for name in vars(contracts.Faults) if not name.startswith("_")}


def test_no_fault_of_the_vocabulary_is_forgotten():
    assert set(SIGHTS) == VOCABULARY


@pytest.mark.parametrize("tapped", [False, True], ids=["simulator", "tap"])
@pytest.mark.parametrize("name", sorted(SIGHTS))
def test_the_fault_is_delivered_and_seen(name, tapped):
    scene, expected, tls = SIGHTS[name]
    fault, seen = playing(scene, tls=tls, tapped=tapped)
    assert seen == expected
    assert fault.delivered
    assert fault.name == name


BODIES = {
    "bad-json": WireReply(200, b'{"order": '),
    "wrong-content-type": WireReply(200, b'{"order": 1}', (), "text/html"),
    "html-of-a-cdn": WireReply(502, b"<html><h1>502 Bad Gateway</h1></html>", (), "text/html"),
    "forbidden-by-a-cdn": WireReply(403, b"<html>Request blocked</html>", (), "text/html"),
    "empty": WireReply(200, b""),
    "bad-gzip": WireReply(200, b"\x1f\x8bno gzip", (("content-encoding", "gzip"),)),
    "unheard-of-status": WireReply(799, b"{}"),
}


@pytest.mark.parametrize("tapped", [False, True], ids=["simulator", "tap"])
@pytest.mark.parametrize("trouble", sorted(BODIES))
def test_every_bad_answer_arrives_as_it_is_and_stands_in_the_transcript(trouble, tapped):
    reply = BODIES[trouble]

    async def play(world):
        world.faults.answer_with(PLACE, reply)
        [(answer, _)], _ = await raw(world)
        return answer, world.wire.calls()[-1].sent

    answer, sent = playing(play, tapped=tapped)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert answer == sent
    assert head.startswith(b"HTTP/1.1 %d " % reply.status)
    assert b"content-type: %b" % reply.content_type.encode() in head
    assert (b"content-encoding: gzip" in head) == (trouble == "bad-gzip")
    assert body == reply.body


@pytest.mark.parametrize("flaw", sorted(Flaw))
def test_every_flaw_of_a_certificate_is_seen_by_a_careful_client(flaw):
    async def play(world):
        context = ssl.create_default_context(cafile=world.endpoints.ca_file)
        fault = world.faults.spoil_certificate(flaw)
        with pytest.raises((ssl.SSLError, ConnectionResetError)) as caught:
            await send(world, GET_TIME, context)
        return fault.delivered, len(world.wire.calls()), str(caught.value)

    delivered, calls, reason = playing(play, tls=True)
    assert (delivered, calls) == (1, 0)
    assert REASONS[flaw] in reason


def test_a_predicate_binds_a_fault_to_the_second_order_after_a_fill():
    async def play(world):
        def late(reading):
            return bool(world.wire.frames(TRADES)) and reading.operation is Operation.PLACE

        async with listening(world):
            fault = world.faults.answer(PLACE, Condition.BANNED, where=late, skip=1)
            before = [(await place(world))[0] for _ in range(3)]
            push(world, "fill")
            await world.quiet()
            after = [(await place(world))[0] for _ in range(3)]
            return fault.delivered, before, after

    assert playing(play) == (1, [200, 200, 200], [200, 503, 200])


def test_a_predicate_binds_a_fault_to_a_frame():
    async def play(world):
        async with listening(world):
            fault = world.faults.drop_push(TRADES, where=lambda text: text > b"b", skip=1)
            push(world, *"abcd")
            await world.quiet()
        return fault.delivered, [text for text, _ in frames(world)]

    assert playing(play) == (1, ["a", "b", "c"])


def test_frames_that_a_withdrawn_burst_holds_are_sent():
    async def play(world):
        async with listening(world):
            fault = world.faults.burst_pushes(TRADES, 3)
            push(world, "a", "b")
            await world.quiet()
            held = frames(world)
            fault.withdraw()
        return held, [text for text, _ in frames(world)], fault.delivered

    assert playing(play) == ([], ["a", "b"], 0)


def test_one_seed_gives_one_jitter_and_another_seed_another():
    async def play(world):
        world.faults.jitter_answer(PLACE, 1_000, times=5)
        return [(await place(world))[2] for _ in range(5)]

    assert playing(play, seed=3) == playing(play, seed=3)
    assert playing(play, seed=3) != playing(play, seed=4)


def test_sliced_answers_of_one_connection_keep_their_order():
    async def play(world):
        world.faults.slice_answer(Operation.TIME, 7, 3)
        both = b"GET /time HTTP/1.1\r\nHost: h\r\n\r\nGET /orders HTTP/1.1\r\nHost: h\r\n\r\n"
        pieces, _ = await raw(world, both)
        text = b"".join(piece for piece, _ in pieces)
        return text.index(b'"time"') < text.index(b'"orders"'), orders(world)

    assert playing(play) == (True, 0)


def test_a_world_without_tls_has_no_certificate_to_spoil():
    async def play(world):
        world.faults.spoil_certificate(Flaw.EXPIRED)

    with pytest.raises(WorldError, match="no certificate"):
        playing(play)


def test_a_port_is_closed_only_inside_the_world():
    with pytest.raises(WorldError, match="no port yet"):
        SimWorld(ECHO).faults.close_port()


def test_a_world_that_ends_with_its_port_closed_ends_well():
    async def play(world):
        world.faults.close_port()
        world.faults.hang_connections(times=FOREVER)
        return world.door.port

    port = playing(play)
    assert port._held.fileno() == -1  # nobody keeps the place any more


def test_real_time_cannot_be_moved():
    async def main():
        async with SimWorld(ECHO) as world:
            for arm in (world.faults.suspend, world.faults.step_wall_clock):
                with pytest.raises(Beyond):
                    arm(1)

    asyncio.run(main())
