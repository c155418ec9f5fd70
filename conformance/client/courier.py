"""Carry one call to the venue and back: admit, stamp, sign, send, read, and retry when safe."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from random import Random
from typing import Any, ClassVar, NamedTuple, TypeVar

from conformance.client.clock import Clock
from conformance.client.keyring import Keyring
from conformance.client.limiter import Limiter, Refused
from conformance.client.settings import Settings
from conformance.client.transport import AnswerLost, Lane, NotConnected, Transport
from conformance.contracts.client import Call, ClientHalf, Page
from conformance.model.categories import Category
from conformance.model.ids import Millis
from conformance.model.outcomes import Accepted, NotSent, Outcome, OutcomeUnknown, Rejected
from conformance.model.wire import WireReply

T = TypeVar("T")


class Trip(NamedTuple):
    """One exchange with the monotonic instants around it."""

    outcome: Outcome[Any]
    sent_s: float
    received_s: float


class Courier:
    """Sends calls; everything the venue may answer comes back as an outcome."""

    limiter_type: ClassVar[type[Limiter]] = Limiter

    def __init__(
        self,
        half: ClientHalf,
        keyring: Keyring,
        transport: Transport,
        settings: Settings,
        random: Random,
    ) -> None:
        self._half = half
        self._keyring = keyring
        self._transport = transport
        self._settings = settings
        self._random = random
        self._idle: list[Lane] = []
        self._lanes: set[Lane] = set()
        self._syncing = asyncio.Lock()
        self._synced_s = 0.0
        self._closed = False
        self.clock = Clock()
        self.limiter = self.limiter_type(half.pools, settings, random)
        self.on_rejected: Callable[[Rejected], None] = _ignore

    async def send(self, call: Call[T]) -> Outcome[T]:
        """Send until there is a definite outcome, as often as is safe and bounded.

        Certainly failed calls and clock errors may be sent again; lost answers only when the
        call may be repeated. Every attempt is stamped and signed anew.
        """
        resynced = False
        attempt = 0
        while True:
            attempt += 1
            try:
                trip = await self.exchange(call)
            except Refused as refused:
                return NotSent(str(refused))
            outcome = trip.outcome
            if isinstance(outcome, Accepted):
                return outcome
            if isinstance(outcome, Rejected):
                if outcome.category is Category.NOT_FOUND and call.elsewhere is not None:
                    return await self.send(call.elsewhere)
                self.on_rejected(outcome)
                if outcome.category is Category.CLOCK and not resynced:
                    resynced = True
                    await self.sync(since_s=trip.sent_s)
                    continue
            if attempt >= self._settings.attempts_max or not _again(call, outcome):
                return outcome
            await self._pause(attempt)

    async def pages(self, call: Call[Page[T]]) -> Outcome[Page[T]]:
        """Send until the answer is complete; return all of its parts as one page.

        The page says when its first part was so: whatever happened later may be missing.
        """
        rows: list[T] = []
        at_ms: Millis | None = None
        for _ in range(self._settings.pages_max):
            outcome = await self.send(call)
            if not isinstance(outcome, Accepted):
                return outcome
            page = outcome.value
            rows += page.rows
            at_ms = page.at_ms if at_ms is None else at_ms
            if page.more is None:
                return Accepted(Page(rows, at_ms=at_ms))
            call = page.more
        return OutcomeUnknown("the answer has too many parts")

    async def exchange(self, call: Call[Any]) -> Trip:
        """Send once. Raises Refused when the limiter does."""
        await self.limiter.admit(call.operation, call.costs)
        sent = time.monotonic()
        try:
            outcome = await self._carry(call)
        finally:
            self.limiter.release()
        return Trip(outcome, sent, time.monotonic())

    async def _carry(self, call: Call[T]) -> Outcome[T]:
        if self._closed:
            return NotSent("the client was stopped")
        lane = self._idle.pop() if self._idle else self._new_lane()
        try:
            await lane.open()
            reply = await lane.send(self._keyring.sign(call, self.clock.now_ms()))
        except NotConnected as error:
            return NotSent(f"no connection: {error}")
        except AnswerLost as error:
            return OutcomeUnknown(f"the answer was lost: {error}")
        finally:
            self._idle.append(lane)
        return self._heard(call, reply)

    def _new_lane(self) -> Lane:
        lane = self._transport.lane()
        self._lanes.add(lane)
        return lane

    def _heard(self, call: Call[T], reply: WireReply) -> Outcome[T]:
        self.limiter.learn(self._half.usage(call, reply))
        outcome = self._half.read(call, reply)
        silence = self._half.silence(call, reply)
        if silence is not None:
            self.limiter.hush(silence, self.clock.now_ms())
        elif isinstance(outcome, Rejected) and outcome.category is Category.MAINTENANCE:
            self.limiter.back_off()
        else:
            self.limiter.calm()
        return outcome

    async def sync(self, *, since_s: float = 0.0) -> bool:
        """Measure the venue's clock; False when no measurement could be trusted.

        ``since_s``: a measurement begun after this instant is good enough.
        """
        async with self._syncing:
            if since_s and self._synced_s > since_s:
                return True
            begun = time.monotonic()
            best = await self._sample()
            if best is None or _length(best) * 1000 > self._settings.clock_outlier_ms:
                return False
            assert isinstance(best.outcome, Accepted)
            self.clock.set(best.outcome.value, best.sent_s, best.received_s)
            self._synced_s = begun
            return True

    async def _sample(self) -> Trip | None:
        """Return the quickest of a few exchanges about the time, or None when all failed."""
        best: Trip | None = None
        for attempt in range(self._settings.clock_samples_max):
            try:
                trip = await self.exchange(self._half.time())
            except Refused:
                break
            if isinstance(trip.outcome, Accepted):
                best = min(best or trip, trip, key=_length)
                if _length(best) * 1000 <= self._settings.clock_good_ms:
                    break
            elif isinstance(trip.outcome, Rejected):
                self.on_rejected(trip.outcome)
                break
            else:
                await self._pause(attempt + 1)
        return best

    async def _pause(self, attempt: int) -> None:
        pause_ms = self._settings.retry_ms << (attempt - 1)
        await asyncio.sleep(pause_ms / 1000 * (0.75 + 0.5 * self._random.random()))

    async def close(self) -> None:
        """Refuse what waits, drop every connection."""
        self._closed = True
        self.limiter.close()
        for lane in self._lanes:
            await lane.close()
        self._idle.clear()


def _length(trip: Trip) -> float:
    return trip.received_s - trip.sent_s


def _again(call: Call[Any], outcome: Outcome[Any]) -> bool:
    if isinstance(outcome, Rejected):
        return outcome.category is Category.RETRY
    return call.idempotent


def _ignore(rejected: Rejected) -> None:
    """Do nothing: nobody listens yet."""
