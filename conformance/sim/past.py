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
        self._given = 0
        """So many inputs made the beginning: they lie behind every lag."""
        self._half: ServerHalf | None = None
        self._replayed = 0

    def remember(self, kind: str, what: Any, at: Millis) -> None:  # noqa: ANN401 - by kind
        """Take note of an input."""
        if len(self._inputs) < INPUTS_MAX:
            self._inputs.append((kind, what, at))

    def begin(self) -> None:
        """Let everything so far have been so for ever."""
        self._given = len(self._inputs)

    def answer(self, request: WireRequest, at: Millis, lag_ms: int) -> WireReply:
        """Answer a query as the venue would have ``lag_ms`` ago."""
        count = self._count(at - lag_ms)
        half = self._half
        if half is None or self._replayed > count:
            half = self._half = self._rebuild()
            self._replayed = 0
        for kind, what, when in self._inputs[self._replayed : count]:
            _feed(half, kind, what, when)
            self._replayed += 1
        return half.handle(request, at).reply

    def _count(self, seen: Millis) -> int:
        """Return how many inputs had happened at ``seen``; a stepped clock may disorder them."""
        count = self._given
        while count < len(self._inputs) and self._inputs[count][2] <= seen:
            count += 1
        return count


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
