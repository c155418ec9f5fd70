"""A venue of a few lines, to try the shell without any dialect."""

from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import parse_qs

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import ErrorRow, Opened, Received, Served, Venue
from conformance.model.commands import PlaceOrder
from conformance.model.events import CommandRefused
from conformance.model.instruments import Listing, Tier
from conformance.model.wire import Operation, Push, Reading, Topic, WireReply

OPERATIONS = {
    ("POST", "/order"): Operation.PLACE,
    ("GET", "/orders"): Operation.OPEN_ORDERS,
    ("GET", "/time"): Operation.TIME,
}


def reply(status, **body):
    return WireReply(status, json.dumps(body).encode(), (("x-echo", "yes"),))


class EchoHalf:
    """``POST /order`` pushes its body to all streams, ``/orders`` tells how many there were."""

    def __init__(self, core, switches):
        self.core = core
        self.switches = switches
        self.keys = {}
        self.streams = {}
        self.orders = 0
        self.due_at = None
        self.ticks = []
        self.closed = []

    def add_key(self, credentials, account):
        self.keys[credentials.key] = account

    def revoke_key(self, key):
        self.keys.pop(key, None)

    def read(self, request, at):
        operation = OPERATIONS.get((request.method, request.path), Operation.OTHER)
        return Reading(operation=operation, timestamp_ms=at)

    def handle(self, request, at):
        reading = self.read(request, at)
        if request.path == "/fail":
            raise ZeroDivisionError("on purpose")
        if request.header("x-key") not in self.keys and request.header("x-key") is not None:
            return Served(reply(401, msg="no such key"), reading)
        if reading.operation is Operation.PLACE:
            self.orders += 1
            text = json.dumps({"order": self.orders, "body": request.body.decode()}).encode()
            return Served(reply(200, order=self.orders), reading, self.to_all(Topic.ORDERS, text))
        if reading.operation is Operation.OPEN_ORDERS:
            return Served(reply(200, orders=self.orders), reading)
        if reading.operation is Operation.TIME:
            return Served(reply(200, time=at), reading)
        seen = {
            "method": request.method,
            "path": request.path,
            "query": request.query.decode(),
            "body": request.body.decode(),
            "headers": request.headers,
            "secure": request.secure,
        }
        return Served(reply(200, **seen), reading)

    def private(self, path, query):
        return path == "/private"

    def topic(self, message):
        if message.startswith(b"{"):
            return Topic.ORDERS
        return Topic.STREAM_KEY if message == b"expired" else Topic.TRADES

    def order_id(self, order):
        return str(order.order_id)

    def trade_id(self, fill):
        return str(fill.trade_id)

    def code(self, reply):
        return str(json.loads(reply.body).get("code", ""))

    def to_all(self, topic, text):
        return [Push(stream, topic, text) for stream in self.streams]

    def open(self, stream, path, query, headers, at):
        if path == "/forbidden":
            return Opened(accepted=False, reply=reply(403, msg="not here"))
        self.streams[stream] = path
        greeting = parse_qs(query).get("greet", [])
        return Opened(
            accepted=True,
            private=path == "/private",
            pushes=[Push(stream, Topic.CONTROL, text.encode()) for text in greeting],
        )

    def receive(self, stream, payload, at):
        if payload == b"bye":
            return Received([Push(stream, Topic.CONTROL, b"so long")], close_code=1008)
        return Received([Push(stream, Topic.CONTROL, b"echo " + payload)])

    def close(self, stream, at):
        self.closed.append(stream)
        self.streams.pop(stream, None)

    def command(self, command, at):
        events = self.core.apply(command, at)
        if any(isinstance(event, CommandRefused) for event in events):
            raise ValueError(str(events))
        if not isinstance(command, PlaceOrder):
            return []
        return self.to_all(Topic.TRADES, f"{command.side} {command.quantity}".encode())

    def due(self):
        return self.due_at

    def tick(self, at):
        self.due_at = None
        self.ticks.append(at)
        return self.to_all(Topic.MARK, str(at).encode())

    def refusal(self, condition, operation, at, *, retry_after_ms=None, text=""):
        return reply(
            503, condition=condition, operation=operation, retry=retry_after_ms, text=text, at=at
        )

    def documented(self, row, text=""):
        return reply(row.status, code=row.code, text=text or row.text)

    def expire_stream_key(self, account, at):
        return self.to_all(Topic.STREAM_KEY, b"expired")


def listing(symbol, price):
    return Listing(
        symbol=symbol,
        base=symbol[:3],
        quote="USDT",
        margin_asset="USDT",
        tick=Decimal("0.1"),
        step=Decimal("0.001"),
        min_quantity=Decimal("0.001"),
        max_quantity=Decimal(1000),
        min_notional=Decimal(50),
        market_max_lots=1_000_000,
        min_lots=1,
        max_lots=1_000_000,
        band_up=Decimal("1.05"),
        band_down=Decimal("0.95"),
        max_open_orders=200,
        maker_rate=Decimal("0.0002"),
        taker_rate=Decimal("0.0005"),
        tiers=(Tier(Decimal(0), Decimal(10**9), 20, Decimal("0.01"), Decimal(0)),),
        initial_price=Decimal(price),
        market_take_bound=Decimal("0.05"),
        liquidation_rate=Decimal("0.01"),
    )


ECHO = Venue(
    name="echo",
    title="Echo",
    facts={
        "limits": {"requests": {"units": 2400, "window_ms": 60_000}},
        "streams": {"ping_ms": 180_000, "pong_ms": 600_000, "life_ms": 86_400_000},
    },
    listings=(listing("BTCUSDT", 60_000), listing("ETHUSDT", 3_000), listing("XRPUSDT", 2_000)),
    server=EchoHalf,
    client=object,
    credentials=lambda kind, number: Credentials(kind, f"key-{kind}-{number}", "secret"),
    endpoints=lambda rest, streams, ca: Endpoints("echo", rest, streams, ca),
    key_kinds=("hmac", "rsa"),
    settle_asset="USDT",
    errors=(ErrorRow(code="-1", status=418, text="teapot", category="state"),),
)
