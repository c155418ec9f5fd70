"""The server half's front: requests, streams, commands and time go through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from conformance.contracts.core import Core
from conformance.contracts.dialect import ErrorRow, Opened, Received, Served
from conformance.model.events import (
    BalanceChanged,
    BookChanged,
    Cause,
    Event,
    FundingCharged,
    IndexChanged,
    MarginMoved,
    MarkChanged,
    OrderAmended,
    OrderExpired,
    OrderFilled,
    PhaseChanged,
    TradePrinted,
)
from conformance.model.ids import AccountId, Millis
from conformance.model.records import FillRecord, OrderRecord
from conformance.model.wire import (
    Condition,
    Headers,
    Operation,
    Push,
    Reading,
    StreamId,
    Topic,
    WireReply,
    WireRequest,
)
from conformance.venues.binance_usdm.facts import ERAS, FACTS, Endpoint
from conformance.venues.binance_usdm.server import conditions, sight
from conformance.venues.binance_usdm.server.alarms import Alarms
from conformance.venues.binance_usdm.server.broadcast import Broadcast
from conformance.venues.binance_usdm.server.call import Call, Keyring
from conformance.venues.binance_usdm.server.courier import Courier
from conformance.venues.binance_usdm.server.desk import Desk, extras
from conformance.venues.binance_usdm.server.dialogue import PATH, Dialogue
from conformance.venues.binance_usdm.server.fashion import Fashion
from conformance.venues.binance_usdm.server.gate import Gate
from conformance.venues.binance_usdm.server.hub import Hub
from conformance.venues.binance_usdm.server.refusals import Refused, error_body
from conformance.venues.binance_usdm.server.reports import Reports
from conformance.venues.binance_usdm.server.routes import Offices, handlers, open_offices
from conformance.venues.binance_usdm.server.sessions import Sessions
from conformance.venues.binance_usdm.server.statements import Statements
from conformance.venues.binance_usdm.server.streams import Streams
from conformance.venues.binance_usdm.server.tape import Tape
from conformance.venues.front import Front
from conformance.venues.switches import chosen as choose

Ear: TypeAlias = Callable[[Any, Millis], None]
_ALWAYS = frozenset({"timestamp", "recvwindow", "signature"})


class Server(Front):
    """Binance USDⓈ-M (implements ``contracts.dialect.ServerHalf``).

    ``switches`` overrides the defaults of ``facts.toml``; raises UsageError for one that is not
    listed there, or for a value that is none of its choices.
    """

    def __init__(self, core: Core, switches: Mapping[str, Any]) -> None:
        chosen = _chosen(switches)
        self._keys: Keyring
        super().__init__(core, Keyring(chosen["verify"]))
        self._lower: bool = chosen["lower_case_names"]
        self._strict: bool = chosen["strict_params"]
        self._gate = Gate(chosen)
        self._desk = Desk(core, chosen)
        self._desk.publish = self._publish
        tapes = {symbol: Tape(terms, core) for symbol, terms in self._desk.terms.items()}
        self._fashion = Fashion(ERAS[chosen["era"]])
        hub = Hub(chosen, self._fashion)
        self._broadcast = Broadcast(tapes, core, hub)
        self._sessions = Sessions(self._desk, hub)
        self._streams = Streams(hub, self._broadcast, self._sessions)
        courier = Courier(hub, self._sessions)
        self._reports = Reports(self._desk, courier, Statements(self._desk, courier))
        self._reports.also(Alarms(self._desk, courier).tellers)
        offices = open_offices(self._desk, tapes, self._sessions)
        self._handlers = handlers(offices)
        self._ears = _ears(offices, self._broadcast)
        self._dialogue = Dialogue(self._gate, self._keys, self._desk.require_active, chosen)
        self._dialogue.serve(self._handlers, {"v2/account.status": offices.accounts.status})

    def read(self, request: WireRequest, at: Millis) -> Reading:
        """Say what a request is about without executing it."""
        return Call(request, at, self._keys).reading()

    def handle(self, request: WireRequest, at: Millis) -> Served:
        """Check, apply, reply, and push what follows."""
        self._catch_up(at)
        call = Call(request, at, self._keys)
        endpoint = call.endpoint
        if endpoint is None:
            call.code = "404"
            return Served(_not_found(request, at), call.reading(), self._sent())
        try:
            body = self._answer(call, endpoint)
        except Refused as refused:
            call.code = str(refused.code)
            reply = self._refused(call, refused)
        else:
            raw = body.encode() if isinstance(body, str) else body
            if self._fashion:
                raw = self._fashion.reply(endpoint.name, raw)
            reply = WireReply(200, raw, self._gate.headers(call, served=True))
        return Served(reply, call.reading(), self._sent())

    def open(self, stream: StreamId, path: str, query: str, headers: Headers, at: Millis) -> Opened:
        """Answer a WebSocket handshake."""
        del headers
        if path == PATH:
            return self._dialogue.open(stream, query, at)
        return self._streams.open(stream, path, query, at)

    def receive(self, stream: StreamId, payload: bytes, at: Millis) -> Received:
        """Answer one text frame."""
        if not self._dialogue.speaks(stream):
            return self._streams.receive(stream, payload, at)
        self._catch_up(at)
        received = self._dialogue.receive(stream, payload, at)
        received.pushes = [*received.pushes, *self._sent()]
        return received

    def close(self, stream: StreamId, at: Millis) -> None:
        """Forget a stream."""
        del at
        self._streams.close(stream)
        self._dialogue.close(stream)

    def due(self) -> Millis | None:
        """Return when something is to be pushed or to happen by itself next, or None."""
        first = self._core.due()
        for due in (self._broadcast.due(), self._sessions.due()):
            if due is not None and (first is None or due < first):
                first = due
        return first

    def tick(self, at: Millis) -> Sequence[Push]:
        """Let happen what is due up to and including ``at``."""
        self._catch_up(at)
        self._outbox += self._broadcast.tick(at)
        self._outbox += self._sessions.tick(at)
        return self._sent()

    def refusal(
        self,
        condition: Condition,
        operation: Operation,
        at: Millis,
        *,
        retry_after_ms: int | None = None,
        text: str = "",
    ) -> WireReply:
        """Say a trouble in the venue's own words."""
        return conditions.refusal(
            condition, operation, at, retry_after_ms=retry_after_ms, text=text
        )

    def documented(self, row: ErrorRow, text: str = "") -> WireReply:
        """Say one row of the error table; ``text`` replaces its message."""
        return WireReply(row.status, error_body(int(row.code), text or row.text))

    def expire_stream_key(self, account: AccountId, at: Millis) -> Sequence[Push]:
        """End the account's listen key as the venue does when nobody extends it."""
        return self._sessions.expire(account, at)

    def topic(self, text: bytes) -> Topic:
        """Say what a frame that the venue pushed is about."""
        return sight.topic(text)

    def private(self, path: str, query: str) -> bool:
        """Say whether a handshake asks for account events."""
        return sight.private(path, query)

    def code(self, reply: WireReply) -> str:
        """Return the venue's code of a refusal, or nothing."""
        return sight.code(reply)

    def order_id(self, order: OrderRecord) -> str:
        """Return the id of an order."""
        return str(order.order_id)

    def trade_id(self, fill: FillRecord) -> str:
        """Return the id of an execution."""
        return str(fill.trade_id)

    def _answer(self, call: Call, endpoint: Endpoint) -> str | bytes:
        self._gate.admit(call, endpoint)
        if endpoint.keyed:
            self._desk.require_active(call.account)
        if self._strict:
            _check_names(call, endpoint)
        return self._handlers[endpoint.name](call)

    def _refused(self, call: Call, refused: Refused) -> WireReply:
        headers = self._gate.headers(call, served=False)
        headers += self._gate.retry_after(refused.status, refused.code, call.peer, call.at)
        return WireReply(refused.status, refused.body(lower=self._lower), headers)

    def _publish(self, events: tuple[Event, ...], at: Millis) -> None:
        ears = self._ears
        for event in events:
            ear = ears.get(type(event))
            if ear is not None:
                ear(event, at)
        self._outbox += self._reports.tell(events, at)
        self._outbox += self._broadcast.settle(at)


