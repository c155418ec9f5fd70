"""What became of orders: amendments, and the orders that the venue placed.

Source: usds-margined-futures/trade Get-Order-Modify-History and Users-Force-Orders, 2026-05-28.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any, NamedTuple

import orjson

from conformance.model.events import OrderAmended
from conformance.model.ids import AccountId, Lots, Millis, Ticks
from conformance.model.orders import Forced
from conformance.model.records import OrderRecord
from conformance.venues.binance_usdm.facts import ENDPOINTS, FACTS
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk, extras, number_of
from conformance.venues.binance_usdm.server.finding import find_order
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.params import whole
from conformance.venues.binance_usdm.server.queries import limit_of, span
from conformance.venues.binance_usdm.server.refusals import Refused, invalid
from conformance.venues.binance_usdm.server.rows import forced

_AMENDMENTS_KEPT = 10_000
_KEPT_MS: Millis = FACTS["orders"]["retention_ms"]
_CLOSES = {"LIQUIDATION": (Forced.LIQUIDATION,), "ADL": (Forced.DELEVERAGING,)}
_EVERY = (Forced.LIQUIDATION, Forced.DELEVERAGING)


class Amendment(NamedTuple):
    """One amendment of one order: the figures before and after it."""

    number: int
    order: OrderRecord
    at: Millis
    prices: tuple[Ticks, Ticks]
    quantities: tuple[Lots, Lots]
    times: int
    modify_id: int | None
    price_match: str


class History:
    """Remembers amendments, and reads what was forced."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._amendments: dict[AccountId, deque[Amendment]] = defaultdict(
            lambda: deque(maxlen=_AMENDMENTS_KEPT)
        )
        self._numbers = 0

    def note(self, event: OrderAmended, at: Millis) -> None:
        """Remember an amendment."""
        order, extra = event.order, extras(event.order)
        self._numbers += 1
        self._amendments[order.account].append(
            Amendment(
                self._numbers,
                order,
                at,
                (event.price_before, order.price or 0),
                (event.quantity_before, order.quantity),
                order.amendments,
                extra.modify_id,
                extra.price_match,
            )
        )

    def amendments(self, call: Call) -> bytes:
        """GET /fapi/v1/orderAmendment: newest first, three months."""
        terms = self._desk.terms_of(call)
        wanted: OrderRecord | None = None
        if "orderid" in call.params or "origclientorderid" in call.params:
            wanted = find_order(call.params, call.account, terms, self._desk)
            if wanted is None:
                raise Refused(-2013)
        start = whole(call.params, "startTime") or 0
        end = whole(call.params, "endTime") or call.at
        if start > end:
            raise Refused(-1023)
        rows = [
            each
            for each in reversed(self._amendments[call.account])
            if each.order.symbol == terms.symbol
            and (wanted is None or each.order is wanted)
            and max(start, call.at - _KEPT_MS) <= each.at <= end
        ]
        kept = limit_of(ENDPOINTS["amendments"], call.params)
        return orjson.dumps([_amendment(each, terms) for each in rows[:kept]])

    def forced(self, call: Call) -> str:
        """GET /fapi/v1/forceOrders: liquidations and deleveragings, 90 days."""
        terms = self._desk.terms_if_sent(call)
        sent = call.params.get("autoclosetype")
        whys = _CLOSES.get(sent) if sent else _EVERY
        if whys is None:
            raise invalid("autoCloseType")
        start, end = span(call.params, call.at)
        rows = [
            order
            for symbol in ([terms.symbol] if terms else self._desk.terms)
            for order in self._desk.core.orders(call.account, symbol)
            if order.forced in whys and max(start, call.at - _KEPT_MS) <= order.created_ms <= end
        ]
        rows.sort(key=lambda order: order.created_ms)
        kept = limit_of(ENDPOINTS["force-orders"], call.params)
        named = self._desk.terms
        return f"[{','.join(forced(order, named[order.symbol]) for order in rows[-kept:])}]"


def _amendment(each: Amendment, terms: Terms) -> dict[str, Any]:
    price, quantity = terms.price.text, terms.quantity.text
    changed: dict[str, Any] = {
        "price": {"before": price(each.prices[0]), "after": price(each.prices[1])},
        "origQty": {"before": quantity(each.quantities[0]), "after": quantity(each.quantities[1])},
        "count": each.times,
    }
    if each.modify_id is not None:
        changed["modifyId"] = each.modify_id
    row = {
        "amendmentId": each.number,
        "symbol": terms.symbol,
        "pair": terms.symbol,
        "orderId": number_of(each.order),
        "clientOrderId": each.order.client_id,
        "time": each.at,
        "amendment": changed,
    }
    return row if each.price_match == "NONE" else row | {"priceMatch": each.price_match}
