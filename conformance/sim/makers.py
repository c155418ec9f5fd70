"""Market makers that keep the books of a stand-alone simulator alive, the same for one seed."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

from conformance.gateway.ground import least_lots
from conformance.model.instruments import Listing, Phase
from conformance.model.money import ATOM, from_atoms
from conformance.model.orders import Side
from conformance.sim.market import Market
from conformance.sim.shell import Shell

PERIOD_S = 0.5
LEVELS = 10
"""Quotes of either side."""
SPREAD_TICKS = 2
STEP_TICKS_MAX = 8
"""How far mark may walk in one period."""
LEASH = Decimal("0.02")
"""How far mark may stray from where it began."""
TRADE_CHANCE = 0.5
CLIP_LOTS_MAX = 20
"""How much a quote or a trade exceeds the least quantity, in lots."""


class Makers:
    """Quotes round mark, lets mark walk a little, and trades now and then, on a timer."""

    def __init__(self, shell: Shell, market: Market, *, seed: int) -> None:
        self._shell = shell
        self._market = market
        self._chance = random.Random(seed)  # noqa: S311 - a market, not a secret
        self._timer: asyncio.TimerHandle | None = None
        self._home = {symbol: from_atoms(shell.core.mark(symbol)) for symbol in shell.core.listings}

    def start(self) -> None:
        """Quote, and go on doing so until stopped."""
        self._timer = asyncio.get_running_loop().call_later(PERIOD_S, self.start)
        for symbol, listing in self._shell.core.listings.items():
            if self._shell.core.phase(symbol) is Phase.TRADING:
                self._walk(listing)
                self._quote(listing)
                if self._chance.random() < TRADE_CHANCE:
                    self._trade(listing)

    def stop(self) -> None:
        """Cease to quote; what rests stays."""
        if self._timer is not None:
            self._timer.cancel()

    def _walk(self, listing: Listing) -> None:
        symbol, home = listing.symbol, self._home[listing.symbol]
        step = self._chance.randint(-STEP_TICKS_MAX, STEP_TICKS_MAX) * listing.tick
        mark = (from_atoms(self._shell.core.mark(symbol)) + step).quantize(ATOM)
        if abs(mark - home) <= home * LEASH:
            self._market.mark(mark, symbol)

    def _quote(self, listing: Listing) -> None:
        symbol = listing.symbol
        self._market.clear(symbol)
        middle = listing.prices.floor(from_atoms(self._shell.core.mark(symbol)))
        for level in range(LEVELS):
            for side in (Side.BUY, Side.SELL):
                ticks = middle - side.sign * (SPREAD_TICKS + level)
                self._market.rest(side, listing.prices.value(ticks), self._clip(listing), symbol)

    def _trade(self, listing: Listing) -> None:
        side = self._chance.choice((Side.BUY, Side.SELL))
        self._market.take(side, self._clip(listing), listing.symbol)

    def _clip(self, listing: Listing) -> Decimal:
        mark = from_atoms(self._shell.core.mark(listing.symbol))
        lots = least_lots(listing, mark) + self._chance.randint(0, CLIP_LOTS_MAX)
        return listing.quantities.value(lots)
