"""WebSocket connections: public feeds, private topics, and trading by frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from conformance.contracts.dialect import Opened, Received
from conformance.model.events import Event
from conformance.model.ids import Millis, Symbol
from conformance.model.wire import Push, StreamId
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.answers import Answer
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.gate import Gate
from conformance.venues.bybit.server.tape import Tape
from conformance.venues.keys import Keyring

_PATHS = frozenset(FACTS["streams"]["paths"].values())


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
        self._desk = desk
        self._tapes = tapes
        self._gate = gate
        self._keys = keys
        self._act = act

    def open(self, stream: StreamId, path: str, query: str, at: Millis) -> Opened:
        """Answer a handshake."""
        del stream, query, at
        return Opened(accepted=path in _PATHS)

    def receive(self, stream: StreamId, payload: bytes, at: Millis) -> Received:
        """Answer one text frame; a call in it is carried out by ``act``."""
        del stream, payload, at
        return Received()

    def close(self, stream: StreamId, at: Millis) -> None:
        """Forget a stream."""
        del stream, at

    def note(self, event: Event, at: Millis) -> None:
        """Take note of one event; extras of orders say what held at this very step."""
        del event, at

    def settle(self, at: Millis) -> Sequence[Push]:
        """Close one command: return what is sent at once."""
        del at
        return ()

    def due(self) -> Millis | None:
        """Return when something is to be sent next, or None."""
        return None

    def tick(self, at: Millis) -> Sequence[Push]:
        """Send what is due."""
        del at
        return ()
