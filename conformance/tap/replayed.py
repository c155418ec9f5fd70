"""The world of a tape: what the case asks is answered as it was, what it does must be the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from conformance.contracts.adapter import Adapter, Credentials
from conformance.contracts.dialect import Venue
from conformance.contracts.faults import Flaw
from conformance.errors import EvidenceError, Finding, UsageError
from conformance.gateway.ground import Ground
from conformance.gateway.plan import FOREVER, Armed
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing
from conformance.tap import cassette
from conformance.tap.replay import Replay
from conformance.tap.tape import Reel
from conformance.tap.witness import arguments, value

PLAN = "fault.delivered"
ANSWERED = frozenset({"market.foreign"})
"""What the case does and hears something in return."""


class Replayed(Ground):
    """``async with Replayed(venue, reel) as world``: no venue, nothing but the tape.

    ``deck``: a cassette of vcrpy that answers in the place of sockets, where the tape holds
    nothing but REST and every request was answered.
    """

    def __init__(self, venue: Venue, reel: Reel, deck: Path | None = None) -> None:
        head = reel.head
        _check(reel, venue)
        credentials = venue.credentials(head["key_kind"], head["seed"])
        super().__init__(venue, credentials, seed=head["seed"], case_id=head["case_id"])
        self.replay = Replay(venue, reel, credentials)
        self.wire = self.replay.transcript
        self._deck = deck if deck is not None and answered_rest(reel) else None
        self._playing = ExitStack()
        self.truth: Any = _Asked("truth", self._tell)
        self.market: Any = _Stirred("market", self._do)
        self.faults: Any = Faults(self.replay, self._act, self._tell)

    async def open(self) -> None:
        """Listen; the tape begins to run."""
        self.endpoints = await self.replay.start()
        if self._deck is not None:
            desk, credentials = self.replay.desk, self.credentials
            self._playing.enter_context(cassette.playing(self._deck, credentials, desk.played))

    async def close(self, *, failed: bool) -> None:
        """Close; raise Finding when something recorded was never sent."""
        self._playing.close()
        await self.replay.stop()
        if not failed:
            self.replay.conclude()

    @property
    def front(self) -> Replay:
        """What stands before the venue."""
        return self.replay

    def listing_of(self, symbol: Symbol) -> Listing:
        """Rules of any symbol."""
        found: Listing = self._tell("world.listing_of", [symbol])
        return found

    def mark(self, symbol: Symbol) -> Decimal:
        """Return the mark price as it was."""
        found: Decimal = self._tell("world.mark", [symbol])
        return found

    def now(self) -> Millis:
        """Return the venue's time as it was."""
        found: Millis = self._tell("world.now", [])
        return found

    async def restart(self, adapter: Adapter) -> Adapter:
        """Kill the adapter without goodbye and start a new one."""
        self.replay.act("world.restart", [])
        return await super().restart(adapter)

    async def sibling(self, credentials: Credentials | None = None) -> Adapter:
        """Start one more adapter for the same account."""
        self.replay.act("world.sibling", [])
        return await super().sibling(credentials)

    def _tell(self, ask: str, args: list[Any]) -> Any:  # noqa: ANN401 - by its question
        replay = self.replay
        try:
            return value(ask, replay.score.told(ask, args, replay.elapsed()))
        except KeyError:
            replay.check()
            raise Finding(
                "the case asks what it asked when it was recorded",
                expected="a question on the tape",
                observed=f"{ask} {args}",
            ) from None

    def _do(self, what: str, args: list[Any]) -> Any:  # noqa: ANN401 - by what is done
        self._act(what, args)
        if what in ANSWERED:
            return self._tell(what, args)
        return None

    def _act(self, what: str, args: list[Any]) -> None:
        if not self.replay.act(what, args):
            self.replay.check()


