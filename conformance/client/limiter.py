"""Keep below the venue's limits: budgets, silence, lanes, and who goes first.

Budgets count what was sent in any window of the published length, so they hold for windows that
slide and for windows that are aligned. What others spend is learnt from the usage headers.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping
from math import ceil
from random import Random
from typing import NamedTuple, TypeAlias

from conformance.client.settings import Settings
from conformance.contracts.client import Pool, Silence
from conformance.model.wire import Operation

Costs: TypeAlias = tuple[tuple[str, int], ...]

FIRST = frozenset({Operation.CANCEL, Operation.CANCEL_ALL, Operation.CANCEL_BATCH})
_SECOND = frozenset(
    {
        Operation.QUERY_ORDER,
        Operation.OPEN_ORDERS,
        Operation.TIME,
        Operation.STREAM_KEY_CREATE,
        Operation.STREAM_KEY_EXTEND,
    }
)


class Refused(Exception):
    """The call may not be sent now, and waiting for it would take too long."""


class Budget:
    """Units of one pool spent in the window that ends now."""

    def __init__(self, pool: Pool, slack_s: float) -> None:
        self.units = pool.units
        self._window_s = pool.window_ms / 1000 + slack_s
        self._log: deque[tuple[float, int]] = deque()
        self._spent = 0
        self._others = 0
        self._others_until = 0.0

    def wait_s(self, units: int, share: float, now: float) -> float:
        """Return in how many seconds ``units`` fit, 0 when they do now."""
        self._forget(now)
        # A budget too small to keep a part of it back may be used as a whole.
        free = max(ceil(self.units * share), min(units, self.units)) - self._others
        excess = self._spent + units - free
        if excess <= 0:
            return 0.0
        until = self._others_until if self._others else now
        for at, spent in self._log:
            until = at + self._window_s
            excess -= spent
            if excess <= 0:
                break
        return max(until - now, 0.001)

    def spend(self, units: int, now: float) -> None:
        """Count units as sent."""
        self._log.append((now, units))
        self._spent += units

    def learn(self, used: int, now: float) -> None:
        """Take the venue's own count: what exceeds ours was spent by others."""
        self._forget(now)
        self._others = max(0, used - self._spent)
        self._others_until = now + self._window_s

    def _forget(self, now: float) -> None:
        log = self._log
        while log and log[0][0] + self._window_s <= now:
            self._spent -= log.popleft()[1]
        if self._others and self._others_until <= now:
            self._others = 0


class _Waiter(NamedTuple):
    costs: Costs
    granted: asyncio.Future[None]


