"""Both transports against a peer that answers exactly as told, on real sockets."""

import asyncio
import ssl

import pytest
import trustme

from conformance.client.settings import Settings
from conformance.client.transport import AnswerLost, HttpxTransport, NotConnected, tls_context
from conformance.client.wire import WireTransport
from conformance.guard import Target
from conformance.model.wire import WireRequest

SETTINGS = Settings(connect_ms_max=2_000, answer_ms_max=300, body_bytes_max=1_000)
REQUEST = WireRequest(
    "POST", "/fapi/v1/order", b"", (("content-type", "text/x"), ("x-key", "k")), b"a=%2C+b&c=1"
)
BOTH = pytest.mark.parametrize("transport", [WireTransport, HttpxTransport])


class Peer:
    """Reads one request a connection turn and answers with the next scripted bytes."""

    def __init__(self, *answers, close=True, tls=None):
        self.answers = list(answers)
        self.close = close
        self.tls = tls
        self.heard = []
        self.connections = 0
        self._serving = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.connections += 1
        self._serving.add(asyncio.current_task())
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = [
                    int(line.split(b":")[1])
                    for line in head.lower().splitlines()
                    if line.startswith(b"content-length")
                ]
                body = await reader.readexactly(length[0]) if length else b""
                self.heard.append((head, body))
                answer = self.answers.pop(0)
                if answer is None:
                    await reader.read()
                    break
                writer.write(answer)
                await writer.drain()
                if self.close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def target(self, host="127.0.0.1"):
        return Target("https" if self.tls else "http", host, self.port, "")


def answer(body=b"{}", *fields, status=b"200 OK"):
    head = [b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *fields]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


async def carry(transport, peer, request=REQUEST):
    lane = transport(peer.target(), None, SETTINGS).lane()
    try:
        await lane.open()
        return await lane.send(request)
    finally:
        await lane.close()


def run(main):
    return asyncio.run(main())


@BOTH
def test_the_bytes_sent_are_the_bytes_signed(transport):
    async def main():
        query = WireRequest("GET", "/p", b"symbol=%E5%B8%81&list=%5B1%2C2%5D&x=a+b", (), b"")
        async with Peer(answer(), answer()) as peer:
            await carry(transport, peer)
            await carry(transport, peer, query)
        return peer.heard

    (head, body), (asked, empty) = run(main)
    assert body == REQUEST.body
    assert head.startswith(b"POST /fapi/v1/order HTTP/1.1\r\n")
    assert asked.startswith(b"GET /p?symbol=%E5%B8%81&list=%5B1%2C2%5D&x=a+b HTTP/1.1\r\n")
    assert empty == b""
    assert b"\r\nx-key: k\r\n" in head.lower()


@BOTH
def test_status_headers_and_body_come_back(transport):
    async def main():
        async with Peer(answer(b'{"a":1}', b"Retry-After: 5", status=b"429 Slow")) as peer:
            return await carry(transport, peer)

    reply = run(main)
    assert (reply.status, reply.body) == (429, b'{"a":1}')
    assert ("retry-after", "5") in reply.headers


@BOTH
def test_a_redirect_is_an_answer_and_never_followed(transport):
    async def main():
        async with Peer(answer()) as elsewhere:
            location = b"location: http://127.0.0.1:%d/" % elsewhere.port
            async with Peer(answer(b"", location, status=b"302 Found")) as peer:
                reply = await carry(transport, peer)
            return reply.status, elsewhere.heard

    assert run(main) == (302, [])


@BOTH
def test_chunked_answers_and_answers_that_end_with_the_connection_are_read(transport):
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    endless = b"HTTP/1.1 200 OK\r\n\r\nabc"

    async def main():
        async with Peer(chunked, endless) as peer:
            return [(await carry(transport, peer)).body for _ in range(2)]

    assert run(main) == [b"abc", b"abc"]


@BOTH
@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-len",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        b"SPDY forever\r\n\r\n",
        answer(b"x" * 2_000),
        None,
    ],
    ids=["cut", "half-head", "short-body", "half-chunk", "no-http", "too-long", "silent"],
)
def test_an_answer_that_does_not_come_whole_is_lost(transport, broken):
    async def main():
        async with Peer(broken) as peer:
            with pytest.raises(AnswerLost):
                await carry(transport, peer)

    run(main)


@BOTH
def test_without_a_connection_nothing_was_sent(transport):
    async def main():
        async with Peer() as peer:
            pass
        with pytest.raises(NotConnected):
            await carry(transport, peer)

    run(main)


@BOTH
def test_a_lane_keeps_its_connection_and_makes_a_new_one_when_it_is_gone(transport):
    async def main():
        async with Peer(answer(), answer(), answer(), close=False) as peer:
            lane = transport(peer.target(), None, SETTINGS).lane()
            for _ in range(2):
                await lane.open()
                await lane.send(REQUEST)
            kept = peer.connections
            await lane.close()
            lane = transport(peer.target(), None, SETTINGS).lane()
            await lane.open()
            await lane.send(REQUEST)
            await lane.close()
            return kept, peer.connections

    assert run(main) == (1, 2)


def test_a_connection_closed_by_the_answer_is_not_used_again():
    async def main():
        async with Peer(answer(b"{}", b"connection: close"), answer(), close=False) as peer:
            lane = WireTransport(peer.target(), None, SETTINGS).lane()
            for _ in range(2):
                await lane.open()
                await lane.send(REQUEST)
            await lane.close()
            return peer.connections

    assert run(main) == 2


def test_an_interim_answer_is_skipped():
    async def main():
        interim = b"HTTP/1.1 100 Continue\r\n\r\n"
        async with Peer(interim + answer(b"abc")) as peer:
            return (await carry(WireTransport, peer)).body

    assert run(main) == b"abc"


def test_a_request_that_is_given_up_closes_its_connection():
    async def main():
        async with Peer(None, answer(b"mine"), close=False) as peer:
            lane = WireTransport(peer.target(), None, SETTINGS).lane()
            await lane.open()
            sending = asyncio.ensure_future(lane.send(REQUEST))
            while not peer.heard:
                await asyncio.sleep(0)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await lane.open()
            reply = await lane.send(REQUEST)
            await lane.close()
            return reply.body

    assert run(main) == b"mine"


def certificates(*names):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return authority, context


@BOTH
@pytest.mark.parametrize(
    ("trusted", "names", "works"),
    [
        (True, ("127.0.0.1",), True),
        (False, ("127.0.0.1",), False),
        (True, ("other.example",), False),
    ],
    ids=["good", "unknown-authority", "wrong-name"],
)
def test_a_peer_that_cannot_prove_itself_hears_nothing(transport, trusted, names, works, tmp_path):
    authority, context = certificates(*names)
    ca_file = tmp_path / "ca.pem"
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(ca_file)

    async def main():
        async with Peer(answer(), tls=context) as peer:
            lane = transport(peer.target(), tls_context(str(ca_file)), SETTINGS).lane()
            try:
                await lane.open()
                await lane.send(REQUEST)
            except NotConnected:
                return False, peer.heard
            finally:
                await lane.close()
            return True, peer.heard

    done, heard = run(main)
    assert done is works
    assert bool(heard) is works


def test_the_common_name_of_a_certificate_proves_nothing():
    context = tls_context("")
    assert context.hostname_checks_common_name is False
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
