"""Orders and fills as user events, in the order the venue sends them.

Per execution TRADE_LITE, ACCOUNT_UPDATE, ORDER_TRADE_UPDATE with the same T, as captured; the
layouts are those of usds-margined-futures/user-data-streams, 2026-05-28, and SDK 18.1.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from conformance.model.events import (
    AdlStruck,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    PositionTakenOver,
)
from conformance.model.ids import AccountId, Atoms, Lots, Millis
from conformance.model.orders import Forced, Kind, TimeInForce
from conformance.model.records import FillRecord, OrderRecord
from conformance.model.wire import Push, Topic
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.courier import Courier
from conformance.venues.binance_usdm.server.desk import Desk, extras, name_of, number_of
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.rows import manner, origin, price_text, status_text
from conformance.venues.binance_usdm.server.statements import Statements
from conformance.venues.binance_usdm.server.words import (
    KINDS,
    POSITION_SIDES,
    SIDES,
    STATUSES,
    TIMES,
)
from conformance.venues.numbers import atoms_text

_EXPIRY: Mapping[str, str] = FACTS["orders"]["expiry"]
_SELF_TRADE, _SELF_TRADE_IOC = _EXPIRY["self-trade"], _EXPIRY["self-trade-ioc"]
Teller: TypeAlias = Callable[[Any, Millis], None]


class Step(NamedTuple):
    """One step in the life of an order, with the figures that held after it."""

    execution: str
    status: str
    filled: Lots
    cost: Atoms
    fill: FillRecord | None = None
    expiry: str = "0"


class Reports:
    """Tells the owners of accounts what happened to them."""

    def __init__(self, desk: Desk, courier: Courier, statements: Statements) -> None:
        self._desk = desk
        self._courier = courier
        self._statements = statements
        self._events: Sequence[Event] = ()
        self._bankrupt: AccountId = ""
        """Whose liquidation goes on outside the book."""
        self._tellers: dict[type, Teller] = {
            OrderAccepted: self._accepted,
            OrderFilled: self._filled,
            OrderCancelled: self._cancelled,
            OrderExpired: self._expired,
            OrderAmended: self._amended,
            PositionTakenOver: self._off_book,
            AdlStruck: self._off_book,
            **statements.tellers,
        }

    def also(self, tellers: Mapping[type, Teller]) -> None:
        """Let somebody else tell further events."""
        self._tellers |= tellers

    def tell(self, events: Sequence[Event], at: Millis) -> list[Push]:
        """Return the frames that the events of one command cause."""
        if not self._courier:
            return []
        self._events, self._bankrupt = events, ""
        for event in events:
            teller = self._tellers.get(type(event))
            if teller is not None:
                teller(event, at)
        self._statements.close(at)
        return self._courier.collect()

    def _accepted(self, event: OrderAccepted, at: Millis) -> None:
        if event.order.forced is not None:
            self._statements.tell(event.order.account, at)
        self._order(event.order, at, Step("NEW", "NEW", 0, 0))

    def _filled(self, event: OrderFilled, at: Millis) -> None:
        order, fill = event.order, event.fill
        if not self._courier.heard(order.account):
            return
        lite = self._lite(order, fill, at)
        self._courier.send(order.account, "TRADE_LITE", Topic.FILLS, lite)
        self._statements.tell(order.account, at)
        beside = order.forced is Forced.LIQUIDATION and order.account == self._bankrupt
        how = "CALCULATED" if beside else "TRADE"
        step = Step(how, STATUSES[event.status], event.filled, event.cost, fill)
        self._order(order, at, step)

    def _off_book(self, event: PositionTakenOver | AdlStruck, _at: Millis) -> None:
        self._bankrupt = event.bankrupt if isinstance(event, AdlStruck) else event.account

    def _cancelled(self, event: OrderCancelled, at: Millis) -> None:
        order = event.order
        self._order(order, at, Step("CANCELED", "CANCELED", order.filled, order.cost))

    def _expired(self, event: OrderExpired, at: Millis) -> None:
        order = event.order
        code = _EXPIRY.get(event.cause.value, "0")
        if code == _SELF_TRADE and order.time_in_force is TimeInForce.IOC:
            code = _SELF_TRADE_IOC
        status = status_text(order)
        self._order(order, at, Step("EXPIRED", status, order.filled, order.cost, expiry=code))

    def _amended(self, event: OrderAmended, at: Millis) -> None:
        """Say what held between the amendment and the fills it may have led to."""
        order = event.order
        filled, cost = order.filled, order.cost
        for later in self._events:
            if type(later) is OrderFilled and later.order is order:
                terms = self._desk.terms[order.symbol]
                filled = later.filled - later.fill.quantity
                cost = later.cost - terms.value_of(later.fill.price, later.fill.quantity)
                break
        status = "PARTIALLY_FILLED" if filled else "NEW"
        self._order(order, at, Step("AMENDMENT", status, filled, cost))

    def _lite(self, order: OrderRecord, fill: FillRecord, at: Millis) -> str:
        terms = self._desk.terms[order.symbol]
        return (
            f'{{"e":"TRADE_LITE","E":{at},"T":{at},"s":"{order.symbol}",'
            f'"q":"{terms.quantity.text(order.quantity)}","p":"{price_text(order, terms)}",'
            f'"m":{"true" if fill.maker else "false"},"c":"{name_of(order)}",'
            f'"S":"{SIDES[order.side]}","L":"{terms.price.text(fill.price)}",'
            f'"l":"{terms.quantity.text(fill.quantity)}","t":{fill.trade_id},'
            f'"i":{number_of(order)}}}'
        )

    def _order(self, order: OrderRecord, at: Millis, step: Step) -> None:
        if self._courier.heard(order.account):
            payload = order_update(order, step, at, self._desk)
            self._courier.send(order.account, "ORDER_TRADE_UPDATE", Topic.ORDERS, payload)


def order_update(order: OrderRecord, step: Step, at: Millis, desk: Desk) -> str:
    """Return one ORDER_TRADE_UPDATE; commission fields are absent when there is none."""
    terms = desk.terms[order.symbol]
    kind, extra, fill = KINDS[order.kind], extras(order), step.fill
    first, how = origin(order, extra), manner(extra, terms)
    modified = "" if extra.modify_id is None else f',"M":"{extra.modify_id}"'
    fee, stop_price, trailing = "", "0", ""
    if fill is not None and fill.fee:
        fee = f'"N":"{terms.listing.margin_asset}","n":"{atoms_text(fill.fee)}",'
    if extra.stop is not None and extra.stop.legacy:
        stop_price = how.stop_price
        if extra.stop.kind is Kind.TRAILING_STOP:
            activation = terms.price.text(extra.stop.activation or 0)
            trailing = f'"AP":"{activation}","cr":"{extra.stop.callback}",'
    last, price, trade_id, realised = _execution(fill, terms)
    maker = fill is not None and fill.maker
    return (
        f'{{"e":"ORDER_TRADE_UPDATE","E":{at},"T":{at},"o":{{"s":"{order.symbol}",'
        f'"c":"{name_of(order)}","S":"{SIDES[order.side]}","o":"{kind}",'
        f'"f":"{TIMES[order.time_in_force]}","q":"{terms.quantity.text(order.quantity)}",'
        f'"p":"{price_text(order, terms)}","ap":"{terms.average_text(step.cost, step.filled)}",'
        f'"sp":"{stop_price}","x":"{step.execution}","X":"{step.status}","i":{number_of(order)},'
        f'"l":"{last}","z":"{terms.quantity.text(step.filled)}","L":"{price}",{fee}"T":{at},'
        f'"t":{trade_id},"b":"0","a":"0","m":{"true" if maker else "false"},'
        f'"R":{"true" if order.reduce_only else "false"},"wt":"{how.working}","ot":"{first}",'
        f'"ps":"{POSITION_SIDES[order.position_side]}","cp":{how.closes},{trailing}'
        f'"rp":"{realised}","pP":{how.protected},'
        f'"si":0,"ss":0,"V":"{extra.stp}","pm":"{extra.price_match}","gtd":{extra.good_till_ms},'
        f'"er":"{step.expiry}"{modified}}}}}'
    )


def _execution(fill: FillRecord | None, terms: Terms) -> tuple[str, str, int, str]:
    """Return last quantity, last price, trade id and realised profit."""
    if fill is None:
        return terms.quantity.text(0), "0", 0, "0"
    return (
        terms.quantity.text(fill.quantity),
        terms.price.text(fill.price),
        fill.trade_id,
        atoms_text(fill.realised),
    )