class Limiter:
    """Admits calls: cancels first, then questions, then the rest; each in order of asking."""

    def __init__(self, pools: Iterable[Pool], settings: Settings, random: Random) -> None:
        self._settings = settings
        self._random = random
        self._budgets: dict[str, Budget] = {}
        self.resize(pools)
        self._queues: dict[tuple[int, Costs], deque[_Waiter]] = {}
        self._waiting = 0
        self._in_flight = 0
        self._silent: dict[str, float] = {}
        self._pauses = 0
        self.banned_until_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def resize(self, pools: Iterable[Pool]) -> None:
        """Take over published budgets; what was spent stays counted."""
        settings = self._settings
        for pool in pools:
            if pool.name in self._budgets:
                self._budgets[pool.name].units = pool.units
            else:
                slack_ms = min(settings.window_slack_ms, pool.window_ms * settings.window_slack)
                self._budgets[pool.name] = Budget(pool, slack_ms / 1000)

    @property
    def silent_s(self) -> float:
        """Seconds of total silence that the venue still wants."""
        return max(0.0, self._silent.get("", 0.0) - time.monotonic())

    @property
    def banned(self) -> bool:
        """True while the venue blocks this address."""
        return time.monotonic() < self.banned_until_s

    async def admit(self, operation: Operation, costs: Costs) -> None:
        """Return when the call may be sent; ``release`` must follow. Raises Refused."""
        rank = 0 if operation in FIRST else 1 if operation in _SECOND else 2
        now = time.monotonic()
        silence = self._silence_s(costs, now)
        if silence > self._settings.queue_ms_max / 1000:
            raise Refused(f"the venue asked for silence for another {silence:.0f} s")
        if not self._waiting and not silence and self._wait_s(rank, costs, now) <= 0:
            self._grant(costs, now)
            return
        if self._waiting >= self._settings.queue_max:
            raise Refused("the queue of the rate limiter is full")
        await self._queued(rank, costs)

    async def _queued(self, rank: int, costs: Costs) -> None:
        waiter = _Waiter(costs, asyncio.get_running_loop().create_future())
        queue = self._queues.setdefault((rank, costs), deque())
        queue.append(waiter)
        self._waiting += 1
        self._pump()
        try:
            async with asyncio.timeout(self._settings.queue_ms_max / 1000):
                await waiter.granted
        except (TimeoutError, asyncio.CancelledError) as error:
            if waiter.granted.done() and not waiter.granted.cancelled():
                self.release()
            else:
                queue.remove(waiter)
                self._waiting -= 1
            if isinstance(error, TimeoutError):
                raise Refused("the rate limiter had no budget in time") from None
            raise

    def release(self) -> None:
        """Give the lane back."""
        self._in_flight -= 1
        if self._waiting:
            self._pump()

    def learn(self, usage: Mapping[str, int]) -> None:
        """Take the venue's own counts of used units."""
        now = time.monotonic()
        for name, used in usage.items():
            if name in self._budgets:
                self._budgets[name].learn(used, now)

    def calm(self) -> None:
        """Note an answer without complaint: the next pause starts small again."""
        self._pauses = 0

    def hush(self, silence: Silence, server_ms: int) -> None:
        """Obey a pause the venue asked for; without a length, back off with jitter."""
        if silence.until_ms:
            pause_s = max(0, silence.until_ms - server_ms) / 1000
        elif silence.for_ms:
            pause_s = silence.for_ms / 1000
        else:
            self.back_off(silence.pools)
            return
        self._hush(pause_s, silence.pools)
        if silence.banned:
            self.banned_until_s = max(self.banned_until_s, time.monotonic() + pause_s)

    def back_off(self, pools: Iterable[str] = ()) -> None:
        """Be silent for a time that doubles with every further complaint."""
        settings = self._settings
        pause_ms = min(settings.pause_ms_max, settings.pause_ms << min(self._pauses, 10))
        self._pauses += 1
        self._hush(pause_ms / 1000 * (1 + 0.2 * self._random.random()), tuple(pools))

    def _hush(self, pause_s: float, pools: tuple[str, ...]) -> None:
        until = time.monotonic() + pause_s
        for name in pools or ("",):
            self._silent[name] = max(self._silent.get(name, 0.0), until)

    def _silence_s(self, costs: Costs, now: float) -> float:
        silent = self._silent
        if not silent:
            return 0.0
        until = max([silent.get("", 0.0), *[silent.get(name, 0.0) for name, _ in costs]])
        if until <= now and all(at <= now for at in silent.values()):
            silent.clear()
        return max(0.0, until - now)

    def _wait_s(self, rank: int, costs: Costs, now: float) -> float:
        """Return seconds until the call fits, infinity when it needs a lane to come free."""
        settings = self._settings
        lanes = settings.lanes + (settings.lanes_reserve if rank == 0 else 0)
        if self._in_flight >= lanes:
            return float("inf")
        share = 1.0 if rank == 0 else settings.budget_share
        wait = self._silence_s(costs, now)
        for name, units in costs:
            wait = max(wait, self._budgets[name].wait_s(units, share, now))
        return wait

    def _grant(self, costs: Costs, now: float) -> None:
        self._in_flight += 1
        for name, units in costs:
            self._budgets[name].spend(units, now)

    def _pump(self) -> None:
        """Grant what fits; a pool that a better call waits for is closed to lesser ones."""
        now = time.monotonic()
        soonest = float("inf")
        taken: set[str] = set()
        for rank, costs in sorted(self._queues):
            queue = self._queues[rank, costs]
            if taken.intersection([name for name, _ in costs]):
                continue
            while queue:
                wait = self._wait_s(rank, costs, now)
                if wait > 0:
                    soonest = min(soonest, wait)
                    taken.update([name for name, _ in costs])
                    break
                self._waiting -= 1
                waiter = queue.popleft()
                if not waiter.granted.done():
                    self._grant(costs, now)
                    waiter.granted.set_result(None)
            if not queue:
                del self._queues[rank, costs]
        self._again(soonest)

    def _again(self, wait_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wait_s != float("inf"):
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._pump)

    def close(self) -> None:
        """Refuse everything that waits."""
        self._again(float("inf"))
        for queue in self._queues.values():
            for waiter in queue:
                if not waiter.granted.done():
                    waiter.granted.set_exception(Refused("the client was stopped"))
