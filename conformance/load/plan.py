"""What the bots of a stress run do and when: decided beforehand, the same for any split of work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import NamedTuple

from conformance.errors import UsageError

WINDOW_S = 10.0
"""Bursts repeat once in so many seconds, where no venue says otherwise."""


class Action(StrEnum):
    """One message of a bot."""

    PLACE = "place"
    AMEND = "amend"
    QUERY = "query"
    CANCEL = "cancel"
    TAKE = "take"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a kind of bot behaves."""

    title: str
    cycle: tuple[Action, ...]
    """What it sends, over and over."""
    burst: float = 1.0
    """Share of every window in which its messages are sent; 1: evenly."""
    storm: bool = False
    """True when the venue throttles everyone for a while in the middle."""


_QUOTE = (Action.PLACE, Action.CANCEL)
_WORK = (
    *_QUOTE,
    *_QUOTE,
    *(Action.PLACE, Action.AMEND, Action.CANCEL),
    *(Action.PLACE, Action.QUERY, Action.CANCEL),
)
PROFILES: Mapping[str, Profile] = {
    "market-maker": Profile(title="quotes, amends and cancels, evenly", cycle=_WORK),
    "taker": Profile(title="takes and asks what came of it", cycle=(Action.TAKE, Action.QUERY)),
    "burst": Profile(
        title="sends half of what a window allows in a fifth of it", cycle=_WORK, burst=0.2
    ),
    "storm": Profile(title="meets a venue that throttles for a while", cycle=_WORK, storm=True),
}


class Arrival(NamedTuple):
    """One message that is to leave at ``at_s`` after the start, whatever came before it."""

    at_s: float
    number: int
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One stress run."""

    venue: str
    bots: int
    rate: float
    """Messages a second of each bot."""
    duration_s: float
    symbols: int = 1
    profile: str = "market-maker"
    window_s: float = WINDOW_S
    """How often bursts repeat: once in the venue's shortest window."""
    gap_s: float = 0.0
    """The least between two messages of a bot, also when it catches up; 0: none."""
    listen: bool = False
    """True when every bot of locust's reads its books and its own events as well."""
    run: str = "s"
    """Begins every client id of the run."""
    growth: float = 0.0
    """By what factor the rate grows from the first step to the last; 0: it stays."""
    steps: int = 1

    @property
    def manner(self) -> Profile:
        """The profile; raise UsageError when there is none of that name."""
        try:
            return PROFILES[self.profile]
        except KeyError:
            raise UsageError(
                f"there is no profile {self.profile!r}", hint=f"profiles: {', '.join(PROFILES)}"
            ) from None

    def arrivals(self, bot: int) -> Iterator[Arrival]:
        """Yield the messages of one bot in order; bots are spread over the first interval."""
        cycle, length = self.manner.cycle, len(self.manner.cycle)
        for number, at_s in enumerate(self._flow(bot / self.bots / self.rate)):
            yield Arrival(self._pressed(at_s), number, cycle[number % length])

    def client_id(self, bot: int, order: int) -> str:
        """Return the client id of a bot's ``order``-th order."""
        return f"{self.run}-{bot}-{order}"

    def _flow(self, begins_s: float) -> Iterator[float]:
        """Yield the instants of an even flow, step by step of a ramp."""
        length_s = self.duration_s / self.steps
        for step in range(self.steps):
            rate, from_s = self.rate * self.factor(step), step * length_s + begins_s
            for number in count():
                if (at_s := from_s + number / rate) >= (step + 1) * length_s:
                    break
                yield at_s

    def _pressed(self, at_s: float) -> float:
        """Return when a message leaves that an even flow would send at ``at_s``."""
        if self.manner.burst == 1.0:
            return at_s
        window, inside = divmod(at_s, self.window_s)
        return window * self.window_s + inside * self.manner.burst

    def factor(self, step: int) -> float:
        """Return by what the rate of a step exceeds that of the first."""
        return 1.0 + (self.growth - 1.0) * step / (self.steps - 1) if self.steps > 1 else 1.0
