"""What happens on a WebSocket: handshakes, control messages, and the end of it."""

from __future__ import annotations

from conformance.contracts.dialect import Opened, Received
from conformance.model.ids import Millis
from conformance.model.wire import Push, StreamId, Topic, WireReply
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.broadcast import Broadcast
from conformance.venues.binance_usdm.server.control import Control, answer
from conformance.venues.binance_usdm.server.hub import PRIVATE, Connection, Hub, wish
from conformance.venues.binance_usdm.server.sessions import Sessions

_CLOSE: int = FACTS["streams"]["close_code"]
_STREAMS_MAX: int = FACTS["streams"]["streams_max"]
_NOT_FOUND = WireReply(404, b"Not Found", content_type="text/plain")


class Streams:
    """The WebSocket side of the venue."""

    def __init__(self, hub: Hub, broadcast: Broadcast, sessions: Sessions) -> None:
        self._hub = hub
        self._broadcast = broadcast
        self._sessions = sessions

    def open(self, stream: StreamId, path: str, query: str, at: Millis) -> Opened:
        """Answer a handshake; a listen key that is not in force is taken and stays silent."""
        asked = wish(path, query)
        connection = None if asked is None else self._hub.open(stream, asked)
        if asked is None or connection is None:
            return Opened(accepted=False, reply=_NOT_FOUND)
        for name in asked.names:
            events = asked.events if self._sessions.owner(name) else None
            self._want(connection, name, at, events)
        for key in asked.keys:
            self._want(connection, key, at, asked.events)
        return Opened(accepted=True, private=connection.private)

    def receive(self, stream: StreamId, payload: bytes, at: Millis) -> Received:
        """Answer one text frame."""
        connection = self._hub.connection(stream)
        if connection is None:
            return Received()
        if not connection.hear(at):
            return Received(close_code=_CLOSE)
        was_private = connection.private

        def combine(value: bool) -> None:  # noqa: FBT001 - the property's value
            connection.combined = value

        said = answer(
            payload,
            Control(
                subscribe=lambda names: self._subscribe(connection, names, at),
                unsubscribe=lambda names: self._broadcast.stop(self._hub.drop(connection, names)),
                listed=lambda: list(dict.fromkeys(connection.names)),
                combined=lambda: connection.combined,
                combine=combine,
            ),
        )
        return Received(
            pushes=(Push(stream, Topic.CONTROL, said.text),),
            close_code=_CLOSE if said.fatal else None,
            private=connection.private and not was_private,
        )

    def close(self, stream: StreamId) -> None:
        """Forget a connection."""
        self._broadcast.stop(self._hub.close(stream))

    def _subscribe(self, connection: Connection, names: list[str], at: Millis) -> None:
        for name in names:
            if len(connection.names) >= _STREAMS_MAX:
                return
            self._want(connection, name, at, None)

    def _want(
        self, connection: Connection, name: str, at: Millis, events: frozenset[str] | None
    ) -> None:
        """Subscribe; a market stream counts once, a listen key once for each time."""
        owned = self._sessions.owner(name) is not None
        if not owned and name in connection.names:
            return
        self._hub.want(connection, name, events)
        if not owned:
            self._broadcast.start(name, at)
        elif self._hub.carries(connection, PRIVATE):
            connection.private = True
