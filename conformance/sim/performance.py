"""A story played before an audience: on the clock of a running venue, beside its clients."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from conformance.errors import ConformanceError
from conformance.model.ids import Symbol
from conformance.scenarios import Story
from conformance.sim.cast import Stage
from conformance.sim.rehearsal import listing_for
from conformance.sim.shell import Shell
from conformance.sim.story import Player


class Performance:
    """Plays a story from now on; implements ``contracts.world.Performance``.

    When the story breaks off, the shell's own check says why, and so does ``wait``.
    """

    def __init__(self, story: Story, shell: Shell, *, seed: int, symbol: Symbol = "") -> None:
        listing = listing_for(story, shell.venue.listings, symbol)
        stage = Stage(shell.core, listing, shell.command)
        self.story = story.name
        self._shell = shell
        self._player = Player(story, stage, began=shell.clock.now(), seed=seed)
        self._timer: asyncio.TimerHandle | None = None
        self._over = asyncio.Event()
        self._error: ConformanceError | None = None
        self._go_on()

    @property
    def done(self) -> bool:
        """True when the story has come to its end."""
        return self._over.is_set()

    @property
    def refused(self) -> Sequence[str]:
        """What the exchange refused to actors, the newest last."""
        return tuple(self._player.refused)

    async def wait(self) -> None:
        """Wait until the story has ended; raise WorldError when it broke off."""
        await self._over.wait()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Break the story off."""
        if self._timer is not None:
            self._timer.cancel()
        self._over.set()

    def _go_on(self) -> None:
        """Do what is due, and set the timer for what comes next."""
        clock, player = self._shell.clock, self._player
        now = clock.now()
        try:
            player.act(now)
        except ConformanceError as error:
            self._error = error
            self._shell.desk.failures.append(error)
            self.stop()
            return
        due = player.due()
        if due is None and now >= player.ends:
            self.stop()
            return
        delay_s = clock.seconds_until(player.ends if due is None else due)
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._go_on)
