"""The published fixtures: a user's own asynchronous test, played on our stage.

A test that asks for ``world`` (and ``adapter``) is a coroutine function. It runs on the virtual
loop; the world is opened and the adapter started before it, both are closed after it.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import pytest

from conformance import venues, virtual
from conformance.contracts.adapter import Adapter, AdapterFactory
from conformance.contracts.dialect import Venue
from conformance.errors import ConformanceError
from conformance.plugin.discovery import load_adapter
from conformance.plugin.session import settings_of
from conformance.sim import SimWorld


class Hosted:
    """Stands for an adapter that is made when its world has opened."""

    def __init__(self, factory: AdapterFactory) -> None:
        self._factory = factory
        self._adapter: Adapter | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self._adapter, name)

    async def enter(self, world: SimWorld) -> None:
        """Make and start the adapter."""
        self._adapter = self._factory(world.endpoints, world.credentials)
        await self._adapter.start()

    async def leave(self) -> None:
        """Stop the adapter."""
        if self._adapter is not None:
            await self._adapter.stop()


@dataclass(slots=True)
class Stage:
    """What one test plays with."""

    world: SimWorld
    hosted: Hosted | None = None


STAGE: pytest.StashKey[Stage] = pytest.StashKey()


def first_venue(config: pytest.Config) -> Venue:
    """Return the first configured venue."""
    try:
        return venues.load(settings_of(config).venue[0])
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None


def set_stage(request: pytest.FixtureRequest, venue: Venue) -> Stage:
    """Prepare a world for the test that asks."""
    if not inspect.iscoroutinefunction(request.function):
        raise pytest.UsageError(
            f"{request.node.name} asks for a world and is not asynchronous\n"
            "hint: write `async def`; the test then runs in virtual time, no marker is needed"
        )
    seed = settings_of(request.config).seed
    stage = Stage(SimWorld(venue, seed=seed, case_id=request.node.name))
    request.node.stash[STAGE] = stage
    return stage


def put_on_stage(request: pytest.FixtureRequest, world: object) -> Hosted:
    """Prepare the configured adapter for the test that asks."""
    stage: Stage | None = request.node.stash.get(STAGE, None)
    if stage is None or stage.world is not world:
        raise pytest.UsageError("the fixture adapter needs the fixture world of this plugin")
    try:
        hosted = Hosted(load_adapter(settings_of(request.config).adapter))
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    stage.hosted = hosted
    return hosted


def perform(item: pytest.Function) -> bool | None:
    """Run a test with a stage of ours; None when it has none."""
    stage = item.stash.get(STAGE, None)
    if stage is None:
        return None
    wanted = inspect.signature(item.obj).parameters
    given = {name: item.funcargs[name] for name in wanted if name in item.funcargs}

    async def play() -> None:
        async with stage.world as world:
            try:
                if stage.hosted is not None:
                    await stage.hosted.enter(world)
                await item.obj(**given)
            finally:
                if stage.hosted is not None:
                    await stage.hosted.leave()

    virtual.run(play)
    return True
