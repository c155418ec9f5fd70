"""WebSocket connections: public feeds, private topics, and trading by frames.

Source: websocket/wss-authentication, 2026-07-24. A request to subscribe is refused as a whole when
any of its topics is unknown, or subscribed to already (ccxt #30284, 2026-09).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias
from uuid import UUID

from conformance.contracts.dialect import Opened, Received
from conformance.model.events import (
    BookChanged,
    Event,
    FundingSet,
    IndexChanged,
    LastChanged,
    MarkChanged,
    OrderFilled,
    PhaseChanged,
    TradePrinted,
)
from conformance.model.ids import Millis, Symbol
from conformance.model.wire import Push, StreamId, Topic, WireReply
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.absence import TOPIC as DCP
from conformance.venues.bybit.server.absence import Absence
from conformance.venues.bybit.server.answers import Answer, Refused
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.conditions import forbidden
from conformance.venues.bybit.server.control import (
    PRIVATE,
    SPOT,
    TEXTS,
    TRADE,
    Message,
    Unread,
    answer,
    pong,
    read,
)
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.dialogue import Dialogue
from conformance.venues.bybit.server.gate import Gate
from conformance.venues.bybit.server.hub import LINES, Connection, Hub, active_ms
from conformance.venues.bybit.server.login import log_on
from conformance.venues.bybit.server.public import Public
from conformance.venues.bybit.server.reports import Reports
from conformance.venues.bybit.server.tape import Tape
from conformance.venues.keys import Keyring
from conformance.venues.pools import Rolling

Ear: TypeAlias = Callable[[Any, Millis], None]

_KINDS: Mapping[str, str] = {
    path: kind for table in ("paths", "further") for kind, path in FACTS["streams"][table].items()
}
_NEITHER = ("position", "spot")
"""There are no positions of the spot market."""
_LENGTH_MAX: int = FACTS["streams"]["args_chars_max"]
_SPOT_MAX: int = FACTS["streams"]["spot_args_max"]
_BY_LINE: Sequence[str] = FACTS["streams"]["topics_by_line"]
_OWN = frozenset(
    [
        *FACTS["streams"]["topics"],
        *_BY_LINE,
        *[f"{name}.{line}" for name in _BY_LINE for line in LINES if (name, line) != _NEITHER],
    ]
)
"""What can be heard of an account."""
_CONNECTIONS_MS: Millis = FACTS["streams"]["connections_ms"]
_NOT_FOUND = WireReply(404, b"404 page not found", content_type="text/plain")
_MACHINE = 20
"""Digits that name the machine in an id of a private connection."""


class Streams:
    """All connections.

    ``act`` checks and carries out one call that came by a frame of the trade stream, as if it had
    come by HTTP; it raises Refused. What it causes reaches ``note`` and ``settle`` before it
    returns.
    """

    def __init__(
        self,
        desk: Desk,
        tapes: Mapping[Symbol, Tape],
        gate: Gate,
        keys: Keyring,
        act: Callable[[Call], Answer],
    ) -> None:
        self._switches = desk.switches
        self._keys = keys
        self._hub = Hub()
        self._public = Public(desk, tapes, self._hub)
        self._reports = Reports(desk, self._hub)
        self._absence = Absence(desk, self._hub)
        self._dialogue = Dialogue(gate, keys, act, desk.switches)
        notice = self._public.on_notice
        self._ears: Mapping[type, Ear] = {
            BookChanged: self._public.on_book,
            TradePrinted: self._public.on_trade,
            OrderFilled: notice,
            PhaseChanged: notice,
            MarkChanged: notice,
            IndexChanged: notice,
            LastChanged: notice,
            FundingSet: notice,
        }
        self._opened = 0
        self._handshakes = Rolling(desk.switches["connections_max"], _CONNECTIONS_MS)

    def open(self, stream: StreamId, path: str, query: str, at: Millis) -> Opened:
        """Answer a handshake; the demo environment has no trade stream."""
        counted = self._switches["connections_max"]
        if counted and not self._handshakes.charge("", 1, at):
            return Opened(accepted=False, reply=forbidden())
        kind = _KINDS.get(path)
        if kind is None or (kind == TRADE and self._switches["environment"] == "demo"):
            return Opened(accepted=False, reply=_NOT_FOUND)
        self._hub.open(Connection(stream, kind, self._number(kind), at, active_ms(query)))
        return Opened(accepted=True)

    def receive(self, stream: StreamId, payload: bytes, at: Millis) -> Received:
        """Answer one text frame; a call in it is carried out by ``act``."""
        connection = self._hub.connection(stream)
        if connection is None:
            return Received()
        self._hub.now = at
        if connection.kind == TRADE:
            connection.used_ms = at
            said = self._dialogue.receive(connection, payload, at)
            return Received((Push(stream, Topic.CONTROL, said),))
        was = connection.account
        pushes = self._answer(connection, payload, at)
        return Received(pushes, private=connection.account != was)

    def close(self, stream: StreamId, at: Millis) -> None:
        """Forget a stream."""
        connection = self._hub.connection(stream)
        watched = connection is not None and DCP in connection.topics
        self._public.stop(self._hub.close(stream))
        self._dialogue.close(stream)
        if connection is not None and watched:
            self._absence.left(connection.account, at)

    def note(self, event: Event, at: Millis) -> None:
        """Take note of one event; extras of orders say what held at this very step."""
        ear = self._ears.get(type(event))
        if ear is not None:
            ear(event, at)
        self._reports.note(event)

    def settle(self, at: Millis) -> Sequence[Push]:
        """Close one command: return what is sent at once."""
        self._hub.now = at
        return [*self._public.settle(at), *self._reports.settle(at)]

    def due(self) -> Millis | None:
        """Return when something is to be sent next, or None."""
        dues = (self._public.due(), self._hub.due())
        return min((due for due in dues if due is not None), default=None)

    def tick(self, at: Millis) -> Sequence[Push]:
        """Send what is due."""
        self._hub.now = at
        return [*self._public.tick(at), *self._hub.tick(at)]

    def _answer(self, connection: Connection, payload: bytes, at: Millis) -> list[Push]:
        """Answer a control message; what a subscriber gets first comes behind the answer."""
        pushes: list[Push] = []
        try:
            message = read(payload)
        except Unread as unread:
            said = answer(connection, unread.message, unread.text)
            return [Push(connection.stream, Topic.CONTROL, said)]
        if message.op == "pong":
            connection.used_ms = at
            return []
        if message.op == "ping":
            connection.used_ms = at
            said = pong(connection, message, at)
        else:
            trouble = self._act(connection, message, at, pushes)
            said = answer(connection, message, trouble)
        return [Push(connection.stream, Topic.CONTROL, said), *pushes]

    def _act(self, connection: Connection, message: Message, at: Millis, pushes: list[Push]) -> str:
        """Carry out a message; return why it is refused, or nothing."""
        if message.op == "auth" and connection.kind == PRIVATE:
            return self._log_on(connection, message, at)
        if message.op not in ("subscribe", "unsubscribe"):
            return TEXTS["invalid_op"]
        if connection.kind == PRIVATE and not connection.account:
            return TEXTS["unauthorised"]
        names = [str(name) for name in message.args]
        if message.op == "unsubscribe":
            self._public.stop(self._hub.drop(connection, names))
            return ""
        trouble = self._trouble(connection, names, at)
        for name in () if trouble else names:
            pushes += self._join(connection, name, at)
        return trouble

    def _log_on(self, connection: Connection, message: Message, at: Millis) -> str:
        try:
            self._hub.log_on(connection, *log_on(message.args, self._keys, at))
        except Refused:
            return TEXTS["params"]
        return ""

    def _trouble(self, connection: Connection, names: Sequence[str], at: Millis) -> str:
        """Return why a connection may not hear some topics, or nothing."""
        most = _SPOT_MAX if connection.kind == SPOT and len(names) > _SPOT_MAX else 0
        if sum(map(len, [*connection.topics, *names])) > _LENGTH_MAX:
            most = _LENGTH_MAX
        if most:
            return TEXTS["too_many"].format(most=most)
        if not names or (connection.kind == PRIVATE and _mixed(names)):
            return TEXTS["params"]
        seen = set(connection.topics)
        for name in names:
            if name in seen or not self._served(connection, name, at):
                text = TEXTS["already" if name in seen else "no_handler"]
                return text.format(topic=name)
            seen.add(name)
        return ""

    def _served(self, connection: Connection, name: str, at: Millis) -> bool:
        if connection.kind == PRIVATE:
            return name in _OWN
        return self._public.serves(connection, name, at)

    def _join(self, connection: Connection, name: str, at: Millis) -> list[Push]:
        """Let a connection hear a topic; nothing is told of an account at first."""
        if connection.kind != PRIVATE:
            return self._public.join(connection, name, at)
        self._hub.want(connection, name)
        if name == DCP:
            self._absence.back(connection.account, at)
        return []

    def _number(self, kind: str) -> str:
        """Return the id of a new connection: a UUID, or (private ones) machine and count."""
        self._opened += 1
        digest = sha256(f"{self._switches['seed']}:stream:{self._opened}".encode()).hexdigest()
        if kind in (PRIVATE, TRADE):
            return f"{digest[:_MACHINE]}-{self._opened:x}"
        return str(UUID(digest[:32]))


def _mixed(names: Sequence[str]) -> bool:
    """Say whether a topic is asked for both whole and for one product line."""
    return any(f"{name}.{line}" in names for name in _BY_LINE if name in names for line in LINES)
