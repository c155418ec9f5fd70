"""What a stress run was and what came of it: everything that its processes told, added up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from conformance.load.histogram import Latencies
from conformance.load.ledger import Audit, Known, Ledger
from conformance.load.plan import Plan
from conformance.load.tally import Second

SAMPLED = ("rss_kib", "sockets", "fds", "threads", "tasks", "futures", "lag_ms", "cpu_s")
LOCUST, ADAPTER = "locust", "adapter"


@dataclass(slots=True)
class Record:
    """One drive of one plan."""

    plan: Plan
    drive: str
    """``locust`` or ``adapter``."""
    subject: str = ""
    """The adapter, when it drove."""
    seconds: dict[int, Second] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    samples: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    """Of each process with adapters, by its name."""
    venue_seconds: list[dict[str, Any]] = field(default_factory=list)
    venue_begun: int = 0
    """How many seconds the venue told before the first message."""
    troubles: list[str] = field(default_factory=list)
    """What makes the run incomplete."""
    cut: bool = False
    """True when somebody ended it before its time."""
    violations: int = 0
    noise: int = 0
    told_silence: int = 0
    storm: tuple[float, float] | None = None
    """From when to when everyone was throttled, in seconds of the run."""
    audit: Audit | None = None
    """None when the venue could not be asked."""

    def take(self, process: str, line: dict[str, Any]) -> None:
        """Add what a process of the drive told."""
        kind = line["kind"]
        if kind == "tally":
            for number, plain in line["seconds"].items():
                self.seconds.setdefault(int(number), Second()).merge(Second.of(plain))
            self.ledger.fold(line["orders"])
        elif kind == "sample":
            sample = {name: line[name] for name in ("at_s", *SAMPLED) if name in line}
            self.samples.setdefault(process, []).append(sample)
        elif kind == "trouble":
            self.troubles.append(f"{process}: {line['text']}")
        elif kind == "lost":
            self.troubles.append(f"the worker {line['process']} is gone, and its bots with it")

    def account(self, line: dict[str, Any]) -> None:
        """Take over what the venue holds, and compare."""
        self.violations = sum(line["violations"].values())
        self.noise = sum(line["noise"].values())
        self.told_silence = line["told"]
        held = {row[0]: Known(row[1], row[2], row[3]) for row in line["orders"]}
        # Who dies takes untold news along; who is stopped has at most one order a bot under way.
        under_way = len(held) if self.troubles else self.plan.bots if self.cut else 0
        self.audit = self.ledger.audit(held, cut=under_way)

    @property
    def complete(self) -> bool:
        """True when every bot came to the end of its plan."""
        return not self.cut and not self.troubles

    def latencies(self, name: str) -> Latencies:
        """Return ``corrected``, ``raw`` or ``lag`` of the whole run."""
        total = Latencies()
        for second in self.seconds.values():
            total.merge(getattr(second, name))
        return total

    def counts(self, name: str) -> Counter[str]:
        """Return ``statuses`` or ``kinds`` of the whole run."""
        total: Counter[str] = Counter()
        for second in self.seconds.values():
            total.update(getattr(second, name))
        return total

    @property
    def messages(self) -> int:
        """How many messages were answered, or given up."""
        return self.counts("kinds").total()

    @property
    def frames(self) -> int:
        """How many messages streams pushed."""
        return sum(second.frames for second in self.seconds.values())

    @property
    def withheld(self) -> int:
        """How many were not sent because the venue had asked for silence."""
        return sum(second.withheld for second in self.seconds.values())
