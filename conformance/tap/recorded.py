"""A world that puts on tape what the case asks it and does to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from conformance.contracts.adapter import Adapter, Credentials
from conformance.contracts.dialect import Venue
from conformance.evidence.redaction import Redactor
from conformance.gateway.ground import Front, Ground
from conformance.gateway.plan import Armed
from conformance.gateway.transcript import Transcript
from conformance.guard import permit
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing
from conformance.tap import cassette
from conformance.tap.tape import Tape, Taped
from conformance.tap.witness import arguments, plain


class Recordable(Ground):
    """A world whose wire goes through ``recorder``."""

    recorder: Transcript | None = None
    """Where the wire is recorded; set before opening."""


class Recorded(Ground):
    """Stands before a world that is opened by it; what passes through is written down.

    An answer is written when it differs from the last one to the same question. ``head``: what
    the tape says about itself; ``with_cassette``: leave a cassette of vcrpy beside it.
    """

    def __init__(
        self,
        venue: Venue,
        inner: Recordable,
        path: Path,
        *,
        with_cassette: bool = False,
        **head: object,
    ) -> None:
        super().__init__(venue, inner.credentials, seed=inner.seed, case_id=inner.case_id)
        self._inner = inner
        self._path = path
        self._head = head
        self._tape: Tape
        self._told: dict[str, Any] = {}
        self._armed = 0
        self._with_cassette = with_cassette
        self._cassette = ExitStack()

    async def open(self) -> None:
        """Open the world behind, and begin the tape."""
        inner, credentials = self._inner, self._inner.credentials
        self._tape = Tape(
            self._path,
            Redactor(credentials),
            venue=self._venue.name,
            case_id=inner.case_id,
            seed=inner.seed,
            key_kind=credentials.kind,
            began_ms=time.time_ns() // 1_000_000,
            **self._head,
        )
        inner.recorder = Taped(self._tape)
        await inner.open()
        tls = permit(inner.endpoints.rest).secure
        self._tape.write("began", at_ms=inner.clock.now(), tls=tls)
        if self._with_cassette:
            where = self._path.with_suffix(cassette.SUFFIX)
            port = permit(inner.endpoints.rest).port
            self._cassette.enter_context(cassette.recording(where, credentials, port))
        self.wire, self.endpoints = inner.wire, inner.endpoints
        self.truth: Any = _Asked(inner.truth, "truth", self._tell)
        self.market: Any = _Stirred(inner.market, "market", self._act)
        self.faults: Any = _Stirred(inner.faults, "faults", self._act)

    async def close(self, *, failed: bool) -> None:
        """End the tape and close the world behind; raise what went wrong there."""
        faults = [
            {"name": fault.name, "delivered": fault.delivered, "excused": fault.excused}
            for fault in self._inner.faults.planned
        ]
        self._tape.write("ended", faults=faults)
        self._cassette.close()
        try:
            await self._inner.close(failed=failed)
        finally:
            self._tape.close()

    @property
    def front(self) -> Front:
        """What stands before the venue."""
        return self._inner.front

    def check(self) -> None:
        """Raise what went wrong inside our own house."""
        self._inner.check()

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the world's own."""
        return self._inner.owns(task)

    def listing_of(self, symbol: Symbol) -> Listing:
        """Rules of any symbol."""
        found = self._inner.listing_of(symbol)
        self._tell("world.listing_of", [symbol], found)
        return found

    def mark(self, symbol: Symbol) -> Decimal:
        """Return the mark price."""
        found = self._inner.mark(symbol)
        self._tell("world.mark", [symbol], found)
        return found

    def now(self) -> Millis:
        """Return the venue's time."""
        found = self._inner.now()
        self._tell("world.now", [], found)
        return found

    async def restart(self, adapter: Adapter) -> Adapter:
        """Kill the adapter without goodbye and start a new one."""
        self._tape.write("act", what="world.restart", args=[])
        return await super().restart(adapter)

    async def sibling(self, credentials: Credentials | None = None) -> Adapter:
        """Start one more adapter for the same account."""
        self._tape.write("act", what="world.sibling", args=[])
        return await super().sibling(credentials)

    def _tell(self, ask: str, args: list[Any], found: object) -> None:
        value = plain(found)
        key = f"{ask} {args}"
        if key not in self._told or self._told[key] != value:
            self._told[key] = value
            self._tape.write("told", ask=ask, args=args, value=value)

    def _act(self, what: str, args: list[Any], act: Callable[[], Any]) -> object:
        self._tape.write("act", what=what, args=args)
        done = act()
        if isinstance(done, Armed):
            self._armed += 1
            return _Planned(done, self._armed - 1, self._tell)
        if done is not None:
            self._tell(what, args, done)
        return done


class _Asked:
    """Writes every answer of what it stands for."""

    def __init__(self, inner: object, name: str, tell: Callable[..., None]) -> None:
        self._inner = inner
        self._name = name
        self._tell = tell

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        method = getattr(self._inner, name)

        def ask(*args: object, **named: object) -> object:
            found = method(*args, **named)
            self._tell(f"{self._name}.{name}", arguments(args, named), found)
            return found

        return ask


class _Stirred:
    """Writes everything that is done to what it stands for."""

    def __init__(self, inner: object, name: str, act: Callable[..., object]) -> None:
        self._inner = inner
        self._name = name
        self._act = act

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        found = getattr(self._inner, name)
        if not callable(found) or name == "seal":
            return found

        def act(*args: object, **named: object) -> object:
            listed = arguments(args, named)
            return self._act(f"{self._name}.{name}", listed, lambda: found(*args, **named))

        return act


class _Planned:
    """An armed fault whose deliveries are told."""

    def __init__(self, armed: Armed, number: int, tell: Callable[..., None]) -> None:
        self._armed = armed
        self._number = number
        self._tell = tell

    @property
    def delivered(self) -> int:
        """How often it has struck so far."""
        self._tell("fault.delivered", [self._number], self._armed.delivered)
        return self._armed.delivered

    def withdraw(self) -> None:
        """Disarm it."""
        self._armed.withdraw()

    def optional(self) -> _Planned:
        """Excuse it from having to strike."""
        self._armed.optional()
        return self
