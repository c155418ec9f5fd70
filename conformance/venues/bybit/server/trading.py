"""Placing, amending and cancelling orders, singly and in batches.

An acknowledgement says that the gateway took the message; what became of it is told on the
streams and by queries (docs/v5/order/create-order, 2026-07-24).
"""

from __future__ import annotations

from conformance.model.events import OrderAccepted
from conformance.venues.bybit.server.answers import Answer
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.entry import read_order


class Trading:
    """The order endpoints."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def create(self, call: Call) -> Answer:
        """POST /v5/order/create."""
        command = read_order(call.params, call.account, self._desk)
        first = self._desk.carry_out(command, call.at)[0]
        assert type(first) is OrderAccepted
        order = first.order
        return Answer({"orderId": self._desk.ids.order(order), "orderLinkId": order.client_id})
