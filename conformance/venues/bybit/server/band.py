"""How far from mark a limit order's price may lie: only buys have a ceiling, only sells a floor.

MaxBuy = min(mark x (1+Y), max(index, mark x (1+X) + premium)), premium = max(0, mid - mark), and
MinSell mirrored (help centre, price limit rules, 2026-05). By default a price outside is clamped
silently, and refused where the account asked for that (docs/v5/account/set-price-limit,
2026-07-24).
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from conformance.model.ids import Ticks
from conformance.model.money import from_atoms
from conformance.model.orders import Side
from conformance.venues.bybit.server.answers import Refused
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.terms import Terms

_ZERO = Decimal(0)


class Band(NamedTuple):
    """The greatest price of a buy and the least one of a sell."""

    buy: Ticks
    sell: Ticks


def band_of(terms: Terms, desk: Desk) -> Band:
    """Return the band in force."""
    listing, symbol, core = terms.listing, terms.symbol, desk.core
    mark, index = from_atoms(core.mark(symbol)), from_atoms(core.index(symbol))
    premium = desk.premiums.average(terms)
    x, y = listing.ratio_x, listing.ratio_y
    buy = min(mark * (1 + y), max(index, mark * (1 + x) + max(_ZERO, premium)))
    sell = max(mark * (1 - y), min(index, mark * (1 - x) + min(_ZERO, premium)))
    return Band(
        int((buy / listing.tick).to_integral_value(ROUND_FLOOR)),
        int((sell / listing.tick).to_integral_value(ROUND_CEILING)),
    )


def fitted(price: Ticks, side: Side, terms: Terms, desk: Desk, *, clamps: bool) -> Ticks:
    """Return a price inside of the band; raise Refused (110120, 110121) unless it ``clamps``."""
    band = band_of(terms, desk)
    if side is Side.BUY and price > band.buy:
        if clamps:
            return band.buy
        raise Refused(110121, f"Order price cannot be higher than {terms.price.text(band.buy)}")
    if side is Side.SELL and price < band.sell:
        if clamps:
            return band.sell
        raise Refused(110120, f"Order price cannot be smaller than {terms.price.text(band.sell)}")
    return price
