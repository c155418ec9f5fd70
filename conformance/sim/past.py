"""The venue as it was a while ago: a second server half that is fed everything late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.contracts.dialect import ServerHalf
from conformance.model.ids import Millis
from conformance.model.wire import Operation, WireReply, WireRequest

INPUTS_MAX = 1_000_000
"""Inputs a world remembers; beyond that it cannot be rebuilt."""
QUERIES = frozenset(
    {
        Operation.QUERY_ORDER,
        Operation.QUERY_OPEN_ORDER,
        Operation.OPEN_ORDERS,
        Operation.ORDER_HISTORY,
        Operation.FILL_HISTORY,
        Operation.BALANCES,
        Operation.ACCOUNT,
        Operation.POSITIONS,
        Operation.BOOK,
    }
)
"""What may be answered from the past."""


class Past:
    """Remembers every input of the server half, and answers from a replay of the older ones."""

    def __init__(self, rebuild: Callable[[], ServerHalf]) -> None:
        self._rebuild = rebuild
        self._inputs: list[tuple[str, Any, Millis]] = []
        self._half: ServerHalf | None = None
        self._replayed = 0

    def remember(self, kind: str, what: Any, at: Millis) -> None:  # noqa: ANN401 - by kind
        """Take note of an input."""
        if len(self._inputs) < INPUTS_MAX:
            self._inputs.append((kind, what, at))

    def answer(self, request: WireRequest, at: Millis, lag_ms: int) -> WireReply:
        """Answer a query as the venue would have ``lag_ms`` ago."""
        half = self._half
        if half is None or (self._replayed and self._inputs[self._replayed - 1][2] > at - lag_ms):
            half = self._half = self._rebuild()
            self._replayed = 0
        while self._replayed < len(self._inputs):
            kind, what, when = self._inputs[self._replayed]
            if when > at - lag_ms:
                break
            _feed(half, kind, what, when)
            self._replayed += 1
        return half.handle(request, at).reply


def _feed(half: ServerHalf, kind: str, what: Any, at: Millis) -> None:  # noqa: ANN401 - by kind
    """Give the replayed half one input; what it answers was said long ago."""
    if kind == "request":
        half.handle(what, at)
    elif kind == "command":
        half.command(what, at)
    elif kind == "tick":
        half.tick(at)
    elif kind == "open":
        stream, request = what
        query = request.query.decode("latin-1")
        half.open(stream, request.path, query, request.headers, at)
    elif kind == "receive":
        stream, payload = what
        half.receive(stream, payload, at)
    elif kind == "close":
        half.close(what, at)
    elif kind == "expire":
        half.expire_stream_key(what, at)
