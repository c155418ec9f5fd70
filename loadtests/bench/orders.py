"""Orders, signed beforehand, so that the load costs the generator next to nothing."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import NamedTuple

SECRET = "ThrowAwayBenchSecret"  # noqa: S105 - opens nothing but the bare server
PATH = "/fapi/v1/order"
WINDOW_MS = 600_000


class Signer(NamedTuple):
    """Makes requests of one account in one symbol; the quantity is always the same."""

    key: str
    secret: str
    symbol: str
    quantity: str

    def request(self, method: str, fields: Mapping[str, object]) -> bytes:
        """Return one whole HTTP request, signed for now and valid for ten minutes."""
        now = time.time_ns() // 1_000_000
        fields = {"symbol": self.symbol, **fields, "recvWindow": WINDOW_MS, "timestamp": now}
        text = "&".join(f"{name}={value}" for name, value in fields.items())
        signature = hmac.digest(self.secret.encode(), text.encode(), "sha256").hex()
        return (
            f"{method} {PATH}?{text}&signature={signature} HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nX-MBX-APIKEY: {self.key}\r\nContent-Length: 0\r\n\r\n"
        ).encode()

    def taking(self, count: int) -> Iterator[bytes]:
        """Yield market orders, a buy and a sell in turn, so that the position stays small."""
        batch = time.time_ns()
        for number, side in zip(range(count), cycle(("BUY", "SELL")), strict=False):
            fields = {"side": side, "type": "MARKET", "quantity": self.quantity}
            yield self.request("POST", fields | {"newClientOrderId": f"t{batch:x}-{number}"})

    def resting(self, count: int, price: str) -> Iterator[bytes]:
        """Yield ``count`` buys that rest at ``price``, each followed by its cancellation."""
        batch = time.time_ns()
        for number in range(count):
            name = f"r{batch:x}-{number}"
            fields = {
                "side": "BUY",
                "type": "LIMIT",
                "timeInForce": "GTC",
                "quantity": self.quantity,
                "price": price,
                "newClientOrderId": name,
            }
            yield self.request("POST", fields)
            yield self.request("DELETE", {"origClientOrderId": name})
