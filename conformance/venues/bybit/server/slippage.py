"""How far a market order may go from the best price, where its owner says so.

Source: docs/v5/order/create-order, slippageTolerance, 2026-07-24: market orders alone, and none
that waits for a trigger.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from conformance.model.ids import Ticks
from conformance.model.money import from_atoms
from conformance.model.orders import Side
from conformance.venues.bybit.server.answers import Refused, invalid
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.params import Params, exact, optional, text
from conformance.venues.bybit.server.terms import Terms

_KIND, _SIZE = "slippageToleranceType", "slippageTolerance"
_TICKS = "TickSize"
_RANGES = {
    _TICKS: (110108, Decimal(1), Decimal(10_000), Decimal(1)),
    "Percent": (110109, Decimal("0.01"), Decimal(10), Decimal("0.01")),
}
"""Code of what lies outside, least, greatest, and steps."""


class Tolerance(NamedTuple):
    """What was asked for."""

    kind: str
    text: str
    size: Decimal
    """In ticks, or in percent."""


def read(params: Params, *, limit: bool) -> Tolerance | None:
    """Return the tolerance of an order, None when none is told; raise Refused."""
    kind = optional(params, _KIND)
    if not kind:
        return None
    if kind not in _RANGES or limit:
        raise invalid(_KIND)
    code, least, most, step = _RANGES[kind]
    size = exact(params, _SIZE)
    if not least <= size <= most:
        raise Refused(code)
    if size % step:
        raise invalid(_SIZE)
    return Tolerance(kind, text(params, _SIZE), size)


def refuse(params: Params) -> None:
    """Raise Refused (10001) when an order that cannot have a tolerance has one."""
    if optional(params, _KIND):
        raise invalid(_KIND)


def last_price(tolerance: Tolerance, side: Side, terms: Terms, desk: Desk) -> Ticks:
    """Return the worst price at which a market order may still fill.

    Buy: ask1 + tolerance x tickSize, or ask1 x (1 + tolerance x 0.01); Sell mirrored from bid1.
    The bound of every market order holds too. There must be an opposite order.
    """
    listing, sign = terms.listing, side.sign
    depth = desk.core.depth(terms.symbol, 1)
    best = (depth.asks if sign > 0 else depth.bids)[0].price * listing.tick
    size = tolerance.size
    away = size * listing.tick if tolerance.kind == _TICKS else best * size / 100
    bound = from_atoms(desk.core.mark(terms.symbol)) * (1 + sign * listing.market_take_bound)
    last = min(best + away, bound) if sign > 0 else max(best - away, bound)
    towards_best = ROUND_FLOOR if sign > 0 else ROUND_CEILING
    return int((last / listing.tick).to_integral_value(towards_best))
