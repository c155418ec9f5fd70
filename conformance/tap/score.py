"""How far a tape has been played: what was said as recorded, and what is due in return.

Strictness: everything the client sends must be on the tape and is used up by being sent; it may
not be sent before something whose answer it had when it was recorded, and frames of one stream
keep their order. Timestamps and signatures are not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from conformance.tap import saying
from conformance.tap.saying import Saying
from conformance.tap.tape import Line, Reel

SAYINGS: Mapping[str, Callable[[Line], Saying]] = {
    "request": saying.request,
    "opened": saying.handshake,
    "declined": saying.handshake,
    "frame": saying.frame,
    "act": saying.act,
}
HANDSHAKES = ("opened", "declined")
SAFE = frozenset({"GET", "HEAD"})
"""Methods of questions: those at the end of a tape may remain unasked."""


class Deviation(NamedTuple):
    """The client departed from the tape."""

    claim: str
    expected: str
    observed: str


class Score:
    """One tape while it is played. Instants are microseconds since the beginning."""

    def __init__(self, reel: Reel) -> None:
        self.lines: Sequence[Line] = reel.lines
        self.deviations: list[Deviation] = []
        self._happened: dict[int, int] = {}
        self._answered: dict[int, int] = {}
        """Index of a request's answer by the request's number."""
        self._sayings: dict[int, Saying] = {}
        """What is to be said, by index."""
        self._refused: list[int] = []
        self._told: dict[str, list[int]] = {}
        for index, line in enumerate(self.lines):
            self._enter(index, line)

    @property
    def frontier(self) -> int:
        """Index of the first thing that was recorded and has not been said yet."""
        waiting = [*self._sayings, *self._refused]
        return min((i for i in waiting if i not in self._happened), default=len(self.lines))

    def say(self, kinds: Sequence[str], said: Saying, at: int) -> Line | None:
        """Take note of what was said at ``at``; return its line, or None for a deviation."""
        open_ones = [i for i in self._sayings if i not in self._happened]
        mine = [i for i in open_ones if self.lines[i]["kind"] in kinds]
        for index in mine:
            if self._sayings[index] == said:
                missed = self._missed(index, open_ones)
                if missed is not None:
                    claim = "nothing is sent before what led to it"
                    self._deviate(claim, f"first: {self._sayings[missed]}", str(said))
                self._happened[index] = at
                return self.lines[index]
        near = [self._sayings[i] for i in mine if self._sayings[i][:2] == said[:2]]
        near = near or [self._sayings[i] for i in mine]
        if near:
            expected, how = str(near[0]), f" ({saying.differences(said, near[0])})"
        else:
            expected, how = "nothing more of this kind", ""
        self._deviate("the client sends what was recorded", expected, f"{said}{how}")
        return None

    def connect(self, at: int) -> bool:
        """Say whether a new connection was reset when this was recorded; counts it."""
        frontier = self.frontier
        if frontier in self._refused and frontier not in self._happened:
            self._happened[frontier] = at
            return True
        return False

    def told(self, ask: str, args: Sequence[Any], at: int) -> Any:  # noqa: ANN401 - JSON
        """Return what was told to a question at this point. Raises KeyError when never asked."""
        known = self._told[f"{ask} {list(args)}"]
        frontier = self.frontier
        seen = [i for i in known if i < frontier and self.lines[i]["t"] <= at]
        return self.lines[seen[-1] if seen else known[0]]["value"]

    def unsaid(self) -> list[Saying]:
        """Return what was recorded and never said, but for questions at the very end."""
        left = [i for i in self._sayings if i not in self._happened]
        last = max((i for i, said in self._sayings.items() if said.verb not in SAFE), default=-1)
        return [self._sayings[i] for i in left if i <= last]

    def _enter(self, index: int, line: Line) -> None:
        kind = line["kind"]
        if kind in ("reply", "cut"):
            self._answered[line["n"]] = index
        elif kind == "refused":
            self._refused.append(index)
        elif kind == "told":
            self._told.setdefault(f"{line['ask']} {line['args']}", []).append(index)
        elif kind in SAYINGS and not (kind == "frame" and not _spoken(line)):
            self._sayings[index] = SAYINGS[kind](line)

    def _missed(self, index: int, open_ones: Sequence[int]) -> int | None:
        """Return what must have been said before, and was not."""
        for earlier in open_ones:
            if earlier >= index:
                break
            if self._led_to(earlier, index):
                return earlier
        return None

    def _led_to(self, earlier: int, index: int) -> bool:
        """Say whether what was said ``earlier`` was over before what was said at ``index``."""
        first, then = self.lines[earlier], self.lines[index]
        if first["kind"] == "request" and then["kind"] != "act":
            return self._answered.get(first["n"], index) < index
        in_turn = first["kind"] == then["kind"] and first["kind"] in ("act", "frame")
        return in_turn and bool(first.get("stream") == then.get("stream"))

    def _deviate(self, claim: str, expected: str, observed: str) -> None:
        self.deviations.append(Deviation(claim, expected, observed))


def _spoken(line: Line) -> bool:
    """Say whether a frame is a message of the client."""
    return bool(line["inbound"]) and line["opcode"] == "text"
