"""What happened to accounts, told on their own streams when a command is over.

Source: websocket/private, 2026-07-24. Nothing is told of how an order stood in between: whoever
takes at once hears of one order that is filled. Orders, executions, positions and wallets come in
no promised order; executions and positions of one match share ``seq``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

import orjson

from conformance.model.events import (
    BalanceChanged,
    ConditionalAccepted,
    ConditionalActivated,
    ConditionalAmended,
    ConditionalCancelled,
    ConditionalExpired,
    ConditionalRejected,
    ConditionalTriggered,
    Event,
    FundingCharged,
    LeverageChanged,
    MarginModeChanged,
    MarginMoved,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    PositionChanged,
)
from conformance.model.ids import AccountId, Millis, Symbol
from conformance.model.orders import Forced
from conformance.model.records import ConditionalRecord, OrderRecord, PositionRecord
from conformance.model.wire import Push
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.diary import Charge, Execution
from conformance.venues.bybit.server.figures import position_row, wallet
from conformance.venues.bybit.server.hub import Hub
from conformance.venues.bybit.server.rows import charge_row, execution_row, face_of, order_row
from conformance.venues.bybit.server.sight import topic_of
from conformance.venues.numbers import stripped

Row: TypeAlias = dict[str, Any]
_Ear: TypeAlias = Callable[[Any], None]
_TRADE = "Trade"
_SPOT_ONLY = frozenset({"marketUnit", "ocoTriggerBy", "basePrice"})
_OPTIONS_ONLY = frozenset({"delta", "gamma", "vega", "theta"})
_ZERO_WHEN_FLAT = (
    "positionValue",
    "breakEvenPrice",
    "liqPrice",
    "takeProfit",
    "stopLoss",
    "trailingStop",
    "unrealisedPnl",
    "sessionAvgPrice",
)
_NOT_ON_STREAM = ("execFeeV2",)


class Gathered:
    """What one command did to one account."""

    def __init__(self) -> None:
        self.orders: dict[str, OrderRecord | ConditionalRecord] = {}
        """By shown id: an order beats the conditional one that it was."""
        self.executions: list[Execution | Charge] = []
        self.symbols: dict[Symbol, None] = {}
        """Whose legs are told, changed or not."""
        self.coins: dict[str, None] = {}


class Reports:
    """Gathers what a command does, and tells it to the accounts that somebody listens to."""

    def __init__(self, desk: Desk, hub: Hub) -> None:
        self._desk = desk
        self._diary = desk.diary
        self._hub = hub
        self._gathered: dict[AccountId, Gathered] = {}
        self._told = 0
        self._ears: Mapping[type, _Ear] = {
            **dict.fromkeys(
                (OrderAccepted, OrderAmended, OrderCancelled, OrderExpired), self._on_order
            ),
            **dict.fromkeys(
                (
                    ConditionalAccepted,
                    ConditionalActivated,
                    ConditionalAmended,
                    ConditionalCancelled,
                    ConditionalExpired,
                    ConditionalRejected,
                    ConditionalTriggered,
                ),
                self._on_conditional,
            ),
            **dict.fromkeys(
                (LeverageChanged, MarginModeChanged, MarginMoved, PositionChanged), self._on_leg
            ),
            BalanceChanged: self._on_balance,
            OrderFilled: self._on_fill,
            FundingCharged: self._on_funding,
        }

    def note(self, event: Event) -> None:
        """Take note of one event; the diary has heard of it already."""
        ear = self._ears.get(type(event))
        if ear is not None:
            ear(event)

    def settle(self, at: Millis) -> list[Push]:
        """Close one command: tell what it did."""
        if not self._gathered:
            return []
        gathered, self._gathered = self._gathered, {}
        return [
            push for account, each in gathered.items() for push in self._tell(account, each, at)
        ]

    def _of(self, account: AccountId) -> Gathered | None:
        if not self._hub.heard(account):
            return None
        return self._gathered.setdefault(account, Gathered())

    def _on_order(
        self, event: OrderAccepted | OrderAmended | OrderCancelled | OrderExpired
    ) -> None:
        order = event.order
        gathered = self._of(order.account)
        if gathered is not None and order.forced is not Forced.DELIVERY:
            gathered.orders[self._desk.ids.order(order)] = order
            gathered.symbols[order.symbol] = None
            gathered.coins[self._desk.terms[order.symbol].coin] = None

    def _on_fill(self, event: OrderFilled) -> None:
        account = event.order.account
        gathered = self._of(account)
        if gathered is not None:
            if event.order.forced is not Forced.DELIVERY:
                gathered.orders[self._desk.ids.order(event.order)] = event.order
            gathered.executions.append(self._diary.executions[account][-1])
            gathered.symbols[event.order.symbol] = None

    def _on_conditional(self, event: ConditionalAccepted) -> None:
        record = event.conditional
        gathered = self._of(record.command.account)
        if gathered is not None:
            gathered.orders.setdefault(self._desk.ids.conditional(record), record)
            gathered.symbols[record.command.symbol] = None

    def _on_leg(
        self, event: LeverageChanged | MarginModeChanged | MarginMoved | PositionChanged
    ) -> None:
        gathered = self._of(event.account)
        if gathered is not None:
            gathered.symbols[event.symbol] = None

    def _on_balance(self, event: BalanceChanged) -> None:
        gathered = self._of(event.account)
        if gathered is not None:
            gathered.coins[event.asset] = None

    def _on_funding(self, event: FundingCharged) -> None:
        gathered = self._of(event.account)
        if gathered is not None:
            gathered.executions.append(self._diary.executions[event.account][-1])

    def _tell(self, account: AccountId, gathered: Gathered, at: Millis) -> list[Push]:
        """Return the frames for one account: each order by itself, fills of a line together."""
        pushes: list[Push] = []
        for order in gathered.orders.values():
            if self._hub.wants(account, "order"):
                pushes += self._send(account, "order", [self._order(order)], at)
        if gathered.executions:
            pushes += self._tell_executions(account, gathered.executions, at)
        if self._hub.wants(account, "position"):
            for symbol in gathered.symbols:
                legs = self._desk.core.positions(account, symbol)
                rows = [self._leg(leg, account) for leg in legs]
                pushes += self._send(account, "position", rows, at)
        if gathered.coins and self._hub.wants(account, "wallet"):
            row = wallet(account, self._desk, gathered.coins)
            pushes += self._send(account, "wallet", [row], at)
        return pushes

    def _tell_executions(
        self, account: AccountId, executions: Sequence[Execution | Charge], at: Millis
    ) -> list[Push]:
        pushes: list[Push] = []
        lines: dict[str, list[Execution | Charge]] = {}
        for each in executions:
            lines.setdefault(self._line(each), []).append(each)
        for line, found in lines.items():
            fast = [each for each in found if isinstance(each, Execution) and each.kind == _TRADE]
            if fast and self._hub.wants(account, "execution.fast"):
                rows = [self._fast(each, line) for each in fast]
                pushes += self._send(account, "execution.fast", rows, at)
            if self._hub.wants(account, "execution"):
                rows = [self._execution(each, line) for each in found]
                pushes += self._send(account, "execution", rows, at)
        return pushes

    def _send(self, account: AccountId, name: str, rows: Sequence[Row], at: Millis) -> list[Push]:
        """Return a message for those who hear the topic whole, and for those of its line."""
        pushes: list[Push] = []
        line = rows[0].get("category") if rows else None
        for topic in (name, f"{name}.{line}"):
            channel = f"{account}/{topic}"
            if rows and self._hub.wanted(channel):
                body: Row = {"topic": topic, "creationTime": at, "data": rows}
                if name != "execution.fast":
                    body = {"id": self._number(account), **body}
                pushes += self._hub.deliver(channel, topic_of(topic), orjson.dumps(body))
        return pushes

    def _number(self, account: AccountId) -> str:
        """Return the id of a message."""
        self._told += 1
        seed = f"{self._desk.switches['seed']}:{account}:{self._told}"
        return sha256(seed.encode()).hexdigest()[:32]

    def _line(self, each: Execution | Charge) -> str:
        symbol = each.fill.symbol if isinstance(each, Execution) else each.funding.symbol
        return self._desk.terms[symbol].category

    def _order(self, order: OrderRecord | ConditionalRecord) -> Row:
        """Return an order as the stream shows it."""
        face = face_of(order, self._desk)
        row = {n: v for n, v in order_row(face).items() if n not in _SPOT_ONLY}
        kind, size = face.extra.tolerance
        return {
            "category": face.terms.category,
            **row,
            "slippageToleranceType": kind,
            "slippageTolerance": size,
            "closedPnl": stripped(face.extra.closed),
            "feeCurrency": "",
            "rpiTakerAccess": False,
            "rpiMatchedQty": "0",
        }

    def _execution(self, each: Execution | Charge, line: str) -> Row:
        if isinstance(each, Charge):
            row, gained = charge_row(each, self._desk), "0"
        else:
            row, gained = execution_row(each, self._desk), stripped(each.fill.realised)
        kept = {name: value for name, value in row.items() if name not in _NOT_ON_STREAM}
        added = {"isLeverage": "0", "marketUnit": "", "execPnl": gained, "extraFees": []}
        return {"category": line, **kept, **added}

    def _fast(self, each: Execution, line: str) -> Row:
        """Return an execution in short; a maker's has no orderLinkId."""
        row = execution_row(each, self._desk)
        names = ("symbol", "execId", "execPrice", "execQty", "orderId", "isMaker", "orderLinkId")
        found = {name: row[name] for name in (*names, "side", "execTime", "seq")}
        if each.fill.maker:
            found["orderLinkId"] = ""
        return {"category": line, **found}

    def _leg(self, leg: PositionRecord, account: AccountId) -> Row:
        """Return a leg as the stream shows it: other names, and zeros where it is flat."""
        terms = self._desk.terms[leg.symbol]
        row = position_row(leg, account, terms, self._desk)
        if not leg.lots:
            row |= dict.fromkeys(_ZERO_WHEN_FLAT, "0")
        shown = {name: value for name, value in row.items() if name not in _OPTIONS_ONLY}
        shown["entryPrice"] = shown.pop("avgPrice")
        return {"category": terms.category, **shown}
