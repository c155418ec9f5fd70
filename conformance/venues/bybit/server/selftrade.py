"""Whom an order met that was not to trade with its own account: ``smpOrderId``.

Source: docs/v5/smp and order/open-order, 2026-07-24: the id of the counterparty that set the
prevention off. The core says which orders ended, and not whom they met.
"""

from __future__ import annotations

from conformance.contracts.core import Core
from conformance.model.events import Cause, OrderAccepted, OrderAmended, OrderExpired
from conformance.model.records import OrderRecord
from conformance.venues.bybit.server.desk import extras
from conformance.venues.bybit.server.ids import Ids


class SelfTrades:
    """Gathers the orders that one command ended for meeting their own account."""

    def __init__(self, core: Core, ids: Ids) -> None:
        self._core = core
        self._ids = ids
        self._taker: OrderRecord | None = None
        self._ended: list[OrderRecord] = []

    def on_entry(self, event: OrderAccepted | OrderAmended) -> None:
        """Take note of an order that may meet others now."""
        self._taker = event.order

    def on_end(self, event: OrderExpired) -> None:
        """Take note of an order that has ended: a maker's end follows its taker's entry."""
        order, taker = event.order, self._taker
        if event.cause is not Cause.SELF_TRADE or taker is None:
            return
        if order is not taker:
            self._name(order, taker)
            self._ended.append(order)
            return
        met = self._ended[-1] if self._ended else self._best_against(taker)
        if met is not None:
            self._name(order, met)

    def settle(self) -> None:
        """Close one command."""
        self._taker = None
        if self._ended:
            self._ended = []

    def _best_against(self, taker: OrderRecord) -> OrderRecord | None:
        """Return the order of the same account that a taker meets first."""
        against = [
            order
            for order in self._core.open_orders(taker.account, taker.symbol)
            if order.side is not taker.side and order.price is not None
        ]
        sign = taker.side.sign
        return min(against, key=lambda o: (sign * (o.price or 0), o.order_id), default=None)

    def _name(self, order: OrderRecord, met: OrderRecord) -> None:
        order.tag = extras(order)._replace(met=self._ids.order(met))
