"""Reads the wire for those who watch it, by the venue's rules and without its state."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson

from conformance.model.categories import Category
from conformance.model.orders import PositionSide
from conformance.model.study import Carried, Customs, Interest, OrderText, Study, Told
from conformance.model.wire import Frame, Operation, RoundTrip, Stream, Topic, WireRequest
from conformance.venues.binance_usdm.facts import ERRORS, FACTS, Endpoint
from conformance.venues.binance_usdm.server.call import endpoint_of, weight_of
from conformance.venues.binance_usdm.server.hub import wish
from conformance.venues.binance_usdm.server.params import Params, parse
from conformance.venues.binance_usdm.server.refusals import Refused
from conformance.venues.binance_usdm.signing import cut

_STAMPS = frozenset({"timestamp", "recvwindow", "signature"})
_IDS = ("orderid", "origclientorderid", "algoid", "clientalgoid")
_ID_LISTS = ("orderidlist", "origclientorderidlist")
_FURTHER = ("stopprice", "triggerprice", "activationprice", "activateprice", "callbackrate")
_ENTRIES = frozenset(
    {
        Operation.PLACE,
        Operation.PLACE_TEST,
        Operation.PLACE_BATCH,
        Operation.AMEND,
        Operation.AMEND_BATCH,
    }
)
_BATCHES = frozenset({Operation.PLACE_BATCH, Operation.AMEND_BATCH, Operation.CANCEL_BATCH})
_POINTED = frozenset(
    {
        Operation.CANCEL,
        Operation.CANCEL_BATCH,
        Operation.AMEND,
        Operation.AMEND_BATCH,
        Operation.QUERY_ORDER,
        Operation.QUERY_OPEN_ORDER,
        Operation.OTHER,
    }
)
"""What may be about certain orders."""
_DONE, _UNREADABLE = Told(), Told(Category.UNKNOWN)
_LEGS = {"BOTH": PositionSide.NET, "LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
_TOPICS = {
    "depth": Topic.BOOK,
    "aggTrade": Topic.TRADES,
    "trade": Topic.TRADES,
    "markPrice": Topic.MARK,
    "kline": Topic.CANDLES,
}
_CHANGES = re.compile(r"depth(@(100|250|500)ms)?").fullmatch
_ACCOUNT: Interest = (Topic.ORDERS, "")
_SEQUENCE = re.compile(rb'"lastUpdateId":(\d+)')
_BANNED = re.compile(rb"banned until (\d+)")
_RETRY = FACTS["headers"]["retry_after"]
_CODES_OF_POOLS: Mapping[int, tuple[str, ...]] = {
    rule["code"]: tuple(
        name for name, r in FACTS["limits"].items() if r.get("code") == rule["code"]
    )
    for rule in FACTS["limits"].values()
    if rule.get("scope") == "account"
}
"""Refusals for speed that concern some pools only."""


class Interpreter:
    """Implements ``contracts.monitor.Interpreter``."""

    def __init__(self) -> None:
        orders, streams, inbound = FACTS["orders"], FACTS["streams"], FACTS["limits"]["inbound"]
        self.customs = Customs(
            key_header=FACTS["headers"]["key"],
            window_ms=FACTS["time"]["window_ms"],
            window_ms_max=FACTS["time"]["window_ms_max"],
            ahead_ms=FACTS["time"]["ahead_ms"],
            client_id=orders["client_id"],
            batch_max={
                Operation.PLACE_BATCH: orders["batch_max"],
                Operation.AMEND_BATCH: orders["batch_max"],
                Operation.CANCEL_BATCH: orders["cancel_batch_max"],
            },
            call_paths=(FACTS["methods"]["path"],),
            messages=(inbound["units"], inbound["window_ms"]),
            pong_ms=streams["pong_ms"],
            stream_ms=streams["life_ms"],
            stream_key_ms=streams["key_life_ms"],
        )

    def study(self, request: WireRequest) -> Study:
        """Take a request apart."""
        endpoint = endpoint_of(request)
        params = _params(request)
        signature = (
            cut(request.query, request.body).signature or "" if "signature" in params else ""
        )
        if endpoint is None:
            return Study(known=False, signature=signature)
        return Study(
            keyed=endpoint.keyed,
            signed=endpoint.signed,
            signature=signature,
            orders=_orders(endpoint, params),
            targets=tuple(_targets(params)) if endpoint.operation in _POINTED else (),
            costs=_costs(endpoint, params),
        )

    def told(self, trip: RoundTrip) -> Told:
        """Say what the answer of a round trip means."""
        reply, operation = trip.reply, trip.reading.operation
        assert reply is not None
        body = reply.body
        if reply.status == 200:
            return _success(operation, body)
        code = _code(_parsed(body))
        category = _category(reply.status, code)
        if category not in (Category.THROTTLED, Category.BANNED):
            return Told(category, str(code), asked=_gist(trip.request))
        silent_ms = next((int(v) * 1000 for n, v in reply.headers if n == _RETRY), 0)
        until = _BANNED.search(body)
        if until and trip.replied_ms is not None:
            silent_ms = max(silent_ms, int(until[1]) - trip.replied_ms)
        banned = category is Category.BANNED
        return Told(category, str(code), silent_ms, _CODES_OF_POOLS.get(code, ()), banned)

    def carried(self, frame: Frame) -> Carried:
        """Say what a pushed frame is about; of order and book events only."""
        if frame.topic not in (Topic.BOOK, Topic.ORDERS):
            return Carried()
        told = _parsed(frame.payload)
        if isinstance(told, dict) and isinstance(told.get("data"), dict):
            told = told["data"]
        if not isinstance(told, dict):
            return Carried()
        order = told.get("o")
        if isinstance(order, dict):
            return Carried(str(order.get("s", "")), str(order.get("c", "")))
        last, previous = told.get("u"), told.get("pu")
        if isinstance(last, int) and isinstance(previous, int):
            return Carried(str(told.get("s", "")), "", last, previous)
        return Carried()

    def interests(self, stream: Stream) -> Collection[Interest]:
        """Return what a handshake subscribes to."""
        asked = wish(stream.path, stream.query)
        if asked is None:
            return ()
        return {*_interests(asked.names), *([_ACCOUNT] if asked.keys else [])}

    def wishes(self, payload: bytes) -> tuple[Collection[Interest], Collection[Interest]]:
        """Return what a message of the testee subscribes to, and what it gives up."""
        told = _parsed(payload)
        names = told.get("params") if isinstance(told, dict) else None
        if not isinstance(names, list) or not isinstance(told, dict):
            return (), ()
        interests = _interests([name for name in names if isinstance(name, str)])
        if told.get("method") == "SUBSCRIBE":
            return interests, ()
        return (), interests if told.get("method") == "UNSUBSCRIBE" else ()


def _params(request: WireRequest) -> Params:
    try:
        return parse(request.query, request.body)
    except Refused:
        return {}


def _gist(request: WireRequest) -> str:
    params = _params(request)
    kept = [f"{name}={params[name]}" for name in params if name not in _STAMPS]
    return f"{request.method} {request.path} {'&'.join(kept)}"


def _success(operation: Operation, body: bytes) -> Told:
    """Read an answer with status 200; what is no whole JSON says nothing."""
    if operation is Operation.BOOK:
        found = _SEQUENCE.search(body, 0, 200)
        return Told(sequence=int(found[1]) if found else 0)
    if operation in _BATCHES:
        rows = _parsed(body)
        return Told(refused=tuple(_refused(rows))) if isinstance(rows, list) else _UNREADABLE
    return _DONE if body[:1] + body[-1:] in (b"{}", b"[]") else _UNREADABLE


def _interests(names: Sequence[str]) -> set[Interest]:
    found: set[Interest] = set()
    for name in names:
        symbol, at, kind = name.partition("@")
        if not at:
            if len(name) > 20 and name.isalnum():
                found.add(_ACCOUNT)
        elif _CHANGES(kind):
            found.add((Topic.BOOK, symbol.upper()))
        else:
            topic = _TOPICS.get(kind.split("@")[0].split("_")[0], Topic.TICKER)
            found.add((topic, f"{symbol.upper()}@{kind}"))
    return found


def _orders(endpoint: Endpoint, params: Params) -> tuple[OrderText, ...]:
    if endpoint.operation not in _ENTRIES:
        return ()
    batch = params.get("batchorders")
    if batch is None:
        return (_order(params),)
    rows = _parsed(batch.encode())
    if not isinstance(rows, list):
        return ()
    return tuple(
        [
            _order({str(name).lower(): _text(row[name]) for name in row})
            for row in rows
            if isinstance(row, dict)
        ]
    )


def _order(params: Mapping[str, str]) -> OrderText:
    get = params.get
    return OrderText(
        symbol=get("symbol", "").upper(),
        client_id=get("newclientorderid", "") or get("clientalgoid", ""),
        venue_id=get("orderid", "") or get("origclientorderid", "") or get("algoid", ""),
        side=get("side", ""),
        kind=get("type", ""),
        price=get("price", ""),
        quantity=get("quantity", ""),
        further=tuple([params[name] for name in _FURTHER if params.get(name)]),
        reduce_only=get("reduceonly", "").lower() == "true",
        position_side=_LEGS.get(get("positionside", "BOTH")),
    )


def _targets(params: Params) -> Iterator[str]:
    for name in _IDS:
        if params.get(name):
            yield params[name]
    for name in _ID_LISTS:
        rows = _parsed(params[name].encode()) if params.get(name) else None
        if isinstance(rows, list):
            yield from map(str, rows)
    rows = _parsed(params["batchorders"].encode()) if params.get("batchorders") else None
    if isinstance(rows, list):
        for row in rows:
            if isinstance(row, dict):
                yield from (str(v) for n, v in row.items() if n.lower() in _IDS and v)


def _costs(endpoint: Endpoint, params: Params) -> tuple[tuple[str, int], ...]:
    weight = weight_of(endpoint, params) if endpoint.pool == "requests" else 1
    ten_seconds, minute = endpoint.orders
    costs = ((endpoint.pool, weight), ("orders", ten_seconds), ("orders-minute", minute))
    return tuple([cost for cost in costs if cost[1]])


def _refused(rows: Sequence[Any]) -> Iterator[tuple[int, Category]]:
    for position, row in enumerate(rows):
        code = row.get("code") if isinstance(row, dict) else None
        if isinstance(code, int) and code < 0:
            yield position, _category(400, code)


def _category(status: int, code: int) -> Category:
    if status == 418:
        return Category.BANNED
    if status == 429:
        return Category.THROTTLED
    known = ERRORS.get(code)
    if known is not None and known.status == status:
        return Category(known.category)
    return Category.UNKNOWN


def _code(told: object) -> int:
    code = told.get("code") if isinstance(told, dict) else None
    return code if isinstance(code, int) else 0


def _parsed(raw: bytes) -> Any:  # noqa: ANN401 - whatever was sent
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
