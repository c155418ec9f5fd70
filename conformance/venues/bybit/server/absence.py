"""Disconnected-cancel-all: an account that is gone for too long keeps no orders.

Source: order/dcp and websocket/private/dcp, 2026-07-24. What counts are the connections that
subscribed to ``dcp.future``: when the last of them is dead, all orders end after the account's
window, unless one comes back in time.
"""

from __future__ import annotations

from conformance.model.commands import SetCountdown
from conformance.model.ids import AccountId, Millis
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.hub import Hub

TOPIC = "dcp.future"
PRODUCT = "DERIVATIVES"


class Absence:
    """Counts down for accounts whose connections are dead."""

    def __init__(self, desk: Desk, hub: Hub) -> None:
        self._desk = desk
        self._hub = hub
        self._gone: set[AccountId] = set()

    def left(self, account: AccountId, at: Millis) -> None:
        """Begin to count when nobody is left who watches for the account."""
        window_ms = self._desk.config(account).dcp_ms.get(PRODUCT, 0)
        known = account in self._desk.core.accounts()
        if window_ms and known and not self._hub.wanted(f"{account}/{TOPIC}"):
            self._gone.add(account)
            self._count(account, at + window_ms, at)

    def back(self, account: AccountId, at: Millis) -> None:
        """Stop to count: somebody watches again."""
        if account in self._gone:
            self._gone.remove(account)
            self._count(account, None, at)

    def _count(self, account: AccountId, ends: Millis | None, at: Millis) -> None:
        for symbol in self._desk.terms:
            self._desk.carry_out(SetCountdown(account, symbol, ends), at)
