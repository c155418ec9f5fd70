"""One symbol as the exchange runs it: its book, its mark, its phase, its counters."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from conformance.exchange.book import Book
from conformance.exchange.contract import contract_of
from conformance.exchange.margin import Scale
from conformance.exchange.settings import (
    FIRST_ORDER_ID,
    FIRST_TRADE_ID,
    FUNDINGS_RETAINED,
    PRE_DELIVERY_MS,
    TRADES_RETAINED,
)
from conformance.model.ids import AccountId, Atoms, Millis, Ticks
from conformance.model.instruments import Listing, Phase
from conformance.model.money import to_atoms
from conformance.model.orders import BUY, Gauge, RiskControl, Side
from conformance.model.records import FundingRecord, FundingTerms, TradeRecord

if TYPE_CHECKING:
    from conformance.exchange.accounts import Holding, Leg


class Market:
    """One symbol. Price limits follow the mark and are kept as ticks."""

    __slots__ = (
        "_down",
        "_protect",
        "_take",
        "_up",
        "book",
        "buy_max",
        "closing_at",
        "contract",
        "control",
        "delivery_at",
        "exposed",
        "funding",
        "fundings",
        "holdings",
        "index",
        "last",
        "liquidation_rate",
        "listing",
        "maker_rate",
        "mark",
        "min_notional",
        "next_order_id",
        "next_trade_id",
        "phase",
        "scale",
        "sell_min",
        "settlement",
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
        self.control = RiskControl.NONE
        self.min_notional: Atoms = to_atoms(listing.min_notional)
        self.maker_rate = listing.maker_rate.as_integer_ratio()
        self.taker_rate = listing.taker_rate.as_integer_ratio()
        self.liquidation_rate = listing.liquidation_rate.as_integer_ratio()
        self.holdings: dict[AccountId, Holding] = {}
        self.exposed: dict[Leg, None] = {}
        """Every leg that is not flat, in the order of their openings."""
        self.delivery_at: Millis | None = listing.expiry_ms
        self.closing_at: Millis | None = None
        """When trading stops before delivery; None when it has, or when there is none."""
        if listing.expiry_ms is not None:
            self.closing_at = listing.expiry_ms - PRE_DELIVERY_MS
        self.settlement: Atoms | None = None
        """The price of delivery when it is not to be the index."""
        self.funding = FundingTerms(0, listing.funding_interval_h, None)
        self.fundings: deque[FundingRecord] = deque(maxlen=FUNDINGS_RETAINED)
        self.trades: deque[TradeRecord] = deque(maxlen=TRADES_RETAINED)
        self.next_order_id = FIRST_ORDER_ID
        self.next_trade_id = FIRST_TRADE_ID
        self._up = listing.band_up.as_integer_ratio()
        self._down = listing.band_down.as_integer_ratio()
        self._protect = listing.trigger_protect.as_integer_ratio()
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
        for leg in self.exposed:
            leg.revalue()

    @property
    def calm(self) -> bool:
        """True when last and mark are so close that protected conditional orders may trigger.

        (Price protection, binance.com/support/faq, 2020-10: above triggerProtect they do not.)
        """
        part, whole = self._protect
        return abs(self.last - self.mark) * whole <= self.mark * part

    def gauge(self, gauge: Gauge) -> Ticks:
        """Return one of the watched prices in ticks."""
        if gauge is Gauge.LAST:
            return self.ticks(self.last)
        return self.ticks(self.mark if gauge is Gauge.MARK else self.index)

    def ticks(self, price: Atoms) -> Ticks:
        """Return a price in ticks, truncated as venues do before they compare it to a trigger.

        (How to Place Stop-Loss Orders, binance.com/support/faq, 2024-08.)
        """
        return price // self.contract.tick

    def take_limit(self, side: Side) -> Ticks:
        """Return the last price at which a market order of ``side`` may take."""
        return self.take_max if side is BUY else self.take_min


def _ceiling(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
