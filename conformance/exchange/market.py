"""One symbol as the exchange runs it: its book, its mark, its phase, its counters."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from conformance.exchange.book import Book
from conformance.exchange.contract import contract_of
from conformance.exchange.margin import Scale
from conformance.exchange.settings import FIRST_ORDER_ID, FIRST_TRADE_ID, TRADES_RETAINED
from conformance.model.ids import AccountId, Atoms, Ticks
from conformance.model.instruments import Listing, Phase
from conformance.model.money import to_atoms
from conformance.model.orders import Side
from conformance.model.records import TradeRecord

if TYPE_CHECKING:
    from conformance.exchange.accounts import Holding


class Market:
    """One symbol. Price limits follow the mark and are kept as ticks."""

    __slots__ = (
        "_down",
        "_take",
        "_up",
        "book",
        "buy_max",
        "contract",
        "holdings",
        "index",
        "last",
        "listing",
        "maker_rate",
        "mark",
        "min_notional",
        "next_order_id",
        "next_trade_id",
        "phase",
        "scale",
        "sell_min",
        "take_max",
        "take_min",
        "taker_rate",
        "trades",
    )

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.contract = contract_of(listing)
        self.scale = Scale(listing)
        self.book = Book()
        self.phase: Phase = listing.phase
        self.min_notional: Atoms = to_atoms(listing.min_notional)
        self.maker_rate = listing.maker_rate.as_integer_ratio()
        self.taker_rate = listing.taker_rate.as_integer_ratio()
        self.holdings: dict[AccountId, Holding] = {}
        self.trades: deque[TradeRecord] = deque(maxlen=TRADES_RETAINED)
        self.next_order_id = FIRST_ORDER_ID
        self.next_trade_id = FIRST_TRADE_ID
        self._up = listing.band_up.as_integer_ratio()
        self._down = listing.band_down.as_integer_ratio()
        self._take = listing.market_take_bound.as_integer_ratio()
        start = to_atoms(listing.initial_price)
        self.index: Atoms = start
        self.last: Atoms = start
        """Price of the last trade, off the grid only when a scenario set it so."""
        self.set_mark(start)

    def set_mark(self, mark: Atoms) -> None:
        """Move the mark, the limits that depend on it and the figures of every open leg."""
        self.mark: Atoms = mark
        tick = self.contract.tick
        part, whole = self._take
        self.buy_max: Ticks = mark * self._up[0] // (self._up[1] * tick)
        self.sell_min: Ticks = _ceiling(mark * self._down[0], self._down[1] * tick)
        self.take_max: Ticks = mark * (whole + part) // (whole * tick)
        self.take_min: Ticks = _ceiling(mark * (whole - part), whole * tick)
        for holding in self.holdings.values():
            for leg in holding.legs.values():
                if leg.lots:
                    leg.revalue()

    def take_limit(self, side: Side) -> Ticks:
        """Return the last price at which a market order of ``side`` may take."""
        return self.take_max if side is Side.BUY else self.take_min

    def in_band(self, side: Side, price: Ticks) -> bool:
        """Return whether an order of ``side`` at ``price`` keeps to the band round the mark."""
        return price <= self.buy_max if side is Side.BUY else price >= self.sell_min


def _ceiling(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
