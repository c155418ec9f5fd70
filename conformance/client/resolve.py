"""Find out what came of a command whose answer was lost; never send an order twice to do it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from conformance.client.courier import Courier
from conformance.client.orders import Orders
from conformance.client.settings import Settings
from conformance.client.tasks import Tasks
from conformance.contracts.client import ClientHalf
from conformance.model.categories import Category
from conformance.model.ids import Symbol
from conformance.model.orders import Order, Status
from conformance.model.outcomes import Accepted, NotSent, Outcome, OutcomeUnknown, Rejected

T = TypeVar("T")
Proof: TypeAlias = Callable[[], Coroutine[Any, Any, bool]]
"""Reads the truth about something unproven; False when it could not."""

_ABSENT = Rejected(Category.RETRY, "", "not placed: the venue does not know the order")


class Resolver:
    """Asks with growing pauses until there is proof; the caller waits a bounded time for it."""

    def __init__(
        self,
        half: ClientHalf,
        courier: Courier,
        orders: Orders,
        settings: Settings,
        tasks: Tasks,
        alert: Callable[[str], None],
    ) -> None:
        self._half = half
        self._courier = courier
        self._orders = orders
        self._settings = settings
        self._tasks = tasks
        self._alert = alert
        self._frozen: dict[Symbol, int] = {}

    def frozen(self, symbol: Symbol) -> bool:
        """Return whether something unproven in the symbol or the account forbids exposure."""
        return symbol in self._frozen or "" in self._frozen

    @property
    def troubled(self) -> bool:
        """True while anything is frozen."""
        return bool(self._frozen)

    async def placed(self, symbol: Symbol, client_id: str, cause: str) -> Outcome[Order]:
        """Return what became of an order: live, certainly absent, or unknown and frozen."""
        self._orders.conclude(symbol, client_id, Status.UNKNOWN, cause)
        self._alert(f"the outcome of an order in {symbol} is unknown: {cause}")
        return await self._bounded(symbol, self._seek(symbol, client_id), cause)

    async def cancelled(
        self, symbol: Symbol, client_id: str, venue_id: str, refusal: Outcome[Any]
    ) -> Outcome[Order]:
        """Cancel until it is proven that the order has ended or never was.

        ``refusal``: what the first attempt came to, not found or unknown.
        """
        work = self._cancel(symbol, client_id, venue_id, refusal)
        return await self._bounded("", work, "the cancel was not confirmed", freeze=False)

    async def amended(
        self, order: Order, price: Decimal, quantity: Decimal, cause: str
    ) -> Outcome[Order]:
        """Return whether a change took place whose answer was lost."""
        work = self._compare(order, price, quantity)
        return await self._bounded(order.symbol, work, cause)

    def doubt(self, symbol: Symbol, prove: Proof) -> None:
        """Forbid exposure until ``prove`` has read the truth; no symbol: in all of them."""
        self._tasks.start(self._until(symbol, prove))

    async def _until(self, symbol: Symbol, prove: Proof) -> None:
        self._freeze(symbol)
        pause_ms = self._settings.ask_ms
        while not await prove():
            pause_ms = await self._pause(pause_ms)
        self._thaw(symbol)

    async def _bounded(
        self, symbol: Symbol, work: Coroutine[Any, Any, T], cause: str, *, freeze: bool = True
    ) -> T | OutcomeUnknown:
        """Wait a bounded time for proof; the search for it goes on behind.

        ``freeze``: until there is proof, no new exposure in the symbol.
        """
        task = self._tasks.start(work)
        if task is None:
            return OutcomeUnknown(cause)
        if freeze:
            self._freeze(symbol)
            task.add_done_callback(lambda _: self._thaw(symbol))
        await asyncio.wait({task}, timeout=self._settings.resolve_ms_max / 1000)
        if task.done() and not task.cancelled():
            return task.result()
        return OutcomeUnknown(cause)

    def _freeze(self, symbol: Symbol) -> None:
        self._frozen[symbol] = self._frozen.get(symbol, 0) + 1
        self._alert(f"no new exposure in {symbol or 'any symbol'}: something is unproven")

    def _thaw(self, symbol: Symbol) -> None:
        self._frozen[symbol] -= 1
        if not self._frozen[symbol]:
            del self._frozen[symbol]

    async def _pause(self, pause_ms: int) -> int:
        await asyncio.sleep(pause_ms / 1000)
        return min(pause_ms * 2, self._settings.ask_ms_max)

    async def _seek(self, symbol: Symbol, client_id: str) -> Outcome[Order]:
        """Look for an order by client id until it is found or absent beyond every read lag."""
        begun = time.monotonic()
        misses = 0
        pause_ms = self._settings.ask_ms
        while True:
            entry = self._orders.find(symbol, client_id=client_id)
            if entry is not None and not entry.assumed:
                return Accepted(entry.order)
            asked = time.monotonic()
            outcome = await self._courier.send(self._half.order(symbol, client_id=client_id))
            if isinstance(outcome, Accepted):
                return Accepted(self._orders.merge(outcome.value))
            if _not_found(outcome):
                misses += 1
                if misses > 1 and asked - begun >= self._settings.visible_ms / 1000:
                    self._orders.conclude(symbol, client_id, Status.REJECTED, _ABSENT.text)
                    return _ABSENT
            pause_ms = await self._pause(pause_ms)

    async def _cancel(
        self, symbol: Symbol, client_id: str, venue_id: str, refusal: Outcome[Any]
    ) -> Outcome[Order]:
        begun = time.monotonic()
        misses = 0
        pause_ms = self._settings.ask_ms
        while True:
            asked = time.monotonic()
            ask = self._half.order(symbol, client_id=client_id, venue_id=venue_id)
            answer = await self._courier.send(ask)
            if isinstance(answer, Accepted):
                order = self._orders.merge(answer.value)
                if order.status.terminal:
                    return ended(order, refusal)
            elif _not_found(answer) and _not_found(refusal):
                misses += 1
                waited = asked - begun >= self._settings.visible_ms / 1000
                if not self._believed(symbol, client_id, venue_id) or (misses > 1 and waited):
                    return refusal
            pause_ms = await self._pause(pause_ms)
            call = self._half.cancel(symbol, client_id=client_id, venue_id=venue_id)
            told = await self._courier.send(call)
            if isinstance(told, Accepted) and isinstance(told.value, Order):
                return Accepted(self._orders.merge(told.value, latest=True))
            if isinstance(told, Rejected | NotSent) and not unproven(told):
                return told
            refusal = told

    def _believed(self, symbol: Symbol, client_id: str, venue_id: str) -> bool:
        entry = self._orders.find(symbol, client_id=client_id, venue_id=venue_id)
        return entry is not None and not entry.order.status.terminal

    async def _compare(self, order: Order, price: Decimal, quantity: Decimal) -> Outcome[Order]:
        begun = time.monotonic()
        unchanged = 0
        pause_ms = self._settings.ask_ms
        while True:
            asked = time.monotonic()
            call = self._half.order(order.symbol, venue_id=order.venue_id)
            answer = await self._courier.send(call)
            if isinstance(answer, Accepted):
                known = self._orders.merge(answer.value)
                if (answer.value.price, answer.value.quantity) == (price, quantity):
                    return Accepted(known)
                if known.status.terminal:
                    return Rejected(Category.STATE, "", f"the order is {known.status}")
                unchanged += 1
                if unchanged > 1 and asked - begun >= self._settings.visible_ms / 1000:
                    return Rejected(Category.RETRY, "", "not amended: the order is unchanged")
            elif _not_found(answer) and asked - begun >= self._settings.visible_ms / 1000:
                return answer
            pause_ms = await self._pause(pause_ms)


def unproven(outcome: Outcome[Any]) -> bool:
    """Return whether the outcome leaves open what the venue did."""
    if isinstance(outcome, Rejected):
        return not outcome.category.definite
    return isinstance(outcome, OutcomeUnknown)


def _not_found(outcome: Outcome[Any]) -> bool:
    return isinstance(outcome, Rejected) and outcome.category is Category.NOT_FOUND


def ended(order: Order, refusal: Outcome[Any]) -> Outcome[Order]:
    """Say what a cancel came to that met an order already ended."""
    if order.status is not Status.FILLED:
        return Accepted(order)
    code = refusal.code if isinstance(refusal, Rejected) else ""
    return Rejected(Category.STATE, code, "the order is filled")
