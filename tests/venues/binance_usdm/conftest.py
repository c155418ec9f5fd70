from __future__ import annotations

from collections import deque
from decimal import Decimal
from urllib.parse import urlencode

import orjson
import pytest

from conformance.exchange import Engine
from conformance.model.commands import Deposit, PlaceOrder
from conformance.model.money import to_atoms
from conformance.model.orders import Kind, Side
from conformance.model.wire import WireRequest
from conformance.venues import load
from conformance.venues.binance_usdm.signing import sign

START = 1_700_000_000_000
"""Twenty seconds into a clock minute, and a multiple of ten seconds."""

ACCOUNT = "testee"
OTHER = "others"
MONEY = Decimal(1_000_000)


class Counter:
    """A client's view of one venue: sends bytes, keeps the clock, reads what was pushed."""

    def __init__(self, switches, kind="hmac", rules=None, listings=None):
        self.venue = load("binance_usdm")
        self.core = Engine(listings or self.venue.listings, rules or self.venue.rules)
        self.server = self.venue.server(self.core, switches)
        self.key = self.venue.credentials(kind, 1)
        self.at = START
        self.pushes = deque()
        self.server.add_key(self.key, ACCOUNT)
        for account in (ACCOUNT, OTHER):
            self.server.command(Deposit(account, "USDT", to_atoms(MONEY)), self.at)

    def request(self, method, path, params=None, *, signed=True, body=False, **changes):
        fields = dict(params or {})
        if signed:
            fields.setdefault("timestamp", self.at)
        text = urlencode(fields)
        if signed:
            signature = sign(self.key.kind, self.key.secret, text.encode())
            text += f"&signature={signature}" if text else f"signature={signature}"
        headers = changes.pop("headers", (("x-mbx-apikey", self.key.key),))
        raw = changes.pop("raw", text.encode())
        query, sent = (b"", raw) if body else (raw, b"")
        return WireRequest(method, path, query, headers, sent, **changes)

    def send(self, method, path, params=None, **changes):
        served = self.server.handle(self.request(method, path, params, **changes), self.at)
        self.pushes.extend(served.pushes)
        return served

    def ask(self, method, path, params=None, **changes):
        served = self.send(method, path, params, **changes)
        return served.reply.status, orjson.loads(served.reply.body)

    def ok(self, method, path, params=None, **changes):
        status, body = self.ask(method, path, params, **changes)
        assert status == 200, body
        return body

    def code(self, method, path, params=None, **changes):
        served = self.send(method, path, params, **changes)
        body = orjson.loads(served.reply.body)
        assert served.reading.code == str(body["code"])
        return served.reply.status, body["code"]

    def limit(self, **changes):
        params = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.010",
            "price": "59000",
        }
        params.update(changes)
        return {name: value for name, value in params.items() if value is not None}

    def place(self, **changes):
        return self.ok("POST", "/fapi/v1/order", self.limit(**changes))

    def stop(self, **changes):
        params = {
            "algoType": "CONDITIONAL",
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "STOP_MARKET",
            "quantity": "0.001",
            "triggerPrice": "61000" if changes.get("side", "BUY") == "BUY" else "58000",
        }
        params.update(changes)
        return {name: value for name, value in params.items() if value is not None}

    def wait(self, **changes):
        return self.ok("POST", "/fapi/v1/algoOrder", self.stop(**changes))

    def close(self, quantity, side="SELL", **changes):
        changes = {"price": None, "timeInForce": None, **changes}
        return self.place(side=side, type="MARKET", quantity=quantity, **changes)

    def others(self, side, price, lots, symbol="BTCUSDT", account=OTHER):
        kind = Kind.MARKET if price is None else Kind.LIMIT
        self.number = getattr(self, "number", 0) + 1
        command = PlaceOrder(account, symbol, Side(side), kind, lots, price, f"o{self.number}")
        self.pushes.extend(self.server.command(command, self.at))

    def command(self, command):
        self.pushes.extend(self.server.command(command, self.at))

    def tick(self):
        self.pushes.extend(self.server.tick(self.at))

    def until_quiet(self, last):
        while (due := self.server.due()) is not None and due <= last:
            self.at = due
            self.tick()
        self.at = last

    def open(self, stream, path, query=""):
        return self.server.open(stream, path, query, (), self.at)

    def control(self, stream, **message):
        return self.receive(stream, orjson.dumps(message))[0]

    def receive(self, stream, payload):
        received = self.server.receive(stream, payload, self.at)
        self.received = received
        return [orjson.loads(push.text) for push in received.pushes]

    def user_stream(self, stream=1):
        key = self.ok("POST", "/fapi/v1/listenKey", signed=False)["listenKey"]
        assert self.open(stream, "/private/ws", f"listenKey={key}").private
        return key

    def frames(self, stream=None):
        taken = [orjson.loads(p.text) for p in self.pushes if stream in (None, p.stream)]
        self.pushes.clear()
        return taken


@pytest.fixture
def make_counter():
    return lambda kind="hmac", rules=None, listings=None, **switches: Counter(
        switches, kind, rules, listings
    )


@pytest.fixture
def counter(make_counter):
    return make_counter()
