"""Where the venue of a case lives, and in which time the case is played there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from conformance import resources, venues, virtual
from conformance.cases import Case, Example
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import Venue
from conformance.errors import Beyond, OutOfTime, UsageError
from conformance.gateway.ground import Ground
from conformance.sim import SimWorld

if TYPE_CHECKING:
    from conformance.plugin.settings import Settings

CASE_S_MAX = 300.0
"""How long a case may take in real time."""
CASSETTES = "cassettes"

T = TypeVar("T")
Main = Callable[[], Coroutine[Any, Any, T]]


class Environment(Protocol):
    """Makes worlds, and the loop on which a case lives."""

    def world(self, venue: Venue, case: Case, example: Example | None, *, seed: int) -> Ground:
        """Return a world, not yet open; raise Beyond when there is none for this case."""

    def run(self, main: Main[T], *, seed: str) -> T:
        """Run a coroutine to its end in the environment's time; raise OutOfTime at a bound.

        ``seed`` governs chance where it can be governed.
        """


class Simulated:
    """The embedded simulator, in virtual time."""

    def world(self, venue: Venue, case: Case, example: Example | None, *, seed: int) -> Ground:
        """Return a simulated world."""
        del example
        return SimWorld(venue, seed=seed, case_id=case.id, tls=case.tls)

    def run(self, main: Main[T], *, seed: str) -> T:
        """Run in virtual time."""
        return virtual.run(main, seed=seed)


SIMULATED = Simulated()


@dataclass(frozen=True, slots=True)
class Replaying:
    """Tapes in place of any venue, in virtual time; nothing is ever recorded here."""

    folder: Path
    """Holds the tapes of one adapter at one venue."""

    def world(self, venue: Venue, case: Case, example: Example | None, *, seed: int) -> Ground:
        """Return the world of the case's tape; raise Beyond when there is none."""
        from conformance.tap import cassette, tape  # noqa: PLC0415 - when asked
        from conformance.tap.replayed import Replayed  # noqa: PLC0415

        del seed
        path = self.folder / tape_name(case, example)
        if not path.is_file():
            raise Beyond("no tape holds this case with this adapter")
        deck = path.with_suffix(cassette.SUFFIX)
        playable = deck.is_file() and cassette.installed()
        return Replayed(venue, tape.read(path), deck if playable else None)

    def run(self, main: Main[T], *, seed: str) -> T:
        """Run in virtual time."""
        return virtual.run(main, seed=seed)


@dataclass(frozen=True, slots=True)
class Remote:
    """A venue that is not ours, behind the tap, in real time."""

    behind: Mapping[str, tuple[Endpoints, Credentials]]
    """Where each venue is, and the key."""

    def world(self, venue: Venue, case: Case, example: Example | None, *, seed: int) -> Ground:
        """Return a world behind the tap."""
        from conformance.tap.world import TapWorld  # noqa: PLC0415 - when asked

        del example
        endpoints, credentials = self.behind[venue.name]
        return TapWorld(venue, endpoints, credentials, seed=seed, case_id=case.id, tls=case.tls)

    def run(self, main: Main[T], *, seed: str) -> T:
        """Run in real time, within a bound; chance stays chance."""
        del seed

        async def bounded() -> T:
            try:
                async with asyncio.timeout(CASE_S_MAX):
                    return await main()
            except TimeoutError:
                raise OutOfTime(
                    f"{CASE_S_MAX:g} s of real time are used up", waiting=virtual.waiting(_loop())
                ) from None

        return asyncio.run(bounded())


@dataclass(frozen=True, slots=True)
class Recording:
    """Another environment, with everything put on tape."""

    inner: Environment
    folder: Path
    with_cassette: bool = False
    """Leave a cassette of vcrpy beside every tape."""

    def world(self, venue: Venue, case: Case, example: Example | None, *, seed: int) -> Ground:
        """Return a world whose every case leaves a tape."""
        from conformance.tap.recorded import Recordable, Recorded  # noqa: PLC0415 - when asked
        from conformance.tap.tapped import Tapped  # noqa: PLC0415

        world = self.inner.world(venue, case, example, seed=seed)
        if isinstance(world, SimWorld):
            world = Tapped(world, venue)
        assert isinstance(world, Recordable)
        path = self.folder / tape_name(case, example)
        label = example.label if example else ""
        with_cassette = self.with_cassette
        return Recorded(venue, world, path, with_cassette=with_cassette, example=label)

    def run(self, main: Main[T], *, seed: str) -> T:
        """Run in the time of the other environment."""
        return self.inner.run(main, seed=seed)


def tape_name(case: Case, example: Example | None) -> str:
    """Return the file name of a case's tape."""
    return f"{case.id}[{example.label}].jsonl" if example else f"{case.id}.jsonl"


def shelf(root: Path | None, venue: str, adapter: str) -> Path:
    """Return the folder with the tapes of an adapter; ``root`` None: those that are shipped."""
    base = resources.data(CASSETTES) if root is None else root
    return base / venue / adapter.replace(":", ".")


def environment(settings: Settings, venue: Venue) -> Environment:
    """Return the environment a run asks for; raise UsageError when it lacks something."""
    if settings.env == "replay":
        return Replaying(shelf(settings.cassettes, venue.name, settings.adapter))
    if settings.env == "testnet":
        from conformance.plugin.keys import target  # noqa: PLC0415 - when asked

        return Remote({venue.name: target(venue)})
    return SIMULATED


def ready(settings: Settings) -> None:
    """Raise UsageError when the environment of a run lacks something, before anything runs.

    Tapes of one venue are enough: what is on none is not applicable.
    """
    shelves = [shelf(settings.cassettes, name, settings.adapter) for name in settings.venue]
    if settings.env == "replay" and not any(folder.is_dir() for folder in shelves):
        raise UsageError(
            f"there are no tapes of {settings.adapter} at {', '.join(settings.venue)}",
            hint="record them with `conformance record`, and name them with --cassettes",
        )
    for name in settings.venue:
        environment(settings, venues.load(name))


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
