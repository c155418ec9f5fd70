"""WebSocket connections: which stream names each one wants, and how it wants them.

Source: usds-margined-futures/websocket-market-streams and Important-WebSocket-Change-Notice,
2026-05-28. A name of another route is acknowledged and stays silent; the private route may mix
listen keys with market streams.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import orjson

from conformance.model.ids import Millis
from conformance.model.wire import Push, StreamId, Topic
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.fashion import Fashion

PRIVATE = "private"
ROUTES: tuple[str, ...] = tuple(FACTS["streams"]["routes"])
_INBOUND_MAX: int = FACTS["limits"]["inbound"]["units"]
_INBOUND_MS: Millis = FACTS["limits"]["inbound"]["window_ms"]


@dataclass(slots=True, eq=False)
class Connection:
    """One open WebSocket."""

    stream: StreamId
    route: str
    """public, market, private, or nothing for the old unrouted paths."""
    combined: bool
    """True when frames come in an envelope that names their stream."""
    names: list[str] = field(default_factory=list)
    private: bool = False
    _window: Millis = -1
    _heard: int = 0

    def hear(self, at: Millis) -> bool:
        """Count one inbound message; return False when there were too many this second."""
        window = at // _INBOUND_MS
        self._heard = self._heard + 1 if window == self._window else 1
        self._window = window
        return self._heard <= _INBOUND_MAX


class Wish(NamedTuple):
    """What a handshake asks for."""

    route: str
    combined: bool
    names: tuple[str, ...]
    keys: tuple[str, ...]
    events: frozenset[str] | None
    """Only these user events; None for all."""


class Subscription(NamedTuple):
    """One connection's interest in one name."""

    connection: Connection
    events: frozenset[str] | None = None


def wish(path: str, query: str) -> Wish | None:
    """Return what a handshake asks for, or None when there is no such path."""
    parts = [unquote(part) for part in path.split("/") if part]
    route = parts.pop(0) if parts and parts[0] in ROUTES else ""
    if not parts or parts[0] not in ("ws", "stream"):
        return None
    combined = parts[0] == "stream"
    fields = parse_qsl(query, keep_blank_values=True)
    names = [] if combined else parts[1:]
    if combined:
        names = [n for key, value in fields if key == "streams" for n in value.split("/") if n]
    keys = tuple(value for name, value in fields if name == "listenKey" and value)
    events = [e for name, value in fields if name == "events" for e in value.split("/") if e]
    return Wish(route, combined, tuple(names), keys, frozenset(events) if events else None)


class Hub:
    """All connections, and who wants what."""

    def __init__(self, switches: Mapping[str, Any], fashion: Fashion) -> None:
        self._unrouted: str = switches["unrouted_streams"]
        self._strict: bool = switches["wrong_route"] == "silent"
        self._routed: bool = switches["routed_streams"]
        self._fashion = fashion
        self._connections: dict[StreamId, Connection] = {}
        self._wanted: dict[str, list[Subscription]] = {}

    def open(self, stream: StreamId, asked: Wish) -> Connection | None:
        """Take a connection in; None when its route does not exist, or is refused."""
        allowed = self._routed if asked.route else self._unrouted != "refuse"
        if not allowed:
            return None
        connection = Connection(stream, asked.route, asked.combined)
        self._connections[stream] = connection
        return connection

    def connection(self, stream: StreamId) -> Connection | None:
        """Return an open connection, or None."""
        return self._connections.get(stream)

    def close(self, stream: StreamId) -> tuple[str, ...]:
        """Forget a connection; return the names nobody wants any more."""
        connection = self._connections.pop(stream, None)
        if connection is None:
            return ()
        return self.drop(connection, dict.fromkeys(connection.names))

    def want(self, connection: Connection, name: str, events: frozenset[str] | None = None) -> None:
        """Subscribe a connection to a name; a second time doubles its frames."""
        connection.names.append(name)
        self._wanted.setdefault(name, []).append(Subscription(connection, events))

    def drop(self, connection: Connection, names: Iterable[str]) -> tuple[str, ...]:
        """Unsubscribe a connection; return the names nobody wants any more."""
        gone = []
        for name in names:
            if name not in connection.names:
                continue
            connection.names = [kept for kept in connection.names if kept != name]
            left = [each for each in self._wanted[name] if each.connection is not connection]
            if left:
                self._wanted[name] = left
            else:
                del self._wanted[name]
                gone.append(name)
        return tuple(gone)

    def listeners(self, name: str, route: str) -> list[Subscription]:
        """Return who gets the frames of a name that belongs to ``route``."""
        found = self._wanted.get(name)
        if not found:
            return []
        return [each for each in found if self.carries(each.connection, route)]

    def wanted(self, name: str) -> bool:
        """Say whether anybody asked for a name."""
        return name in self._wanted

    def deliver(
        self, name: str, route: str, topic: Topic, payload: bytes, event: str = ""
    ) -> list[Push]:
        """Return one push per listener; each form of the frame is rendered once."""
        pushes = []
        wrapped = b""
        if self._fashion:
            payload = self._fashion.frame(payload)
        for connection, events in self._wanted.get(name, ()):
            if connection.route != route and not self.carries(connection, route):
                continue
            if events is not None and event and event not in events:
                continue
            if connection.combined and not wrapped:
                wrapped = b'{"stream":%b,"data":%b}' % (orjson.dumps(name), payload)
            text = wrapped if connection.combined else payload
            pushes.append(Push(connection.stream, topic, text))
        return pushes

    def carries(self, connection: Connection, route: str) -> bool:
        """Say whether a connection gets the frames of a route."""
        if connection.route == route:
            return True
        if not connection.route:
            return self._unrouted == "all" or route == "public"
        if route == PRIVATE:
            return False
        return connection.route == PRIVATE or not self._strict
