"""Compare with the venue whenever events may have been lost, and whenever it is too quiet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from conformance.client.courier import Courier
from conformance.client.legs import Legs
from conformance.client.orders import Orders
from conformance.client.session import Session
from conformance.client.settings import Settings
from conformance.client.tasks import Tasks
from conformance.contracts.client import ClientHalf
from conformance.model.ids import Millis, Symbol
from conformance.model.orders import Fill, Order
from conformance.model.outcomes import Accepted


class Reconciler:
    """Reads open orders, order states, fills and positions until they agree with what is known."""

    def __init__(
        self,
        half: ClientHalf,
        courier: Courier,
        session: Session,
        orders: Orders,
        legs: Legs,
        settings: Settings,
        tasks: Tasks,
        alert: Callable[[str], None],
    ) -> None:
        self._half = half
        self._courier = courier
        self._session = session
        self._orders = orders
        self._legs = legs
        self._settings = settings
        self._tasks = tasks
        self._alert = alert
        self._wanted = asyncio.Event()
        self._checking = False
        self._read_to: dict[Symbol, Fill] = {}
        """The newest execution that was read, by symbol."""
        self.since_ms: Millis = 0
        """Fills before this instant, by the venue's clock, belong to an earlier life."""
        self._swept_s = 0.0
        self._news = 0
        """What the present sweep brought that was not known."""
        self.pending = False
        """True while events may be missing that were not yet read by query."""
        self.read = False
        """True once everything was read, be it older than what the stream has told meanwhile."""

    def ask(self, reason: str) -> None:  # noqa: ARG002 - named where it is called
        """Want a full comparison soon; several wishes are one."""
        self.pending = True
        self._wanted.set()

    def check(self) -> None:
        """Look, once related events had time to arrive, whether they belong together."""
        if not self._checking:
            self._checking = True
            self._tasks.start(self._check())

    async def _check(self) -> None:
        await asyncio.sleep(self._settings.settle_ms / 1000)
        self._checking = False
        if self._orders.unexplained() or self._legs.disputed():
            self._alert("fills and positions do not belong together")
            self.ask("fills and positions do not belong together")

    def begin(self, *, current: bool) -> None:
        """Start the background work after a first sweep; look again unless it was ``current``."""
        self._wanted.clear()
        self.pending = False
        if not current:
            self.ask("the stream told what the answers did not know yet")
        self._tasks.start(self._run())
        self._tasks.start(self._poll())

    async def _run(self) -> None:
        failures = 0
        while not self._session.halted:
            await self._wanted.wait()
            self._wanted.clear()
            if await self.sweep():
                failures = 0
                self.pending = self._wanted.is_set()
                continue
            self._wanted.set()
            pause_ms = self._settings.ask_ms << min(failures, 10)
            failures += 1
            await asyncio.sleep(min(pause_ms, self._settings.ask_ms_max) / 1000)

    async def _poll(self) -> None:
        """Sweep when the stream has been silent; what it should have told makes it suspect."""
        settings = self._settings
        pause_ms = settings.poll_ms
        heard_s = 0.0
        while not self._session.halted:
            if self._session.stream.heard_s != heard_s:
                heard_s = self._session.stream.heard_s
                pause_ms = settings.poll_ms
            wait_s = max(heard_s, self._swept_s) + pause_ms / 1000 - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
                continue
            if self._session.up:
                await self._compare(heard_s)
            self._swept_s = time.monotonic()
            pause_ms = min(pause_ms * 2, settings.poll_ms_max)

    async def _compare(self, heard_s: float) -> None:
        self._news = 0
        await self.sweep()
        if not self._news:
            return
        await asyncio.sleep(self._settings.settle_ms / 1000)
        if self._session.stream.heard_s == heard_s:
            self._alert("the user stream is mute: the venue has moved on without it")
            self._session.stream.replace()

    async def sweep(self) -> bool:
        """Read everything once and merge it; False when some of it could not be had."""
        listed = await self._courier.pages(self._half.open_orders())
        if not isinstance(listed, Accepted):
            return False
        for order in listed.value.rows:
            self._merge(order)
        complete = await self._absent({order.venue_id for order in listed.value.rows})
        touched = {*self._orders.symbols(), *self._legs.symbols(), *self._legs.disputed()}
        complete = await self._history(sorted(touched)) and complete
        held = await self._courier.pages(self._half.positions())
        if not isinstance(held, Accepted) or not complete:
            return False
        self.read = True
        self._orders.excuse()
        self._swept_s = time.monotonic()
        before = self._legs.version
        current = self._legs.answer(held.value.rows, held.value.at_ms)
        self._news += self._legs.version - before
        return current

    async def _absent(self, listed: set[str]) -> bool:
        """Ask for each order that is believed to live but was not listed."""
        complete = True
        for entry in self._orders.unfinished():
            order = entry.order
            if entry.assumed or order.venue_id in listed:
                continue
            call = self._half.order(order.symbol, venue_id=order.venue_id)
            outcome = await self._courier.send(call)
            if isinstance(outcome, Accepted):
                self._merge(outcome.value)
            else:
                complete = False
        return complete

    def _merge(self, order: Order) -> None:
        before = self._orders.version
        self._orders.merge(order)
        self._news += self._orders.version - before

    async def _history(self, symbols: Iterable[Symbol]) -> bool:
        """Count the fills that the venue's history has beyond what was read before."""
        for symbol in symbols:
            newest = self._read_to.get(symbol)
            after = newest.trade_id if newest else ""
            since_ms = newest.at_ms - self._settings.overlap_ms if newest else 0
            call = self._half.fills(symbol, after=after, since_ms=max(since_ms, self.since_ms))
            told = await self._courier.pages(call)
            if not isinstance(told, Accepted):
                return False
            for execution in sorted(told.value.rows, key=lambda row: row.fill.at_ms):
                fill = self._orders.count(*execution)
                if fill is not None:
                    self._legs.count(fill)
                    self._news += 1
                self._read_to[symbol] = execution.fill
        return True
