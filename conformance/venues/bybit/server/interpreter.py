"""Reads the wire for those who watch it, by the venue's rules and without its state."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from conformance.model.categories import Category
from conformance.model.study import Carried, Customs, Interest, OrderText, Study, Told
from conformance.model.wire import Frame, Operation, RoundTrip, Stream, Topic, WireRequest
from conformance.venues.bybit.facts import ENDPOINTS, ERRORS, FACTS, Endpoint
from conformance.venues.bybit.server.answers import Refused
from conformance.venues.bybit.server.params import Params, parse
from conformance.venues.bybit.server.sight import topic_of
from conformance.venues.bybit.signing import cut

_TABLE = {(endpoint.method, endpoint.path): endpoint for endpoint in ENDPOINTS.values()}
_ENTRIES = frozenset(
    {
        Operation.PLACE,
        Operation.PLACE_TEST,
        Operation.PLACE_BATCH,
        Operation.AMEND,
        Operation.AMEND_BATCH,
    }
)
_IDS = ("orderId", "orderLinkId")
_FURTHER = ("triggerPrice", "takeProfit", "stopLoss", "tpLimitPrice", "slLimitPrice", "positionIdx")
_DONE, _UNREADABLE = Told(), Told(Category.UNKNOWN)
_THROTTLED = 10006
_RESET: str = FACTS["headers"]["reset"].lower()
_BAN_MS: int = FACTS["switches"]["ban_ms"]["default"]
_FORBIDDEN = 403
_BAN_TEXT: bytes = FACTS["conditions"]["banned"].encode()
"""Other 403 come from the network before the venue."""
_ACCOUNT: Interest = (Topic.ORDERS, "")
_BOOK = "orderbook"
_BEST = "1"
"""The depth that is told whole each time."""


class Interpreter:
    """Implements ``contracts.monitor.Interpreter``."""

    def __init__(self) -> None:
        orders, paths = FACTS["orders"], FACTS["streams"]["paths"]
        batches = (Operation.PLACE_BATCH, Operation.AMEND_BATCH, Operation.CANCEL_BATCH)
        self.customs = Customs(
            key_header=FACTS["headers"]["key"],
            window_ms=FACTS["time"]["window_ms"],
            window_ms_max=sys.maxsize,  # none is published
            ahead_ms=FACTS["time"]["ahead_ms"],
            client_id=orders["link_id"],
            batch_max=dict.fromkeys(batches, orders["batch_max"]),
            call_paths=(paths["private"], paths["trade"]),
            messages=(FACTS["trade"]["rate"], FACTS["limits"]["create"]["window_ms"]),
            pong_ms=FACTS["streams"]["idle_ms"],
            stream_ms=0,
            stream_key_ms=0,
        )

    def study(self, request: WireRequest) -> Study:
        """Take a request apart."""
        endpoint = _TABLE.get((request.method, request.path))
        signature = cut(request).signature
        if endpoint is None:
            return Study(known=False, signature=signature)
        params = _params(request)
        rows = _rows(endpoint, params)
        return Study(
            keyed=endpoint.signed,
            signed=endpoint.signed,
            signature=signature,
            orders=tuple(map(_order, rows)) if endpoint.operation in _ENTRIES else (),
            targets=tuple(_targets(rows)),
            costs=_costs(endpoint, len(rows)),
        )

    def told(self, trip: RoundTrip) -> Told:
        """Say what the answer of a round trip means."""
        reply, request = trip.reply, trip.request
        assert reply is not None
        if reply.status == _FORBIDDEN and _BAN_TEXT in reply.body.lower():
            return Told(Category.BANNED, str(_FORBIDDEN), _BAN_MS, banned=True)
        found = _parsed(reply.body)
        code = found.get("retCode") if isinstance(found, dict) else None
        if not isinstance(found, dict) or not isinstance(code, int):
            return _UNREADABLE
        if not code:
            return _success(trip.reading.operation, found)
        category = _category(code)
        gist = b"%b %b" % (request.query, request.body)
        asked = f"{request.method} {request.path} {gist.decode('latin-1')}"
        if code != _THROTTLED:
            return Told(category, str(code), asked=asked)
        reset = next((v for n, v in reply.headers if n.lower() == _RESET and v.isdecimal()), "0")
        silent_ms = max(0, int(reset) - (trip.replied_ms or 0))
        endpoint = _TABLE.get((request.method, request.path))
        pools = () if endpoint is None else (endpoint.name,)
        return Told(category, str(code), silent_ms, pools)

    def carried(self, frame: Frame) -> Carried:
        """Say what a pushed frame is about; of order and book events only."""
        if frame.topic not in (Topic.BOOK, Topic.ORDERS):
            return Carried()
        told = _parsed(frame.payload)
        name, data = (told.get("topic"), told.get("data")) if isinstance(told, dict) else ("", None)
        if isinstance(data, list) and data and isinstance(data[0], dict):
            return Carried(str(data[0].get("symbol", "")), str(data[0].get("orderLinkId", "")))
        update = data.get("u") if isinstance(data, dict) else None
        book = _book(str(name))
        if not book or not isinstance(update, int):
            return Carried()
        whole = told["type"] == "snapshot"
        return Carried(book, "", update, update - 1, whole=whole)

    def interests(self, stream: Stream) -> Collection[Interest]:
        """Return what a handshake subscribes to: nothing, messages do."""
        del stream
        return ()

    def wishes(self, payload: bytes) -> tuple[Collection[Interest], Collection[Interest]]:
        """Return what a message of the testee subscribes to, and what it gives up."""
        told = _parsed(payload)
        names = told.get("args") if isinstance(told, dict) else None
        if not isinstance(told, dict) or not isinstance(names, list):
            return (), ()
        interests = {_interest(name) for name in names if isinstance(name, str)}
        if told.get("op") == "subscribe":
            return interests, ()
        return (), interests if told.get("op") == "unsubscribe" else ()


def _interest(name: str) -> Interest:
    topic = topic_of(name)
    if topic is Topic.ORDERS:
        return _ACCOUNT
    return topic, (topic is Topic.BOOK and _book(name)) or name


def _book(name: str) -> str:
    """Return depth and symbol of a book that is told in changes, or nothing."""
    kind, _, book = name.partition(".")
    return book if kind == _BOOK and book.partition(".")[0] != _BEST else ""


def _params(request: WireRequest) -> Params:
    try:
        return parse(request)
    except Refused:
        return {}


def _rows(endpoint: Endpoint, params: Params) -> Sequence[Mapping[str, Any]]:
    """Return the orders that a request is about."""
    if not endpoint.batch:
        return (params,)
    rows = params.get("request")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else ()


def _order(row: Mapping[str, Any]) -> OrderText:
    """Return an order as it is spelt; its positionIdx stands among the numbers.

    A hedge's leg is closed by an order that names it *and* reduces only.
    """
    return OrderText(
        symbol=_text(row.get("symbol")),
        client_id=_text(row.get("orderLinkId")),
        venue_id=_text(row.get("orderId")),
        side=_text(row.get("side")),
        kind=_text(row.get("orderType")),
        price=_text(row.get("price")),
        quantity=_text(row.get("qty")),
        further=tuple([_text(row[name]) for name in _FURTHER if row.get(name) is not None]),
        reduce_only=row.get("reduceOnly") is True,
    )


def _targets(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield from (_text(row[name]) for name in _IDS if row.get(name))


def _costs(endpoint: Endpoint, orders: int) -> tuple[tuple[str, int], ...]:
    if not endpoint.signed:
        return (("requests", 1),)
    return (("requests", 1), (endpoint.name, max(1, orders)))


def _success(operation: Operation, found: Mapping[str, Any]) -> Told:
    if operation is Operation.BOOK:
        result = found.get("result")
        update = result.get("u") if isinstance(result, dict) else None
        return Told(sequence=update if isinstance(update, int) else 0)
    further = found.get("retExtInfo")
    rows = further.get("list") if isinstance(further, dict) else None
    return Told(refused=tuple(_refused(rows))) if isinstance(rows, list) else _DONE


def _refused(rows: Sequence[Any]) -> Iterator[tuple[int, Category]]:
    for position, row in enumerate(rows):
        code = row.get("code") if isinstance(row, dict) else None
        if isinstance(code, int) and code:
            yield position, _category(code)


def _category(code: int) -> Category:
    known = ERRORS.get(code)
    return Category.UNKNOWN if known is None else Category(known.category)


def _parsed(raw: bytes) -> Any:  # noqa: ANN401 - whatever was sent
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _text(value: object) -> str:
    return "" if value is None else str(value)
