"""What the tap talks to: loopback and test networks, whatever it is asked for."""

from __future__ import annotations

import asyncio

import pytest

from conformance.contracts.adapter import Endpoints
from conformance.errors import HostRefused
from conformance.gateway.http import encode as answer
from conformance.model.wire import WireReply, WireRequest
from conformance.tap import Tap
from conformance.tap.tunnel import Tunnel
from conformance.tap.upstream import Unreachable, encode

DISGUISES = [
    "https://fapi.binance.com",
    "https://FAPI.BINANCE.COM",
    "https://fapi.binance.com.",
    "https://fapi.binance.com:443",
    "https://demo-fapi.binance.com@fapi.binance.com",
    "https://127.0.0.1@fapi.binance.com",
    "https://fapi.binance.com#.demo-fapi.binance.com",
    "https://fapi.binance.com\\@127.0.0.1",
    "https://demo-fapi.binance.com.evil.test",
    "https://evil-demo-fapi.binance.com",
    "https://fapi.binance.com?demo-fapi.binance.com",
    "https://\uff46api.binance.com",
    "https://2130706434",
    "https://0x7f000001",
    "ftp://127.0.0.1",
    "fapi.binance.com",
]


@pytest.fixture
def dialled(monkeypatch):
    """Every host that anybody tries to reach."""
    hosts = []
    original = asyncio.BaseEventLoop.create_connection

    async def create_connection(self, protocol, host=None, port=None, **rest):
        hosts.append(host)
        return await original(self, protocol, host, port, **rest)

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", create_connection)
    return hosts


@pytest.mark.parametrize("url", DISGUISES)
@pytest.mark.parametrize("side", ["rest", "streams"])
def test_production_is_refused_in_every_disguise(venue, url, side):
    good = {"rest": "http://127.0.0.1:1", "streams": "ws://127.0.0.1:1"}
    with pytest.raises(HostRefused, match="is refused"):
        Tap(venue, Endpoints(venue.name, **good | {side: url}))


def test_a_test_network_of_the_venue_is_permitted(venue):
    behind = Endpoints(
        venue.name, "https://demo-fapi.binance.com", "wss://fstream.binancefuture.com"
    )
    tap = Tap(venue, behind)
    assert not tap.upstream.loopback
    assert tap.upstream.context is not None


async def _asked(tap, raw):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(tap.proxy.rpartition(":")[2]))
    writer.write(raw)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return head


@pytest.mark.parametrize(
    "authority",
    [
        "example.com:443",
        "fapi.binance.com.evil.test:443",
        "evil-fapi.binance.com:443",
        "fapi.binance.com:8443",
        "fapi.binance.com:80",
        "fapi.binance.com",
        "127.0.0.1:443",
        ":443",
    ],
)
def test_connect_to_anything_but_the_venue_is_refused(venue, within, dialled, authority):
    async def story():
        async with Tap(venue, Endpoints(venue.name, "http://127.0.0.1:1", "ws://127.0.0.1:1")) as t:
            return await _asked(t, f"CONNECT {authority} HTTP/1.1\r\nhost: x\r\n\r\n".encode())

    assert b" 403 " in within(story).splitlines()[0]
    assert dialled == ["127.0.0.1"]


def test_production_names_are_not_served_by_a_test_network():
    tunnel = Tunnel({"fapi.binance.com"}, {"demo-fapi.binance.com"}, simulated=False)
    refusal = tunnel.open(None, "fapi.binance.com:443")
    assert refusal.status == 403
    assert b"must not reach a test network" in refusal.body


async def _echo(reader, writer, replies):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(replies.pop(0))
    await writer.drain()
    writer.close()


def _behind(venue, within, replies, raw=b"GET /fapi/v1/time HTTP/1.1\r\nhost: x\r\n\r\n"):
    """Ask the tap once, with canned bytes behind it."""

    async def story():
        server = await asyncio.start_server(lambda r, w: _echo(r, w, replies), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        where = Endpoints(venue.name, f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}")
        async with server, Tap(venue, where) as tap:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", int(tap.proxy.rpartition(":")[2])
            )
            writer.write(raw.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1))
            got = await reader.read()
            writer.close()
            tap.check()
            return got, tap.transcript

    return within(story)


def test_a_redirect_is_passed_on_and_not_followed(venue, within, dialled):
    away = (
        b"HTTP/1.1 302 Found\r\nlocation: https://fapi.binance.com/x\r\ncontent-length: 0\r\n\r\n"
    )
    got, transcript = _behind(venue, within, [away])
    assert got.startswith(b"HTTP/1.1 302 Found\r\n")
    assert b"location: https://fapi.binance.com/x\r\n" in got
    assert transcript.calls()[0].reply.status == 302
    assert set(dialled) == {"127.0.0.1"}


def test_the_venues_own_date_reaches_the_client(venue, within):
    dated = b"HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\ncontent-length: 2\r\n\r\n{}"
    got, _ = _behind(venue, within, [dated])
    assert got.lower().count(b"\r\ndate: ") == 1
    assert b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n" in got


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx", b"x"),
    ],
    ids=["until-eof", "chunked", "after-an-interim-answer"],
)
def test_every_framing_of_an_answer_is_understood(venue, within, raw, body):
    got, _ = _behind(venue, within, [raw])
    assert got.endswith(b"\r\n\r\n" + body)
    assert b"content-length: %d\r\n" % len(body) in got


@pytest.mark.parametrize(
    "raw",
    [b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", b"", b"nonsense\r\n\r\n"],
    ids=["cut-short", "nothing", "no-http"],
)
def test_an_answer_that_breaks_off_breaks_off_for_the_client_too(venue, within, raw):
    got, transcript = _behind(venue, within, [raw])
    assert got == b""
    assert transcript.calls()[0].reply is None


def test_a_venue_that_is_not_there_is_an_error_of_the_run(venue, within):
    async def story():
        async with Tap(venue, Endpoints(venue.name, "http://127.0.0.1:1", "ws://127.0.0.1:1")) as t:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", int(t.proxy.rpartition(":")[2])
            )
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert await reader.read() == b""
            writer.close()
            t.check()

    with pytest.raises(Exception, match="cannot be reached") as caught:
        within(story)
    assert isinstance(caught.value.__cause__, Unreachable)


def test_what_is_signed_travels_byte_for_byte_and_hop_by_hop_fields_do_not():
    request = WireRequest(
        "POST",
        "/fapi/v1/order",
        b"a=%2B+&b=%e9",
        (
            ("host", "tap"),
            ("connection", "close"),
            ("accept-encoding", "br"),
            ("x-mbx-apikey", "k"),
        ),
        b"c=~ *",
    )
    sent = encode(request, "venue:1")
    assert sent.startswith(b"POST /fapi/v1/order?a=%2B+&b=%e9 HTTP/1.1\r\nhost: venue:1\r\n")
    assert sent.endswith(b"content-length: 5\r\n\r\nc=~ *")
    assert b"x-mbx-apikey: k\r\n" in sent
    assert b"accept-encoding: identity\r\n" in sent
    assert b"tap" not in sent
    assert b"close" not in sent


def test_an_answer_of_our_own_is_dated_by_us():
    assert b"\r\ndate: " in answer(WireReply(200, b""), 1_000, keep_alive=True)
