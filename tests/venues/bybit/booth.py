"""A Bybit venue with its streams in reach: sends frames, keeps the clock, reads what comes."""

from __future__ import annotations

from collections import deque
from decimal import Decimal

import orjson

from conformance.exchange import Engine
from conformance.model.commands import Deposit, PlaceOrder
from conformance.model.money import to_atoms
from conformance.model.orders import Kind, Side
from conformance.model.wire import WireRequest
from conformance.venues.bybit import VENUE
from conformance.venues.bybit.signing import KEY, SIGNATURE, STAMP, WINDOW, login, origin
from conformance.venues.keys import key
from tests.venues import shape

START = 1_700_000_000_000
ACCOUNT, OTHER = "testee", "others"


class Booth:
    """One venue, one account with a key, and the streams it has open."""

    def __init__(self, kind="hmac", rules=None, **switches):
        self.core = Engine(VENUE.listings, rules or VENUE.rules)
        self.server = VENUE.server(self.core, switches)
        self.key = VENUE.credentials(kind, 1)
        self.secret = key(self.key.kind, self.key.secret)
        self.at = START
        self.pushes = deque()
        self.server.add_key(self.key, ACCOUNT)
        for account in (ACCOUNT, OTHER):
            self.fund(account)

    def request(self, method, path, params=None, *, signed=True):
        fields = dict(params or {})
        query = (
            b"&".join(f"{n}={v}".encode() for n, v in fields.items()) if method == "GET" else b""
        )
        body = orjson.dumps(fields) if method == "POST" else b""
        headers = ()
        if signed:
            stamp, window = str(self.at), "5000"
            raw = origin(stamp, self.key.key, window, query or body)
            values = (self.key.key, stamp, window, self.secret.sign(raw))
            headers = tuple(zip((KEY, STAMP, WINDOW, SIGNATURE), values, strict=True))
        return WireRequest(method, path, query, headers, body)

    def ask(self, method, path, params=None, *, signed=True):
        request = self.request(method, path, params, signed=signed)
        served = self.server.handle(request, self.at)
        self.pushes.extend(served.pushes)
        return orjson.loads(served.reply.body)

    def ok(self, method, path, params=None, *, signed=True):
        body = self.ask(method, path, params, signed=signed)
        assert body["retCode"] == 0, body
        return body.get("result")

    def order(self, **changes):
        order = {
            "category": "linear",
            "symbol": "BTCUSDT",
            "side": "Buy",
            "orderType": "Limit",
            "qty": "0.010",
            "price": "59900",
            "timeInForce": "GTC",
        }
        return {name: value for name, value in {**order, **changes}.items() if value is not None}

    def place(self, **changes):
        return self.ok("POST", "/v5/order/create", self.order(**changes))

    def others(self, side, price, lots, symbol="BTCUSDT", account=OTHER):
        kind = Kind.MARKET if price is None else Kind.LIMIT
        self.number = getattr(self, "number", 0) + 1
        self.command(PlaceOrder(account, symbol, Side(side), kind, lots, price, f"o{self.number}"))

    def fund(self, account):
        if account not in self.core.accounts():
            self.command(Deposit(account, "USDT", to_atoms(Decimal(10_000_000))))
            self.command(Deposit(account, "BTC", to_atoms(Decimal(1_000))))

    def command(self, command):
        self.pushes.extend(self.server.command(command, self.at))

    def open(self, stream, kind="linear", query=""):
        path = kind if kind.startswith("/") else f"/v5/{kind}"
        path = f"/v5/public/{kind}" if kind in ("linear", "inverse", "spot", "option") else path
        return self.server.open(stream, path, query, (), self.at)

    def send(self, stream, message):
        """Send a message, or bytes; return what is answered at once."""
        payload = message if isinstance(message, bytes) else orjson.dumps(message)
        self.received = self.server.receive(stream, payload, self.at)
        return [orjson.loads(push.text) for push in self.received.pushes if push.stream == stream]

    def subscribe(self, stream, *topics):
        return self.send(stream, {"op": "subscribe", "args": list(topics)})

    def auth(self, stream, **changes):
        expires = str(changes.pop("expires", self.at + 1000))
        signature = self.secret.sign(login(expires))
        args = [changes.pop("key", self.key.key), int(expires), signature]
        return self.send(stream, {"op": "auth", "args": args, **changes})[0]

    def private(self, *topics, stream=9):
        assert self.open(stream, "private").accepted
        assert self.auth(stream)["success"]
        assert self.subscribe(stream, *topics)[0]["success"]

    def call(self, stream, op, params, number="1", **header):
        head = {"X-BAPI-TIMESTAMP": str(self.at), **header}
        message = {"reqId": number, "header": head, "op": op, "args": [params]}
        return self.send(stream, {n: v for n, v in message.items() if v is not None})[0]

    def trade(self, stream=5):
        assert self.open(stream, "trade").accepted
        assert self.auth(stream)["retCode"] == 0
        return stream

    def pass_ms(self, length_ms):
        """Let time pass, and whatever is due with it."""
        last = self.at + length_ms
        while (due := self.server.due()) is not None and due <= last:
            self.at = max(self.at, due)
            self.pushes.extend(self.server.tick(self.at))
        self.at = last

    def frames(self, stream=None, topic=""):
        taken = [p for p in self.pushes if stream in (None, p.stream) and p.close_code is None]
        self.pushes.clear()
        found = [orjson.loads(push.text) for push in taken]
        return [frame for frame in found if frame.get("topic", "").startswith(topic)]


def misfits(name, value):
    """Return what of a reply or a push is not as its shape says."""
    return shape.misfits(name, value, "bybit")
