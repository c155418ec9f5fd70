"""The world of a venue that is not ours; implements the World contract as far as it goes.

The venue is real to us: its time is real time, its market is its own, and its truth is what it
tells the harness. What a case asks beyond that raises Beyond, and the case is not applicable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import Venue
from conformance.errors import Beyond, Finding, WorldError
from conformance.gateway.ground import SYMBOLS_MIN
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Instrument, Listing, Phase
from conformance.model.orders import Kind, OrderRequest, PositionSide, Side
from conformance.tap.asking import Asker
from conformance.tap.market import Market
from conformance.tap.recorded import Recordable
from conformance.tap.tap import Tap
from conformance.tap.truth import Truth

WAIT_MS_MAX = 60_000
"""How long a case may wait where waiting takes real time."""
MARK_FRESH_MS = 10_000
"""How long a price counts as the present: a case computes with one and the same."""


class TapWorld(Recordable):
    """``async with TapWorld(venue, behind, credentials) as world``: the venue at ``behind``.

    The account is tidied before and after: its orders in the case's symbols are cancelled, its
    legs closed. ``tls``: the testee is to speak TLS. Raises HostRefused when ``behind`` is neither
    loopback nor a test network.
    """

    def __init__(
        self,
        venue: Venue,
        behind: Endpoints,
        credentials: Credentials,
        *,
        seed: int = 0,
        case_id: str = "",
        tls: bool = False,
    ) -> None:
        super().__init__(venue, credentials, seed=seed, case_id=case_id)
        self.tap: Tap
        self.truth: Any
        self.market: Any
        self.faults: Any
        self._behind = behind
        self._tls = tls
        self._asker: Asker
        self._listings: dict[Symbol, Listing] = {}
        self._marks: dict[Symbol, tuple[Millis, Decimal]] = {}

    async def open(self) -> None:
        """Learn the venue's rules, tidy the account, and listen."""
        self.tap = Tap(
            self._venue,
            self._behind,
            self.credentials,
            tls=self._tls,
            transcript=self.recorder,
        )
        self.wire = self.tap.transcript
        self.faults = self.tap.faults
        self._asker = Asker(self._venue, self.tap.upstream, self.credentials)
        self._asker.sync()
        self.tap.clock.offset_ms = self._asker.offset_ms
        await asyncio.sleep(self._asker.breather_s())
        self._learn(self._asker.need(self._asker.half.catalogue()).instruments)
        self.truth = Truth(self._asker, self.wire, self.symbols)
        self.market = Market(self._asker, self.truth, self.symbol)
        self._tidy()
        self.truth.begin()
        self.endpoints = await self.tap.start()

    async def close(self, *, failed: bool) -> None:
        """Close and tidy the account; raise what went wrong inside, or that the venue is gone."""
        del failed
        await self.tap.stop()
        try:
            self._tidy()
        finally:
            self._asker.close()
        self.tap.check()

    @property
    def front(self) -> Tap:
        """What stands before the venue."""
        return self.tap

    def listing_of(self, symbol: Symbol) -> Listing:
        """Rules of any symbol, as the venue states them now."""
        return self._listings[symbol or self.symbol]

    def mark(self, symbol: Symbol) -> Decimal:
        """Return the middle of the book, which is what comes nearest to the mark price."""
        known = self._marks.get(symbol)
        if known is None or self.now() - known[0] >= MARK_FRESH_MS:
            seen = self._asker.need(self._asker.half.glimpse(symbol))
            best = [side[0][0] for side in (seen.bids, seen.asks) if side]
            if not best:
                raise WorldError(f"the book of {symbol} is empty", hint="try again later")
            known = self._marks[symbol] = self.now(), sum(best, Decimal(0)) / len(best)
        return known[1]

    def now(self) -> Millis:
        """Return the venue's time as last learned."""
        return self._asker.now()

    async def until(
        self, condition: Callable[[], object], *, within_ms: int = 5_000, what: str = ""
    ) -> None:
        """Wait until ``condition()`` is true; raise Finding naming ``what`` when it is not.

        Raises Beyond when the case would have waited longer than real time allows.
        """
        try:
            await super().until(condition, within_ms=min(within_ms, WAIT_MS_MAX), what=what)
        except Finding as finding:
            if within_ms <= WAIT_MS_MAX or finding.claim != (what or finding.claim):
                raise
            raise Beyond(f"it would wait {within_ms / 1000:g} s of real time") from finding

    async def quiet(self, for_ms: int = 100) -> None:
        """Let ``for_ms`` pass; raise Beyond when that takes too long."""
        if for_ms > WAIT_MS_MAX:
            raise Beyond(f"it would wait {for_ms / 1000:g} s of real time")
        await super().quiet(for_ms)

    def _learn(self, instruments: Sequence[Instrument]) -> None:
        """Play in the symbols that we know and that trade; by the rules in force there."""
        stated = {each.symbol: each for each in instruments if each.phase is Phase.TRADING}
        self._listings = {
            listing.symbol: _stated(listing, stated[listing.symbol])
            for listing in self._venue.listings
            if listing.symbol in stated
        }
        if len(self._listings) < SYMBOLS_MIN:
            raise WorldError(
                f"only {len(self._listings)} known symbols trade at {self._behind.rest}",
                hint=f"{SYMBOLS_MIN} are needed",
            )
        self.symbols = tuple(self._listings)[:SYMBOLS_MIN]
        self.symbol = self.symbols[0]

    def _tidy(self) -> None:
        """Cancel the account's orders, close its legs and go back to one-way mode."""
        asker, half = self._asker, self._asker.half
        for symbol in self.symbols:
            if asker.rows(half.open_orders(symbol)):
                asker.need(half.cancel_all(symbol))
        legs = [held.position for held in asker.rows(half.positions())]
        hedge = any(leg.position_side is not PositionSide.NET for leg in legs)
        for leg in legs:
            if leg.quantity:
                closing = OrderRequest(
                    symbol=leg.symbol,
                    side=Side.SELL if leg.quantity > 0 else Side.BUY,
                    quantity=abs(leg.quantity),
                    kind=Kind.MARKET,
                    reduce_only=leg.position_side is PositionSide.NET,
                    position_side=leg.position_side,
                    client_id=self.client_id("tidy"),
                )
                asker.need(half.place(closing, hedge=hedge))
        if hedge:
            asker.need(half.set_hedge(hedge=False))
        self.truth.forget()


def _stated(listing: Listing, instrument: Instrument) -> Listing:
    """Return our rules of a symbol with the values that the venue states."""
    return replace(
        listing,
        **{field.name: getattr(instrument, field.name) for field in fields(instrument)},
        min_lots=instrument.quantities.units(instrument.min_quantity) or 1,
    )
