"""The server half's front: requests, streams, commands and time go through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

from conformance.contracts.core import Core
from conformance.contracts.dialect import ErrorRow, Opened, Received, Served
from conformance.model.events import (
    BalanceChanged,
    BookChanged,
    ConditionalAccepted,
    ConditionalCancelled,
    ConditionalExpired,
    ConditionalTriggered,
    Event,
    FundingCharged,
    IndexChanged,
    MarkChanged,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    PhaseChanged,
    PositionChanged,
    SettlementSet,
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
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server import conditions, sight
from conformance.venues.bybit.server.answers import Answer, Refused, envelope
from conformance.venues.bybit.server.call import Call, call_of
from conformance.venues.bybit.server.desk import PLAIN, Desk, Extras, extras
from conformance.venues.bybit.server.exits import Exits
from conformance.venues.bybit.server.gate import Gate
from conformance.venues.bybit.server.routes import handlers, open_offices
from conformance.venues.bybit.server.selftrade import SelfTrades
from conformance.venues.bybit.server.streams import Streams
from conformance.venues.bybit.server.tape import Tape
from conformance.venues.front import Front
from conformance.venues.keys import Keyring
from conformance.venues.switches import chosen as choose

Ear: TypeAlias = Callable[[Any, Millis], None]
_NAMES = FACTS["headers"]


class Server(Front):
    """Bybit v5 (implements ``contracts.dialect.ServerHalf``).

    ``switches`` overrides the defaults of ``facts.toml``; raises UsageError for one that is not
    listed there, or for a value that is none of its choices.
    """

    def __init__(self, core: Core, switches: Mapping[str, Any]) -> None:
        chosen = choose(FACTS, switches)
        super().__init__(core, Keyring())
        self._seed = chosen["seed"]
        self._answered = 0
        self._gate = Gate(chosen)
        self._desk = Desk(core, chosen)
        self._desk.publish = self._publish
        self._tapes = {symbol: Tape(symbol) for symbol in self._desk.terms}
        offices = open_offices(self._desk, self._tapes)
        self._handlers = handlers(offices)
        self._exits = Exits(self._desk)
        self._self_trades = SelfTrades(core, self._desk.ids)
        self._streams = Streams(self._desk, self._tapes, self._gate, self._keys, self._act)
        self._ears: dict[type, Ear] = {
            BookChanged: self._on_book,
            OrderFilled: self._on_fill,
            OrderCancelled: _ended,
            OrderAccepted: self._on_entry,
            OrderAmended: self._on_entry,
            OrderExpired: self._on_expiry,
            ConditionalCancelled: _ended_waiting,
            ConditionalExpired: _ended_waiting,
            ConditionalAccepted: self._exits.on_accepted,
            ConditionalTriggered: self._exits.on_triggered,
            PositionChanged: self._on_position,
            BalanceChanged: self._desk.diary.on_balance,
            FundingCharged: self._desk.diary.on_funding,
            MarkChanged: offices.market.gauges.note,
            IndexChanged: offices.market.gauges.note,
            SettlementSet: offices.tables.on_settlement,
            PhaseChanged: offices.tables.on_phase,
        }

    def read(self, request: WireRequest, at: Millis) -> Reading:
        """Say what a request is about without executing it."""
        return call_of(request, at, self._keys).reading()

    def handle(self, request: WireRequest, at: Millis) -> Served:
        """Check, apply, reply, and push what follows."""
        self._catch_up(at)
        call = call_of(request, at, self._keys)
        reply = self._reply(call, request)
        return Served(reply, call.reading(), self._sent())

    def open(self, stream: StreamId, path: str, query: str, headers: Headers, at: Millis) -> Opened:
        """Answer a WebSocket handshake."""
        del headers
        return self._streams.open(stream, path, query, at)

    def receive(self, stream: StreamId, payload: bytes, at: Millis) -> Received:
        """Answer one text frame."""
        self._catch_up(at)
        received = self._streams.receive(stream, payload, at)
        received.pushes = [*received.pushes, *self._sent()]
        return received

    def close(self, stream: StreamId, at: Millis) -> None:
        """Forget a stream."""
        self._streams.close(stream, at)

    def due(self) -> Millis | None:
        """Return when something is to be pushed or to happen by itself next, or None."""
        dues = (self._core.due(), self._streams.due())
        return min((due for due in dues if due is not None), default=None)

    def tick(self, at: Millis) -> Sequence[Push]:
        """Let happen what is due up to and including ``at``."""
        self._catch_up(at)
        self._outbox += self._streams.tick(at)
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
        return WireReply(row.status, envelope(int(row.code), Answer(text=text or row.text), 0))

    def expire_stream_key(self, account: AccountId, at: Millis) -> Sequence[Push]:
        """Do nothing: streams log in with the account's own key here."""
        del account, at
        return ()

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
        return self._desk.ids.order(order)

    def trade_id(self, fill: FillRecord) -> str:
        """Return the id of an execution."""
        return self._desk.ids.execution(fill)

    def _reply(self, call: Call, request: WireRequest) -> WireReply:
        """Answer a request, and say in ``call.code`` what it was refused for."""
        try:
            self._gate.knock(request, call.at)
            answer = self._act(call)
        except Refused as refused:
            if refused.status == 403:
                call.code = "403"
                return conditions.forbidden()
            call.code = str(refused.code)
            body = envelope(refused.code, refused.answer, call.at)
            return WireReply(refused.status, body, self._headers(call))
        return WireReply(200, envelope(0, answer, call.at), self._headers(call))

    def _act(self, call: Call) -> Answer:
        """Check one call and carry it out; raise Refused."""
        endpoint = call.endpoint
        if endpoint is None:
            raise Refused(10017, status=404)
        self._gate.admit(call, endpoint)
        if endpoint.signed:
            self._desk.welcome(call.account, call.at)
        return self._handlers[endpoint.name](call)

    def _headers(self, call: Call) -> Headers:
        self._answered += 1
        trace = sha256(f"{self._seed}:{self._answered}".encode()).hexdigest()[:32]
        passing = ((_NAMES["trace"], trace), (_NAMES["now"], str(call.at)))
        return self._gate.headers(call) + passing

    def _catch_up(self, at: Millis) -> None:
        self._desk.premiums.sample(at)
        super()._catch_up(at)

    def _publish(self, events: tuple[Event, ...], at: Millis) -> None:
        ears, streams = self._ears, self._streams
        for event in events:
            ear = ears.get(type(event))
            if ear is not None:
                ear(event, at)
            streams.note(event, at)
        self._self_trades.settle()
        self._outbox += streams.settle(at)
        self._exits.settle(at)

    def _on_entry(self, event: OrderAccepted | OrderAmended, _at: Millis) -> None:
        self._self_trades.on_entry(event)

    def _on_expiry(self, event: OrderExpired, at: Millis) -> None:
        _ended(event, at)
        self._self_trades.on_end(event)

    def _on_position(self, event: PositionChanged, at: Millis) -> None:
        self._desk.diary.on_position(event, at)
        self._exits.on_position(event)

    def _on_book(self, event: BookChanged, at: Millis) -> None:
        self._tapes[event.symbol].change(at)

    def _on_fill(self, event: OrderFilled, at: Millis) -> None:
        execution = self._desk.diary.on_fill(event, at)
        before = extras(event.order)
        event.order.tag = before._replace(
            fee=before.fee + event.fill.fee, closed=before.closed + execution.brought
        )


def _ended(event: OrderCancelled | OrderExpired, _at: Millis) -> None:
    extra = extras(event.order)
    if extra.ended is None:
        event.order.tag = extra._replace(ended=event.cause)


def _ended_waiting(event: ConditionalCancelled | ConditionalExpired, _at: Millis) -> None:
    record, tag = event.conditional, event.conditional.command.tag
    extra = tag if isinstance(tag, Extras) else PLAIN
    if extra.ended is None:
        record.command = record.command._replace(tag=extra._replace(ended=event.cause))