def _ears(offices: Offices, broadcast: Broadcast) -> dict[type, Ear]:
    """Return who takes note of which event, beside those who tell it to its owner."""

    def ended(event: OrderExpired, _at: Millis) -> None:
        if event.cause is Cause.SELF_TRADE:
            event.order.tag = extras(event.order)._replace(self_matched=True)

    def filled(event: OrderFilled, at: Millis) -> None:
        if event.order.forced is not None:
            broadcast.on_notice(event, at)

    return {
        BookChanged: broadcast.on_book,
        TradePrinted: broadcast.on_trade,
        OrderFilled: filled,
        OrderExpired: ended,
        PhaseChanged: broadcast.on_notice,
        MarkChanged: offices.indicators.gauges.note,
        IndexChanged: offices.indicators.gauges.note,
        OrderAmended: offices.history.note,
        BalanceChanged: offices.income.note_balance,
        FundingCharged: offices.income.note_funding,
        MarginMoved: offices.settings.note,
    }


def _chosen(switches: Mapping[str, Any]) -> dict[str, Any]:
    """Return every switch; one that is set by hand beats its era."""
    given = choose(FACTS, switches)
    return {**given, **ERAS[given["era"]].switches, **switches}


def _check_names(call: Call, endpoint: Endpoint) -> None:
    """Refuse parameters the endpoint does not know (switch ``strict_params``)."""
    known = {name.lower() for name in endpoint.required + endpoint.optional} | _ALWAYS
    read = len(call.params.keys() & known)
    if read != len(call.params):
        text = "Not all sent parameters were read; read '%d' parameter(s) but was sent '%d'."
        raise Refused(-1104, text % (read, len(call.params)))


def _not_found(request: WireRequest, at: Millis) -> WireReply:
    body = {"timestamp": at, "status": 404, "error": "Not Found", "path": request.path}
    return WireReply(404, orjson.dumps(body))
