"""The reference client: every capability of the adapter contract, over one venue's client half."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from conformance.client.core import Core
from conformance.client.resolve import Proof, ended, unproven
from conformance.client.rules import conform, on_grid
from conformance.contracts.adapter import Health
from conformance.contracts.client import Call, Hint, Receipt, Taken
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.funding import Funding, Payment
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Instrument
from conformance.model.orders import (
    Balance,
    Book,
    Fill,
    MarginMode,
    Order,
    OrderRequest,
    Position,
    Status,
)
from conformance.model.outcomes import Accepted, NotSent, Outcome, OutcomeUnknown, Rejected

T = TypeVar("T")


class ReferenceClient(Core):
    """A client for one account at one venue that survives what venues do."""

    @property
    def capabilities(self) -> Collection[Capability]:
        """All that the venue allows."""
        return frozenset(Capability).difference(self._half.lacks)

    @property
    def health(self) -> Health:
        """How it is doing, without waiting."""
        return self._health()

    async def start(self) -> None:
        """Connect and synchronise; return when orders may be placed.

        Raises NotAuthorised, Banned, Throttled or another AdapterError when that fails.
        """
        if self._stage is not Health.STARTING or self._begun:
            return
        self._begun = True
        try:
            await self._connect()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close every connection and task; leaves orders alone."""
        self._stage = Health.STOPPED
        await self._tasks.close()
        await self._courier.close()

    async def place(self, request: OrderRequest) -> Outcome[Order]:
        """Send one order; never send it again before the outcome is known."""
        prepared = await self._prepared(request)
        if isinstance(prepared, NotSent):
            return prepared
        new = self._orders.intend(prepared)
        call = self._half.place(prepared, hedge=self._hedge)
        try:
            outcome = await self._courier.send(call)
        except asyncio.CancelledError:
            self._tasks.start(self._placed(prepared, OutcomeUnknown("abandoned"), new=new))
            raise
        return await self._placed(prepared, outcome, new=new)

    async def place_batch(self, requests: Sequence[OrderRequest]) -> Sequence[Outcome[Order]]:
        """Send several orders, as many in a message as the venue takes."""
        outcomes: list[Outcome[Order]] = []
        for start in range(0, len(requests), self._half.batch_max):
            outcomes += await self._batch(requests[start : start + self._half.batch_max])
        return outcomes

    async def _batch(self, requests: Sequence[OrderRequest]) -> Sequence[Outcome[Order]]:
        prepared = [await self._prepared(request) for request in requests]
        fit = [request for request in prepared if isinstance(request, OrderRequest)]
        if not fit:
            return [outcome for outcome in prepared if isinstance(outcome, NotSent)]
        new = [self._orders.intend(request) for request in fit]
        answer = await self._courier.send(self._half.place_batch(fit, hedge=self._hedge))
        each: Sequence[Outcome[Taken]] = (
            answer.value if isinstance(answer, Accepted) else [answer] * len(fit)
        )
        settled = iter(
            await asyncio.gather(
                *[
                    self._placed(request, outcome, new=fresh)
                    for request, outcome, fresh in zip(fit, each, new, strict=True)
                ]
            )
        )
        return [row if isinstance(row, NotSent) else next(settled) for row in prepared]

    async def _placed(
        self, request: OrderRequest, outcome: Outcome[Taken], *, new: bool
    ) -> Outcome[Order]:
        """Take over what the venue said to an order; find out what it did not say.

        ``new`` is False when an order of the same id was under way already.
        """
        client_id = request.client_id or ""
        if isinstance(outcome, Accepted):
            if isinstance(outcome.value, Receipt):
                return await self._entered(request, outcome.value)
            return Accepted(self._acknowledged(outcome.value))
        if isinstance(outcome, NotSent):
            if new:
                self._orders.forget(request.symbol, client_id)
            return outcome
        if isinstance(outcome, Rejected) and outcome.category.definite:
            hint = self._half.hint(outcome)
            if hint is Hint.WRONG_MODE and not await self._read_mode():
                self._resolver.doubt("", self._read_mode)
            known = self._orders.find(request.symbol, client_id=client_id)
            unknown = known is not None and known.order.status is Status.UNKNOWN
            if hint is not Hint.DUPLICATE or not unknown:
                if new:
                    text = f"{outcome.code} {outcome.text}"
                    self._orders.conclude(request.symbol, client_id, Status.REJECTED, text)
                return outcome
        cause = outcome.cause if isinstance(outcome, OutcomeUnknown) else outcome.text
        proven = await self._resolver.placed(request.symbol, client_id, cause)
        if isinstance(proven, Rejected) and isinstance(outcome, Rejected):
            return outcome
        return proven

    async def _entered(self, request: OrderRequest, receipt: Receipt) -> Outcome[Order]:
        """Say what became of an order that was taken in: that is not accepted yet."""
        order = await self._receipts.told(request.symbol, receipt, lambda _: True)
        if order is None:
            cause = "it was taken in and not heard of again"
            return await self._resolver.placed(request.symbol, request.client_id or "", cause)
        if order.status is Status.REJECTED:
            return Rejected(Category.STATE, "", order.reason)
        return Accepted(self._acknowledged(order))

    def _acknowledged(self, order: Order) -> Order:
        known = self._orders.merge(order)
        if order.filled:
            self._reconciler.check()
        return known

    async def _prepared(self, request: OrderRequest) -> OrderRequest | NotSent:
        """Return the order as it may be sent, or why it may not."""
        if self.health not in (Health.READY, Health.DEGRADED):
            return NotSent(f"the client is {self.health}")
        if not request.reduce_only and self._resolver.frozen(request.symbol):
            return NotSent("an earlier outcome is unproven: no new exposure")
        if self._margin.forbids(request):
            return NotSent("margin was called: no new exposure")
        instrument = await self._instrument(request.symbol)
        if instrument is None:
            return NotSent(f"the venue lists no {request.symbol}")
        if request.client_id is None:
            request = replace(request, client_id=self._fresh_id())
        fitted = conform(request, instrument)
        if isinstance(fitted, str):
            return NotSent(fitted)
        refusal = self._half.refusal(fitted, hedge=self._hedge)
        return NotSent(refusal) if refusal else fitted

    async def cancel(
        self, symbol: Symbol, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        """Cancel one order by either id; an order that has ended otherwise is told so."""
        call = self._half.cancel(symbol, client_id=client_id, venue_id=venue_id)
        return await self._cancelled(symbol, client_id, venue_id, await self._courier.send(call))

    async def _cancelled(
        self, symbol: Symbol, client_id: str, venue_id: str, outcome: Outcome[Taken]
    ) -> Outcome[Order]:
        """Take over what the venue said to a cancel; find out what it did not say."""
        if isinstance(outcome, Accepted):
            if not isinstance(outcome.value, Receipt):
                return Accepted(self._orders.merge(outcome.value, latest=True))
            told = await self._receipts.told(symbol, outcome.value, lambda o: o.status.terminal)
            if told is not None:
                return ended(told, outcome)
        elif not unproven(outcome):
            return outcome
        return await self._resolver.cancelled(symbol, client_id, venue_id, outcome)

    async def cancel_all(self, symbol: Symbol) -> Outcome[None]:
        """Cancel every resting order of the account in ``symbol``."""
        outcome = await self._courier.send(self._half.cancel_all(symbol))
        if isinstance(outcome, Accepted) or unproven(outcome):
            # The venue answers before it has finished; what the stream does not tell is read.
            self._reconciler.check()
            if unproven(outcome):
                self._reconciler.ask("a cancel-all was not confirmed")
        return outcome

    async def amend(
        self, symbol: Symbol, *, client_id: str, price: Decimal, quantity: Decimal
    ) -> Outcome[Order]:
        """Replace price and total quantity of a resting order."""
        target = await self._amendable(symbol, client_id, price, quantity)
        if not isinstance(target, tuple):
            return target
        order, price, quantity = target
        outcome = await self._courier.send(self._half.amend(order, price, quantity))
        return await self._amended(order, price, quantity, outcome)

    async def _amended(
        self, order: Order, price: Decimal, quantity: Decimal, outcome: Outcome[Taken]
    ) -> Outcome[Order]:
        """Take over what the venue said to a change; find out what it did not say."""
        if isinstance(outcome, Accepted):
            if not isinstance(outcome.value, Receipt):
                return Accepted(self._orders.merge(outcome.value, latest=True))
            return await self._changed(order, price, quantity, outcome.value)
        if isinstance(outcome, Rejected) and outcome.category is Category.ALREADY:
            return Accepted(order)
        if unproven(outcome):
            cause = outcome.cause if isinstance(outcome, OutcomeUnknown) else "not found"
            return await self._resolver.amended(order, price, quantity, cause)
        return outcome

    async def _changed(
        self, order: Order, price: Decimal, quantity: Decimal, receipt: Receipt
    ) -> Outcome[Order]:
        """Say what became of a change that was taken in; the venue may move a price to its band."""
        before = (order.price, order.quantity)

        def shown(now: Order) -> bool:
            return now.status.terminal or (now.price, now.quantity) != before

        told = await self._receipts.told(order.symbol, receipt, shown)
        if told is None:
            cause = "it was taken in and not heard of again"
            return await self._resolver.amended(order, price, quantity, cause)
        if (told.price, told.quantity) == before:
            return Rejected(Category.STATE, "", f"the order is {told.status}")
        return Accepted(told)

    async def _amendable(
        self, symbol: Symbol, client_id: str, price: Decimal, quantity: Decimal
    ) -> tuple[Order, Decimal, Decimal] | Rejected | NotSent | OutcomeUnknown:
        """Return the order with both values on their grids, or why it may not be changed."""
        if self.health not in (Health.READY, Health.DEGRADED):
            return NotSent(f"the client is {self.health}")
        if self._resolver.frozen(symbol):
            return NotSent("an earlier outcome is unproven: no new exposure")
        entry = self._orders.find(symbol, client_id=client_id)
        order = entry.order if entry is not None and entry.order.venue_id else None
        if order is None:
            asked = await self.order(symbol, client_id=client_id)
            if not isinstance(asked, Accepted):
                return asked
            order = asked.value
        return await self._fitted(order, price, quantity)

    async def _fitted(
        self, order: Order, price: Decimal, quantity: Decimal
    ) -> tuple[Order, Decimal, Decimal] | NotSent:
        if quantity <= order.filled:
            # The venue would cancel the order instead (trade, Modify Order, 2026-05-28).
            return NotSent(f"{order.filled:f} are executed already")
        instrument = await self._instrument(order.symbol)
        if instrument is None:
            return NotSent(f"the venue lists no {order.symbol}")
        on_tick = on_grid(price, instrument.prices)
        on_step = on_grid(quantity, instrument.quantities)
        if on_tick is None or on_step is None:
            return NotSent("price or quantity is off its grid")
        return order, on_tick, on_step

    async def order(
        self, symbol: Symbol, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        """Ask the venue for one order; an order known to be new is asked for until visible."""
        call = self._half.order(symbol, client_id=client_id, venue_id=venue_id)
        pauses = self._visibility()
        while True:
            outcome = await self._courier.send(call)
            if isinstance(outcome, Accepted):
                return Accepted(self._orders.merge(outcome.value))
            entry = self._orders.find(symbol, client_id=client_id, venue_id=venue_id)
            if not unproven(outcome) or entry is None or entry.assumed:
                return outcome
            pause_s = next(pauses, None)
            if pause_s is None:
                return outcome
            await asyncio.sleep(pause_s)

    async def open_orders(self, symbol: Symbol) -> Outcome[Sequence[Order]]:
        """Ask the venue for all resting orders of the account in ``symbol``."""
        outcome = await self._courier.pages(self._half.open_orders(symbol))
        if not isinstance(outcome, Accepted):
            return outcome
        known = [self._orders.merge(order) for order in outcome.value.rows]
        return Accepted([order for order in known if not order.status.terminal])

    async def instruments(self) -> Outcome[Sequence[Instrument]]:
        """Ask the venue what can be traded."""
        return await self._read_catalogue()

    async def balances(self) -> Outcome[Sequence[Balance]]:
        """Ask the venue for the account's money."""
        return await self._courier.send(self._half.balances())

    async def positions(self) -> Outcome[Sequence[Position]]:
        """Ask the venue for open legs."""
        outcome = await self._courier.pages(self._half.positions())
        if not isinstance(outcome, Accepted):
            return outcome
        held = outcome.value.rows
        self._legs.answer(held, outcome.value.at_ms)
        return Accepted([leg.position for leg in held if leg.position.quantity])

    async def funding(self, symbol: Symbol) -> Outcome[Funding]:
        """Ask the venue what the next funding of a perpetual will be."""
        return await self._fundings.next(symbol)

    async def payments(self, symbol: Symbol, *, since_ms: Millis) -> Outcome[Sequence[Payment]]:
        """Ask for every funding payment since an instant, oldest first, however many."""
        return await self._fundings.payments(symbol, since_ms)

    async def set_leverage(self, symbol: Symbol, leverage: int) -> Outcome[int]:
        """Set a symbol's leverage; already having it is success."""
        call = self._half.set_leverage(symbol, leverage)
        return await self._set(call, leverage, symbol, self._read_positions)

    async def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> Outcome[None]:
        """Set a symbol's margin mode; already having it is success."""
        call = self._half.set_margin_mode(symbol, mode)
        return await self._set(call, None, symbol, self._read_positions)

    async def set_hedge_mode(self, hedge: bool) -> Outcome[None]:  # noqa: FBT001 - the contract
        """Set one-way or hedge mode; already having it is success."""
        call = self._half.set_hedge(hedge=hedge)
        outcome = await self._set(call, None, "", self._read_mode)
        if isinstance(outcome, Accepted):
            self._hedge = hedge
        return outcome

    async def _set(self, call: Call[T], wanted: T, symbol: Symbol, prove: Proof) -> Outcome[T]:
        """Change a setting; while it is unproven, nothing that depends on it is sent."""
        outcome = await self._courier.send(call)
        if isinstance(outcome, Rejected) and outcome.category is Category.ALREADY:
            return Accepted(wanted)
        if isinstance(outcome, OutcomeUnknown):
            self._resolver.doubt(symbol, prove)
        return outcome

    async def watch_book(self, symbol: Symbol) -> None:
        """Keep a local book of ``symbol`` up to date until ``stop``.

        Raises AdapterError when the venue lists no such symbol: asking for it would never end.
        """
        if await self._instrument(symbol) is None:
            raise AdapterError(f"the venue lists no {symbol}")
        await self._market.watch(symbol)

    def book(self, symbol: Symbol) -> Book:
        """Return the local book; ``valid`` is False while it may be wrong."""
        return self._market.book(symbol)

    def orders(self) -> Sequence[Order]:
        """Return the latest known state of every order seen."""
        return self._orders.orders()

    def fills(self) -> Sequence[Fill]:
        """Return every execution counted, each once, oldest first."""
        return self._orders.fills()

    def updates(self) -> Sequence[Order]:
        """Return every order state published, in order."""
        return self._orders.updates()

    def held(self) -> Sequence[Position]:
        """Return the legs as tracked by the client itself, without asking."""
        return self._legs.positions()

    def now_ms(self) -> Millis:
        """Return the client's estimate of the server's time."""
        return self._courier.clock.now_ms()

    def alerts(self) -> Sequence[str]:
        """Return the latest notes about what was not as it should be."""
        return list(self._alerts)
