"""What one process has seen of a run, second by second, in a form that adds up exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from conformance.load.fates import kind
from conformance.load.histogram import Latencies
from conformance.load.ledger import Entry, Fate
from conformance.model.outcomes import Outcome, Rejected

UNANSWERED = "none"
"""In place of a status when no answer came."""


class Second:
    """Everything that came to an end in one second of a run."""

    __slots__ = ("codes", "corrected", "frames", "kinds", "lag", "raw", "statuses", "withheld")

    def __init__(self) -> None:
        self.corrected = Latencies()
        """From the instant a message was to be sent."""
        self.raw = Latencies()
        """From the instant it was sent."""
        self.lag = Latencies()
        """How late the generator itself woke up, when nothing else kept it from sending."""
        self.statuses: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        """Outcomes: accepted, rejected, unknown, not-sent."""
        self.codes: Counter[str] = Counter()
        """The venue's codes of refusals."""
        self.frames = 0
        """Messages that streams pushed."""
        self.withheld = 0
        """Messages not sent because the venue had asked for silence."""

    def merge(self, other: Second) -> None:
        """Add another process's view of the same second."""
        self.corrected.merge(other.corrected)
        self.raw.merge(other.raw)
        self.lag.merge(other.lag)
        self.statuses.update(other.statuses)
        self.kinds.update(other.kinds)
        self.codes.update(other.codes)
        self.frames += other.frames
        self.withheld += other.withheld

    def plain(self) -> dict[str, Any]:
        """Return it as what JSON and msgpack can say."""
        return {
            "corrected": self.corrected.plain(),
            "raw": self.raw.plain(),
            "lag": self.lag.plain(),
            "statuses": dict(self.statuses),
            "kinds": dict(self.kinds),
            "codes": dict(self.codes),
            "frames": self.frames,
            "withheld": self.withheld,
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Second:
        """Return what ``plain`` made plain."""
        made = cls()
        made.corrected, made.raw, made.lag = (
            Latencies.of(plain[name]) for name in ("corrected", "raw", "lag")
        )
        made.statuses.update(plain["statuses"])
        made.kinds.update(plain["kinds"])
        made.codes.update(plain["codes"])
        made.frames = plain["frames"]
        made.withheld = plain["withheld"]
        return made


class Tally:
    """The seconds since the last time it was drained, and the orders of which news came."""

    def __init__(self) -> None:
        self.seconds: dict[int, Second] = {}
        self._news: list[Entry] = []

    def second(self, at_s: float) -> Second:
        """Return the second of an instant of the run."""
        number = int(at_s)
        found = self.seconds.get(number)
        if found is None:
            found = self.seconds[number] = Second()
        return found

    def answered(
        self, intended_s: float, sent_s: float, done_s: float, *, status: str, outcome: Outcome[Any]
    ) -> None:
        """Count one message; all instants are seconds of the run."""
        second = self.second(done_s)
        second.corrected.record(int((done_s - intended_s) * 1e6))
        second.raw.record(int((done_s - sent_s) * 1e6))
        second.statuses[status] += 1
        second.kinds[kind(outcome)] += 1
        if isinstance(outcome, Rejected):
            second.codes[outcome.code] += 1

    def order(self, client_id: str, fate: Fate, venue_id: str = "") -> None:
        """Note what was learnt of an order."""
        self._news.append(Entry(client_id, fate, venue_id))

    def drain(self) -> dict[str, Any]:
        """Return everything since the last time in a plain form, and forget it."""
        seconds, self.seconds = self.seconds, {}
        news, self._news = self._news, []
        return {
            "seconds": {str(number): second.plain() for number, second in seconds.items()},
            "orders": [[entry.client_id, entry.fate.value, entry.venue_id] for entry in news],
        }