def _check(reel: Reel, venue: Venue) -> None:
    """Raise UsageError for a tape of another venue, EvidenceError for one that holds no case."""
    head = reel.head
    if head.get("venue") != venue.name:
        raise UsageError(
            f"{reel.path} was recorded at {head.get('venue')}, not at {venue.name}",
            hint="name that venue",
        )
    if not {"case_id", "seed"} <= head.keys() or head.get("key_kind") not in venue.key_kinds:
        raise EvidenceError(f"{reel.path} is no tape of a case", hint="record it again")
    if not any(line["kind"] == "ended" for line in reel.lines):
        raise EvidenceError(f"{reel.path} breaks off before its end", hint="record it again")


def answered_rest(reel: Reel) -> bool:
    """Say whether a tape holds nothing but requests that were answered."""
    kinds = [line["kind"] for line in reel.lines]
    streams = {"opened", "declined", "refused", "cut"}.intersection(kinds)
    return not streams and kinds.count("request") == kinds.count("reply")


class Faults:
    """Every fault that was armed when this was recorded; what they did is on the tape."""

    def __init__(
        self,
        replay: Replay,
        act: Callable[[str, list[Any]], None],
        tell: Callable[[str, list[Any]], Any],
    ) -> None:
        ended = [line for line in replay.score.lines if line["kind"] == "ended"]
        self.planned: list[Armed] = [
            Armed(each["name"], delivered=each["delivered"], excused=each["excused"])
            for each in (ended[-1]["faults"] if ended else ())
        ]
        """With what each of them delivered in the end."""
        self._replay = replay
        self._act = act
        self._tell = tell
        self._armed = 0

    def seal(self) -> Armed:
        """Reset every new connection until withdrawn."""
        fault = Armed("seal", FOREVER)
        self._replay.desk.refusals.append(fault)
        return fault

    def step_clock(self, offset_ms: int) -> _Planned:
        """Move the clock by which the transcript is stamped."""
        self._act("faults.step_clock", [offset_ms])
        self._replay.step_clock(offset_ms)
        return self._next()

    def spoil_certificate(self, flaw: Flaw) -> _Planned:
        """Show new connections a flawed certificate: what nobody sees of it is not on the tape."""
        self._act("faults.spoil_certificate", arguments((flaw,), {}))
        fault = Armed("spoil_certificate", FOREVER)
        port = self._replay.desk.port
        assert port is not None
        port.spoil(fault, flaw)
        return self._next(fault)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        def arm(*args: object, **named: object) -> _Planned:
            self._act(f"faults.{name}", arguments(args, named))
            return self._next()

        return arm

    def _next(self, real: Armed | None = None) -> _Planned:
        number = self._armed
        self._armed += 1
        return _Planned(number, self._tell, real)


class _Planned:
    """An armed fault: what it had delivered at this point of the tape."""

    def __init__(
        self, number: int, tell: Callable[[str, list[Any]], Any], real: Armed | None
    ) -> None:
        self._number = number
        self._tell = tell
        self._real = real

    @property
    def delivered(self) -> int:
        """How often it had struck."""
        count: int = self._tell(PLAN, [self._number])
        return count

    def withdraw(self) -> None:
        """Disarm it: its strikes were recorded until then."""
        if self._real is not None:
            self._real.withdraw()

    def optional(self) -> _Planned:
        """Excuse it from having to strike."""
        return self


class _Asked:
    """Answers every question as it was answered."""

    def __init__(self, name: str, tell: Callable[[str, list[Any]], Any]) -> None:
        self._name = name
        self._tell = tell

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        def ask(*args: object, **named: object) -> Any:  # noqa: ANN401 - by its question
            return self._tell(f"{self._name}.{name}", arguments(args, named))

        return ask


class _Stirred:
    """Takes note of everything that is done."""

    def __init__(self, name: str, act: Callable[[str, list[Any]], Any]) -> None:
        self._name = name
        self._act = act

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        def act(*args: object, **named: object) -> Any:  # noqa: ANN401 - by what is done
            return self._act(f"{self._name}.{name}", arguments(args, named))

        return act
