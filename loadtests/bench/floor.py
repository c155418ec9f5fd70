"""The floor of every comparison: the least that Python can do for one signed order.

An asyncio protocol with httptools that checks the HMAC over the received bytes and answers every
request with the same order. No routing, no book, no account, no push.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import sys

import httptools

from loadtests.bench.orders import SECRET

ORDER = json.dumps(
    {
        "orderId": 1,
        "symbol": "BTCUSDT",
        "status": "NEW",
        "clientOrderId": "floor",
        "price": "50000.00",
        "avgPrice": "0.00",
        "origQty": "0.010",
        "executedQty": "0.000",
        "cumQty": "0.000",
        "cumQuote": "0.00000",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "reduceOnly": False,
        "closePosition": False,
        "side": "BUY",
        "positionSide": "BOTH",
        "stopPrice": "0.00",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": "LIMIT",
        "updateTime": 1_700_000_000_000,
    },
    separators=(",", ":"),
).encode()
REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ORDER)
) + ORDER
REFUSAL = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
MARK = b"&signature="


class Floor(asyncio.Protocol):
    """One connection of the bare server."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read."""
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body = b""

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """Keep the target of the request."""
        self._url = url
        self._body = b""

    def on_body(self, body: bytes) -> None:
        """Keep the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Check the signature and answer."""
        signed, _, signature = (self._body or self._url.partition(b"?")[2]).rpartition(MARK)
        expected = hmac.digest(SECRET.encode(), signed, "sha256").hex().encode()
        right = hmac.compare_digest(expected, signature)
        assert isinstance(self._transport, asyncio.WriteTransport)
        self._transport.write(REPLY if right else REFUSAL)


async def serve() -> None:
    """Listen on a free port, say which, and serve until the parent goes away."""
    server = await asyncio.get_running_loop().create_server(Floor, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"rest": f"http://127.0.0.1:{port}"}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
