"""User events: orders, fills and account changes, in the order the venue sends them.

Per execution TRADE_LITE, ACCOUNT_UPDATE, ORDER_TRADE_UPDATE with the same T, as captured; the
layouts are those of usds-margined-futures/user-data-streams, 2026-05-28, and SDK 18.1.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from conformance.model.events import (
    BalanceChanged,
    Cause,
    Event,
    LeverageChanged,
    MarginModeChanged,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    PositionChanged,
)
from conformance.model.ids import AccountId, Atoms, Lots, Millis
from conformance.model.money import from_atoms
from conformance.model.orders import MarginMode, PositionSide
from conformance.model.records import FillRecord, OrderRecord, PositionRecord
from conformance.model.wire import Push, Topic
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.desk import Desk, extras
from conformance.venues.binance_usdm.server.hub import PRIVATE, Hub
from conformance.venues.binance_usdm.server.numbers import Terms, atoms_text, money, plain
from conformance.venues.binance_usdm.server.rows import (
    KINDS,
    POSITION_SIDES,
    SIDES,
    STATUSES,
    TIMES,
    price_text,
    status_text,
)
from conformance.venues.binance_usdm.server.sessions import Sessions

_EXPIRY: Mapping[str, str] = FACTS["orders"]["expiry"]
_REASONS = {
    Cause.TRADE: "ORDER",
    Cause.DEPOSIT: "DEPOSIT",
    Cause.WITHDRAWAL: "WITHDRAW",
    Cause.FUNDING: "FUNDING_FEE",
    Cause.LIQUIDATION: "INSURANCE_CLEAR",
    Cause.MARGIN_MODE: "MARGIN_TYPE_CHANGE",
    Cause.SPECIAL_FUNDING: "FUNDING_FEE",
    Cause.MARGIN_MOVED: "MARGIN_TRANSFER",
    Cause.LIQUIDATION_FEE: "INSURANCE_CLEAR",
    Cause.INSURANCE_CLEAR: "INSURANCE_CLEAR",
    Cause.AUTO_EXCHANGE: "AUTO_EXCHANGE",
    Cause.DELIVERY: "ORDER",
}


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

    def __init__(self, desk: Desk, hub: Hub, sessions: Sessions) -> None:
        self._desk = desk
        self._hub = hub
        self._sessions = sessions
        self._events: Sequence[Event] = ()
        self._pushes: list[Push] = []
        self._balances: dict[AccountId, list[BalanceChanged]] = {}
        self._positions: dict[AccountId, list[PositionChanged]] = {}
        self._tellers: dict[type, Callable[[Any, Millis], None]] = {
            OrderAccepted: self._accepted,
            OrderFilled: self._filled,
            OrderCancelled: self._cancelled,
            OrderExpired: self._expired,
            OrderAmended: self._amended,
            BalanceChanged: self._balance,
            PositionChanged: self._position,
            LeverageChanged: self._leverage,
            MarginModeChanged: self._margin_mode,
        }

    def tell(self, events: Sequence[Event], at: Millis) -> list[Push]:
        """Return the frames that the events of one command cause."""
        if not self._sessions:
            return []
        self._events = events
        for event in events:
            teller = self._tellers.get(type(event))
            if teller is not None:
                teller(event, at)
        for account in dict.fromkeys([*self._balances, *self._positions]):
            self._account(account, at)
        pushes, self._pushes = self._pushes, []
        return pushes

    def _accepted(self, event: OrderAccepted, at: Millis) -> None:
        self._order(event.order, at, Step("NEW", "NEW", 0, 0))

    def _filled(self, event: OrderFilled, at: Millis) -> None:
        order, fill = event.order, event.fill
        key = self._sessions.key(order.account)
        if key is not None:
            self._push(key, "TRADE_LITE", Topic.FILLS, self._lite(order, fill, at))
        self._account(order.account, at)
        step = Step("TRADE", STATUSES[event.status], event.filled, event.cost, fill)
        self._order(order, at, step)

    def _cancelled(self, event: OrderCancelled, at: Millis) -> None:
        order = event.order
        self._order(order, at, Step("CANCELED", "CANCELED", order.filled, order.cost))

    def _expired(self, event: OrderExpired, at: Millis) -> None:
        order = event.order
        code = _EXPIRY.get(event.cause.value, "0")
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

    def _balance(self, event: BalanceChanged, _at: Millis) -> None:
        self._balances.setdefault(event.account, []).append(event)

    def _position(self, event: PositionChanged, _at: Millis) -> None:
        self._positions.setdefault(event.account, []).append(event)

    def _leverage(self, event: LeverageChanged, at: Millis) -> None:
        key = self._sessions.key(event.account)
        if key is not None:
            payload = (
                f'{{"e":"ACCOUNT_CONFIG_UPDATE","E":{at},"T":{at},'
                f'"ac":{{"s":"{event.symbol}","l":{event.leverage}}}}}'
            )
            self._push(key, "ACCOUNT_CONFIG_UPDATE", Topic.ACCOUNT, payload)

    def _margin_mode(self, event: MarginModeChanged, at: Millis) -> None:
        key = self._sessions.key(event.account)
        if key is not None:
            legs = self._desk.core.positions(event.account, event.symbol)
            rows = [self._leg(leg, leg.lots, leg.entry_price, leg.unrealised) for leg in legs]
            self._update(key, at, Cause.MARGIN_MODE, [], rows)

    def _account(self, account: AccountId, at: Millis) -> None:
        balances = self._balances.pop(account, [])
        positions = self._positions.pop(account, [])
        key = self._sessions.key(account)
        if key is None or not (balances or positions):
            return
        cause = (balances or positions)[0].cause
        self._update(
            key,
            at,
            cause,
            [self._purse(event) for event in balances],
            [self._moved(event) for event in positions],
        )

    def _update(
        self, key: str, at: Millis, cause: Cause, balances: list[str], positions: list[str]
    ) -> None:
        payload = (
            f'{{"e":"ACCOUNT_UPDATE","E":{at},"T":{at},"a":{{"m":"{_REASONS[cause]}",'
            f'"B":[{",".join(balances)}],"P":[{",".join(positions)}]}}}}'
        )
        self._push(key, "ACCOUNT_UPDATE", Topic.ACCOUNT, payload)

    def _purse(self, event: BalanceChanged) -> str:
        now = self._desk.core.balance(event.account, event.asset)
        wallet = from_atoms(event.wallet)
        cross = wallet - (now.wallet - now.cross_wallet)
        # bc leaves out profit and commission, so a trade changes nothing by it.
        change = 0 if event.cause is Cause.TRADE else event.change
        return (
            f'{{"a":"{event.asset}","wb":"{money(wallet)}","cw":"{money(cross)}",'
            f'"bc":"{atoms_text(change)}"}}'
        )

    def _moved(self, event: PositionChanged) -> str:
        """Say a leg as it was at that very step; several steps may share one command."""
        core, terms = self._desk.core, self._desk.terms[event.symbol]
        leg = core.position(event.account, event.symbol, PositionSide(event.position_side))
        size = terms.listing.step * event.lots
        cost = from_atoms(event.cost)
        entry = cost / size if size else Decimal(0)
        unrealised = from_atoms(core.mark(event.symbol)) * size - cost
        return self._leg(leg, event.lots, entry, unrealised, event.realised)

    def _leg(
        self,
        leg: PositionRecord,
        lots: Lots,
        entry: Decimal,
        unrealised: Decimal,
        realised: Atoms | None = None,
    ) -> str:
        terms = self._desk.terms[leg.symbol]
        isolated = leg.margin_mode is MarginMode.ISOLATED
        gained = leg.accumulated_realised if realised is None else from_atoms(realised)
        even = leg.break_even_price if lots == leg.lots else entry
        return (
            f'{{"s":"{leg.symbol}","pa":"{terms.quantity.text(lots)}",'
            f'"ep":"{plain(Decimal(money(entry)))}","bep":"{plain(even)}",'
            f'"cr":"{plain(gained)}","up":"{money(unrealised)}",'
            f'"mt":"{"isolated" if isolated else "cross"}","iw":"{money(leg.isolated_wallet)}",'
            f'"ps":"{POSITION_SIDES[leg.position_side]}"}}'
        )

    def _lite(self, order: OrderRecord, fill: FillRecord, at: Millis) -> str:
        terms = self._desk.terms[order.symbol]
        return (
            f'{{"e":"TRADE_LITE","E":{at},"T":{at},"s":"{order.symbol}",'
            f'"q":"{terms.quantity.text(order.quantity)}","p":"{price_text(order, terms)}",'
            f'"m":{"true" if fill.maker else "false"},"c":"{order.client_id}",'
            f'"S":"{SIDES[order.side]}","L":"{terms.price.text(fill.price)}",'
            f'"l":"{terms.quantity.text(fill.quantity)}","t":{fill.trade_id},'
            f'"i":{order.order_id}}}'
        )

    def _order(self, order: OrderRecord, at: Millis, step: Step) -> None:
        key = self._sessions.key(order.account)
        if key is not None:
            payload = order_update(order, step, at, self._desk)
            self._push(key, "ORDER_TRADE_UPDATE", Topic.ORDERS, payload)

    def _push(self, key: str, name: str, topic: Topic, payload: str) -> None:
        self._pushes += self._hub.deliver(key, PRIVATE, topic, payload.encode(), name)


def order_update(order: OrderRecord, step: Step, at: Millis, desk: Desk) -> str:
    """Return one ORDER_TRADE_UPDATE; commission fields are absent when there is none."""
    terms = desk.terms[order.symbol]
    kind, extra, fill = KINDS[order.kind], extras(order), step.fill
    modified = "" if extra.modify_id is None else f',"M":"{extra.modify_id}"'
    fee = ""
    if fill is not None:
        fee = f'"N":"{terms.listing.margin_asset}","n":"{atoms_text(fill.fee)}",'
    last, price, trade_id, realised = _execution(fill, terms)
    maker = fill is not None and fill.maker
    return (
        f'{{"e":"ORDER_TRADE_UPDATE","E":{at},"T":{at},"o":{{"s":"{order.symbol}",'
        f'"c":"{order.client_id}","S":"{SIDES[order.side]}","o":"{kind}",'
        f'"f":"{TIMES[order.time_in_force]}","q":"{terms.quantity.text(order.quantity)}",'
        f'"p":"{price_text(order, terms)}","ap":"{terms.average_text(step.cost, step.filled)}",'
        f'"sp":"0","x":"{step.execution}","X":"{step.status}","i":{order.order_id},'
        f'"l":"{last}","z":"{terms.quantity.text(step.filled)}","L":"{price}",{fee}"T":{at},'
        f'"t":{trade_id},"b":"0","a":"0","m":{"true" if maker else "false"},'
        f'"R":{"true" if order.reduce_only else "false"},"wt":"CONTRACT_PRICE","ot":"{kind}",'
        f'"ps":"{POSITION_SIDES[order.position_side]}","cp":false,"rp":"{realised}","pP":false,'
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
