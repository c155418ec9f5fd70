"""Conditional orders as user events: ALGO_UPDATE, and what was told of stops until 2025-12-09.

Source: usds-margined-futures/user-data-streams Event-Algo-Order-Update, 2026-05-28; change log
2026-08-07 and 2026-08-21 (``ia``, two NEW of a trailing stop). Before the algo service a stop that
fired was told EXPIRED (``er`` 8) and then NEW under the same id as the order it had become.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.model.events import (
    Cause,
    ConditionalAccepted,
    ConditionalActivated,
    ConditionalCancelled,
    ConditionalExpired,
    ConditionalFinished,
    ConditionalRejected,
    ConditionalTriggered,
    ConditionalTriggering,
)
from conformance.model.ids import Millis
from conformance.model.orders import ConditionalStatus, Kind
from conformance.model.records import ConditionalRecord
from conformance.model.wire import Topic
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.courier import Courier
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.reports import Step, order_update
from conformance.venues.binance_usdm.server.waiting import as_order, reason, stop_of, update

_EXPIRY: Mapping[str, str] = FACTS["orders"]["expiry"]
_TRIGGERED = _EXPIRY["triggered"]


class Alarms:
    """Tells the owners of conditional orders what becomes of them."""

    def __init__(self, desk: Desk, courier: Courier) -> None:
        self._desk = desk
        self._courier = courier
        self._twice: bool = desk.switches["trailing_told_twice"]
        self.tellers: Mapping[type, Callable[[Any, Millis], None]] = {
            ConditionalAccepted: self._accepted,
            ConditionalActivated: self._activated,
            ConditionalTriggering: self._triggering,
            ConditionalTriggered: self._triggered,
            ConditionalFinished: self._finished,
            ConditionalCancelled: self._cancelled,
            ConditionalExpired: self._expired,
            ConditionalRejected: self._rejected,
        }
        """What tells which event of the core."""

    def _accepted(self, event: ConditionalAccepted, at: Millis) -> None:
        trails = event.conditional.command.kind is Kind.TRAILING_STOP
        self._tell(event.conditional, ConditionalStatus.NEW, at, active=not trails)

    def _activated(self, event: ConditionalActivated, at: Millis) -> None:
        if self._twice and not stop_of(event.conditional).legacy:
            self._tell(event.conditional, ConditionalStatus.NEW, at)

    def _triggering(self, event: ConditionalTriggering, at: Millis) -> None:
        self._tell(event.conditional, ConditionalStatus.TRIGGERING, at)

    def _triggered(self, event: ConditionalTriggered, at: Millis) -> None:
        self._tell(event.conditional, ConditionalStatus.TRIGGERED, at)

    def _finished(self, event: ConditionalFinished, at: Millis) -> None:
        self._tell(event.conditional, ConditionalStatus.FINISHED, at)

    def _cancelled(self, event: ConditionalCancelled, at: Millis) -> None:
        self._tell(event.conditional, ConditionalStatus.CANCELLED, at)

    def _expired(self, event: ConditionalExpired, at: Millis) -> None:
        self._tell(event.conditional, ConditionalStatus.EXPIRED, at, cause=event.cause)

    def _rejected(self, event: ConditionalRejected, at: Millis) -> None:
        self._tell(event.conditional, ConditionalStatus.REJECTED, at)

    def _tell(
        self,
        record: ConditionalRecord,
        status: ConditionalStatus,
        at: Millis,
        *,
        active: bool = True,
        cause: Cause = Cause.NONE,
    ) -> None:
        account = record.command.account
        if not self._courier.heard(account):
            return
        if stop_of(record).legacy:
            self._tell_order(record, status, at, cause)
            return
        terms = self._desk.terms[record.command.symbol]
        payload = update(record, status, terms, at, active=active)
        self._courier.send(account, "ALGO_UPDATE", Topic.ORDERS, payload)

    def _tell_order(
        self, record: ConditionalRecord, status: ConditionalStatus, at: Millis, cause: Cause
    ) -> None:
        """Tell a stop as the order it was taken for."""
        steps = {
            ConditionalStatus.NEW: Step("NEW", "NEW", 0, 0),
            ConditionalStatus.CANCELLED: Step("CANCELED", "CANCELED", 0, 0),
            ConditionalStatus.TRIGGERING: Step("EXPIRED", "EXPIRED", 0, 0, expiry=_TRIGGERED),
            ConditionalStatus.EXPIRED: Step(
                "EXPIRED", "EXPIRED", 0, 0, expiry=_EXPIRY.get(cause.value, "0")
            ),
        }
        account = record.command.account
        step = steps.get(status)
        if step is not None:
            payload = order_update(as_order(record), step, at, self._desk)
            self._courier.send(account, "ORDER_TRADE_UPDATE", Topic.ORDERS, payload)
        elif status is ConditionalStatus.REJECTED:
            name = "CONDITIONAL_ORDER_TRIGGER_REJECT"
            payload = (
                f'{{"e":"{name}","E":{at},"T":{at},"or":{{"s":"{record.command.symbol}",'
                f'"i":{record.conditional_id},"r":"{reason(record)}"}}}}'
            )
            self._courier.send(account, name, Topic.ORDERS, payload)
