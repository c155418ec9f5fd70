"""The figures of a ticker, and the stream that tells them as they change.

Source: market/tickers and websocket/public/ticker, 2026-07-24. A stream begins with all of them;
afterwards it carries those that changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import TypeAlias

import orjson

from conformance.contracts.core import Core
from conformance.model.events import BookChanged
from conformance.model.ids import Millis
from conformance.model.money import from_atoms
from conformance.model.orders import PositionSide
from conformance.model.records import TradeRecord
from conformance.venues.broadcast import Feed, Notice
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.tape import Tape
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.candles import DAY, HOUR, last_day
from conformance.venues.numbers import atoms_text, plain

Figures: TypeAlias = dict[str, str]

_PERIOD_MS: Millis = FACTS["streams"]["speeds"]["tickers"]
_SHARE = Decimal("0.000001")
_RATE = Decimal("0.00000001")
_YEAR: Millis = 365 * DAY
_BOTH_SIDES = 2


def figures(terms: Terms, core: Core, tape: Tape, at: Millis) -> Figures:
    """Return what REST and stream tell of a symbol, in the order of the stream."""
    listing, symbol, price = terms.listing, terms.symbol, terms.price.text
    trades = core.trades(symbol)
    last = listing.prices.floor(from_atoms(core.last(symbol)))
    day = last_day(trades, at, last)
    hour = next((t.price for t in reversed(trades) if t.at <= at - HOUR), day.open)
    found = {
        "symbol": symbol,
        "tickDirection": tape.direction,
        "price24hPcnt": _share(Decimal(last - day.open) / day.open),
        "lastPrice": price(last),
        "prevPrice24h": price(day.open),
        "highPrice24h": price(day.high),
        "lowPrice24h": price(day.low),
        "prevPrice1h": price(hour),
        "markPrice": terms.off_grid(core.mark(symbol)),
        "indexPrice": terms.off_grid(core.index(symbol)),
        **_interest(terms, core),
        "turnover24h": turnover([t for t in trades if t.at > day.opened_ms], terms),
        "volume24h": terms.quantity.text(day.volume),
    }
    found |= _perpetual(terms, core, at) if core.delivery(symbol) is None else {}
    return found | _best(terms, core)


def future(terms: Terms, core: Core, at: Millis) -> Figures:
    """Return what is told of a dated future alone; its delivery as an instant in ms."""
    ends = core.delivery(terms.symbol)
    if ends is None:
        return {}
    mark, index, last = (
        from_atoms(ask(terms.symbol)) for ask in (core.mark, core.index, core.last)
    )
    rate = (mark - index) / index
    left = Decimal(max(ends - at, 1))
    return {
        "deliveryTime": str(ends),
        "basisRate": plain(rate.quantize(_RATE, rounding=ROUND_DOWN)),
        "deliveryFeeRate": "0",
        "predictedDeliveryPrice": terms.price.text(0),
        "basis": plain(last - index),
        "basisRateYear": plain((rate * _YEAR / left).quantize(_RATE, rounding=ROUND_DOWN)),
        "nextFundingTime": "",
        "fundingRate": "",
    }


def turnover(trades: Sequence[TradeRecord], terms: Terms) -> str:
    """Return what trades were worth, in the coin that margins the contract."""
    price = terms.listing.prices.value
    return plain(sum((terms.value(price(t.price), t.quantity) for t in trades), Decimal(0)))


def open_lots(terms: Terms, core: Core) -> int:
    """Return the lots of all long legs, which are those of all short ones."""
    lots = 0
    for account in core.accounts():
        sides = (PositionSide.LONG,) if core.hedge(account) else (PositionSide.NET,)
        lots += sum(max(0, core.stake(account, terms.symbol, side).lots) for side in sides)
    return lots


def holders(terms: Terms, core: Core) -> tuple[int, int]:
    """Return how many accounts are long, and how many short, all legs taken together."""
    nets = [
        sum(leg.lots for leg in core.positions(account, terms.symbol))
        for account in core.accounts()
    ]
    return sum(net > 0 for net in nets), sum(net < 0 for net in nets)


def _interest(terms: Terms, core: Core) -> Figures:
    lots, mark = open_lots(terms, core), from_atoms(core.mark(terms.symbol))
    text = terms.quantity.text
    return {
        "openInterest": text(lots * _BOTH_SIDES),
        "openInterestValue": terms.value_text(mark, lots * _BOTH_SIDES),
        "singleOpenInterest": text(lots),
        "singleOpenInterestValue": terms.value_text(mark, lots),
    }


def _perpetual(terms: Terms, core: Core, at: Millis) -> Figures:
    planned = core.funding(terms.symbol)
    interval = planned.interval_h * HOUR
    ahead = (at // interval + 1) * interval if planned.next_ms is None else planned.next_ms
    rate = atoms_text(planned.rate).rstrip("0").rstrip(".")
    return {
        "fundingIntervalHour": str(planned.interval_h),
        "fundingCap": plain(terms.listing.funding_cap or Decimal(0)),
        "nextFundingTime": str(ahead),
        "fundingRate": rate,
    }


def _best(terms: Terms, core: Core) -> Figures:
    depth = core.depth(terms.symbol, 1)
    price, quantity = terms.price.text, terms.quantity.text
    bid = depth.bids[0] if depth.bids else None
    ask = depth.asks[0] if depth.asks else None
    return {
        "bid1Price": price(bid.price) if bid else "",
        "bid1Size": quantity(bid.quantity) if bid else "",
        "ask1Price": price(ask.price) if ask else "",
        "ask1Size": quantity(ask.quantity) if ask else "",
    }


def _share(share: Decimal) -> str:
    return plain(share.quantize(_SHARE, rounding=ROUND_DOWN))


class Tickers(Feed):
    """``tickers.{symbol}``: all figures at first, then those that changed."""

    def __init__(self, tape: Tape, terms: Terms, core: Core, at: Millis) -> None:
        super().__init__((terms.symbol,), _PERIOD_MS)
        self._tape = tape
        self._terms = terms
        self._core = core
        self._told = self._figures(at)

    def on_book(self, change: BookChanged, at: Millis) -> None:
        """Look again."""
        del change
        self.touch(at)

    def on_trades(self, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Look again."""
        del trades
        self.touch(at)

    def on_notice(self, event: Notice, at: Millis) -> None:
        """Look again: mark, index or funding moved."""
        del event
        self.touch(at)

    def first(self, at: Millis) -> list[str]:
        """Return all figures as they were told last."""
        return [self._frame("snapshot", self._told, at)]

    def frames(self, at: Millis) -> list[str]:
        """Return what changed, if anything did."""
        before, self._told = self._told, self._figures(at)
        changed = {n: v for n, v in self._told.items() if before.get(n) != v}
        if not changed:
            return []
        return [self._frame("delta", {"symbol": self._terms.symbol, **changed}, at)]

    def _figures(self, at: Millis) -> Figures:
        found = figures(self._terms, self._core, self._tape, at)
        extra = future(self._terms, self._core, at)
        if extra:
            ends = datetime.fromtimestamp(int(extra["deliveryTime"]) // 1000, UTC)
            extra["deliveryTime"] = f"{ends:%Y-%m-%dT%H:%M:%SZ}"
        elif self._terms.category == "linear":
            extra = dict.fromkeys(("preOpenPrice", "preQty", "curPreListingPhase"), "")
        return found | extra

    def _frame(self, kind: str, told: Figures, at: Millis) -> str:
        return (
            f'{{"topic":"tickers.{self._terms.symbol}","type":"{kind}",'
            f'"data":{orjson.dumps(told).decode()},"cs":{self._tape.sequence},"ts":{at}}}'
        )
