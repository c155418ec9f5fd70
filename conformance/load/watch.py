"""What stands before the server half in a stress run: counts, storms, and an address for each bot.

Bots share one machine. So that each has the budget that a venue gives an address, each reaches the
venue by a port of its own, and the Host field says which.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from conformance.contracts.dialect import Served, ServerHalf
from conformance.model.ids import Millis
from conformance.model.wire import Condition, Operation, WireReply, WireRequest

OK = 200
RATE_STATUSES = frozenset({418, 429})
"""What venues answer with when a limit is exceeded, and when that went on."""
CROSSING_MS = 250
"""Requests that were under way when the venue asked for silence arrive within this time."""


class Storm(NamedTuple):
    """From when to when everyone is throttled, in ms of the venue's clock."""

    from_ms: Millis
    until_ms: Millis


class Watch:
    """Does what a server half does, and counts."""

    def __init__(self, half: ServerHalf, rate_codes: frozenset[str]) -> None:
        self.storm: Storm | None = None
        self.accepted: Counter[str] = Counter()
        """How often an order was accepted, by client id."""
        self.statuses: Counter[str] = Counter()
        """Answers by status since they were last looked at."""
        self.violations: Counter[str] = Counter()
        """Refusals because of a limit, by address; those of a storm do not count."""
        self.told_silence: dict[str, Millis] = {}
        """When an address was first asked for silence in the storm."""
        self.noise: Counter[str] = Counter()
        """Requests of an address that arrived although it had been asked for silence."""
        self._half = half
        self._rate_codes = rate_codes

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the half has
        return getattr(self._half, name)

    def handle(self, request: WireRequest, at: Millis) -> Served:
        """Answer a request as the half does, unless a storm blows."""
        peer = request.header("host") or request.peer
        request = request._replace(peer=peer)
        if self.storm is not None and self.storm.from_ms <= at < self.storm.until_ms:
            served = self._throttle(request, at, self.storm)
        else:
            served = self._half.handle(request, at)
            self._count(served, peer)
        self.statuses[str(served.reply.status)] += 1
        return served

    def _count(self, served: Served, peer: str) -> None:
        reading, status = served.reading, served.reply.status
        if status in RATE_STATUSES or reading.code in self._rate_codes:
            self.violations[peer] += 1
        elif reading.operation is Operation.PLACE and status == OK and not reading.code:
            self.accepted[reading.client_id] += 1

    def _throttle(self, request: WireRequest, at: Millis, storm: Storm) -> Served:
        reading = self._half.read(request, at)
        told = self.told_silence.setdefault(request.peer, at)
        if at > told + CROSSING_MS:
            self.noise[request.peer] += 1
        # Whole seconds, rounded up: who waits for them comes back when the storm is over.
        left_ms = -(-(storm.until_ms - at) // 1000) * 1000
        reply: WireReply = self._half.refusal(
            Condition.THROTTLED, reading.operation, at, retry_after_ms=left_ms
        )
        return Served(reply, reading._replace(code=self._half.code(reply)))


def rate_codes(facts: Any) -> frozenset[str]:  # noqa: ANN401 - a parsed TOML file
    """Return the codes by which a venue says that a published limit was exceeded."""
    limits = facts.get("limits", {})
    return frozenset(
        str(limit["code"])
        for limit in limits.values()
        if isinstance(limit, dict) and "code" in limit
    )
