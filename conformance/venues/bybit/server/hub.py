"""WebSocket connections: who each one is, what it wants, and until when it may be idle.

Source: websocket/wss-authentication, 2026-07-24. A connection is cut when for its active time
neither a ping came nor anything was sent; a ticker of 30 s looks, so that it may take longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from conformance.model.ids import AccountId, Millis
from conformance.model.wire import Push, StreamId, Topic
from conformance.venues.bybit.facts import FACTS

IDLE_MS: Millis = FACTS["streams"]["idle_ms"]
LINES: Sequence[str] = FACTS["streams"]["lines"]
"""Product lines by which private topics may be narrowed down."""
_IDLE_MIN_MS: Millis = FACTS["streams"]["idle_min_ms"]
_LOOK_MS: Millis = FACTS["streams"]["look_ms"]
_CLOSE: int = FACTS["streams"]["close_code"]
_ACTIVE = re.compile(r"(\d{1,4})(s|m)", re.ASCII).fullmatch


@dataclass(slots=True, eq=False)
class Connection:
    """One open WebSocket."""

    stream: StreamId
    kind: str
    """Whom it speaks to: linear, inverse, spot, option, private, trade or status."""
    number: str
    """Its connection id."""
    used_ms: Millis
    """When a ping came last, or data was sent."""
    idle_ms: Millis = IDLE_MS
    topics: dict[str, None] = field(default_factory=dict)
    key: str = ""
    """The key that has logged on."""
    account: AccountId = ""


class Hub:
    """All connections, and who wants what."""

    def __init__(self) -> None:
        self.now: Millis = 0
        """The present instant, as it was told last."""
        self._connections: dict[StreamId, Connection] = {}
        self._hearing: dict[AccountId, set[StreamId]] = {}
        """Which connections may hear each account."""
        self._wanted: dict[str, list[Connection]] = {}

    def open(self, connection: Connection) -> None:
        """Take a connection in."""
        self._connections[connection.stream] = connection

    def connection(self, stream: StreamId) -> Connection | None:
        """Return an open connection, or None."""
        return self._connections.get(stream)

    def log_on(self, connection: Connection, key: str, account: AccountId) -> None:
        """Let a connection hear an account, if it hears none yet."""
        if not connection.account:
            connection.key, connection.account = key, account
            self._hearing.setdefault(account, set()).add(connection.stream)

    def close(self, stream: StreamId) -> tuple[str, ...]:
        """Forget a connection; return the channels nobody wants any more."""
        connection = self._connections.pop(stream, None)
        if connection is None:
            return ()
        self._hearing.get(connection.account, set()).discard(stream)
        return self.drop(connection, list(connection.topics))

    def want(self, connection: Connection, name: str) -> None:
        """Subscribe a connection."""
        connection.topics[name] = None
        self._wanted.setdefault(channel_of(connection, name), []).append(connection)

    def drop(self, connection: Connection, names: Iterable[str]) -> tuple[str, ...]:
        """Unsubscribe a connection; return the channels nobody wants any more."""
        gone = []
        for name in names:
            if name not in connection.topics:
                continue
            del connection.topics[name]
            channel = channel_of(connection, name)
            self._wanted[channel].remove(connection)
            if not self._wanted[channel]:
                del self._wanted[channel]
                gone.append(channel)
        return tuple(gone)

    def wanted(self, channel: str) -> bool:
        """Say whether anybody is subscribed to a channel."""
        return channel in self._wanted

    def heard(self, account: AccountId) -> bool:
        """Say whether any connection may hear an account."""
        return bool(self._hearing.get(account))

    def wants(self, account: AccountId, name: str) -> bool:
        """Say whether anybody hears a topic of an account, whole or for one product line."""
        channel, wanted = f"{account}/{name}", self._wanted
        return channel in wanted or any(f"{channel}.{line}" in wanted for line in LINES)

    def deliver(self, channel: str, topic: Topic, payload: bytes) -> list[Push]:
        """Return one push per listener, each of which counts as in use."""
        pushes = []
        for connection in self._wanted.get(channel, ()):
            connection.used_ms = self.now
            pushes.append(Push(connection.stream, topic, payload))
        return pushes

    def due(self) -> Millis | None:
        """Return when the ticker finds the next idle connection, or None."""
        ends = [c.used_ms + c.idle_ms for c in self._connections.values()]
        return None if not ends else -(-min(ends) // _LOOK_MS) * _LOOK_MS

    def tick(self, at: Millis) -> list[Push]:
        """Cut the connections that were idle for too long; one that hangs is cut again later."""
        pushes = []
        for connection in self._connections.values():
            if connection.used_ms + connection.idle_ms <= at:
                connection.used_ms = at
                pushes.append(Push(connection.stream, Topic.CONTROL, b"", _CLOSE))
        return pushes


def channel_of(connection: Connection, name: str) -> str:
    """Return under which name a connection hears a topic: an account's own ones are its alone."""
    return f"{connection.account}/{name}" if connection.account else name


def active_ms(query: str) -> Millis:
    """Return the active time that a handshake asks for (``max_active_time``), within its bounds."""
    asked = _ACTIVE(dict(parse_qsl(query)).get("max_active_time", ""))
    if asked is None:
        return IDLE_MS
    length = int(asked[1]) * (60_000 if asked[2] == "m" else 1000)
    return min(max(length, _IDLE_MIN_MS), IDLE_MS)
