"""What happened to an account: executions, what closing brought, and every change of its wallets.

The core tells a fill after the change of wallet and leg that it made.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from conformance.contracts.core import Core
from conformance.model.events import (
    BalanceChanged,
    Cause,
    FundingCharged,
    OrderFilled,
    PositionChanged,
)
from conformance.model.ids import AccountId, Atoms, Lots, Millis, Symbol
from conformance.model.orders import Forced, PositionSide, Side
from conformance.model.records import FillRecord, FundingRecord, OrderRecord

_KEPT = 10_000
"""Rows kept per account and kind."""
_EXECUTIONS: Mapping[Forced | None, str] = {
    None: "Trade",
    Forced.LIQUIDATION: "BustTrade",
    Forced.DELEVERAGING: "AdlTrade",
    Forced.DELIVERY: "Delivery",
}
_LOGGED: Mapping[Forced | None, str] = {
    None: "TRADE",
    Forced.LIQUIDATION: "LIQUIDATION",
    Forced.DELEVERAGING: "ADL",
    Forced.DELIVERY: "DELIVERY",
}
"""Types of the transaction log (docs/v5/enum, type(uta-translog), 2026-07-24)."""
_TRANSFERS = {
    Cause.DEPOSIT: "TRANSFER_IN",
    Cause.WITHDRAWAL: "TRANSFER_OUT",
    Cause.INSURANCE_CLEAR: "TRANSFER_IN",
}


@dataclass(slots=True)
class Held:
    """One leg and what it has brought, fees and funding counted."""

    lots: Lots = 0
    """Signed."""
    cost: int = 0
    lots_before: Lots = 0
    cost_before: int = 0
    fees: Atoms = 0
    """Paid for the open lots."""
    brought: Atoms = 0
    """Since the leg was opened from nothing."""
    brought_ever: Atoms = 0
    created_ms: Millis = 0
    opened_ms: Millis = 0
    trade_id: int = -1
    """The last trade that changed it, -1 before the first one."""


class Execution(NamedTuple):
    """One fill, and what it closed."""

    kind: str
    """execType."""
    order: OrderRecord
    fill: FillRecord
    mark: Atoms
    left: Lots
    """What of the order was not filled after it."""
    closed: Lots
    cost_closed: int
    """What the closed lots cost when they were entered, as PositionChanged counts."""
    fee_opening: Atoms
    """Fees once paid for the closed lots."""
    fee_closing: Atoms

    @property
    def brought(self) -> Atoms:
        """closedPnl: what closing realised, less the fees of opening and closing."""
        return self.fill.realised - self.fee_opening - self.fee_closing


class Charge(NamedTuple):
    """One funding of a leg; ``amount`` is above zero when the account got it."""

    at: Millis
    side: Side
    lots: Lots
    amount: Atoms
    funding: FundingRecord
    number: int
    """Its place among all changes of wallets."""


class Change(NamedTuple):
    """One change of a wallet; what does not apply is None."""

    number: int
    at: Millis
    type: str
    asset: str
    change: Atoms
    wallet: Atoms
    held: Lots = 0
    """Size of the leg after it, signed."""
    execution: Execution | None = None
    charge: Charge | None = None


class Diary:
    """Takes note of everything of every account."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wallets: dict[tuple[AccountId, str], Atoms] = {}
        self._numbers = count(1)
        self.held: dict[tuple[AccountId, Symbol, PositionSide], Held] = defaultdict(Held)
        self.executions: dict[AccountId, deque[Execution | Charge]] = defaultdict(_shelf)
        """Executions and fundings, oldest first."""
        self.changes: dict[AccountId, deque[Change]] = defaultdict(_shelf)
        """Changes of wallets, oldest first."""

    def on_balance(self, event: BalanceChanged, at: Millis) -> None:
        """Take note of a wallet; what a fill or a funding changes is told with that."""
        self._wallets[event.account, event.asset] = event.wallet
        kind = _TRANSFERS.get(event.cause)
        if kind is not None:
            change = Change(next(self._numbers), at, kind, event.asset, event.change, event.wallet)
            self.changes[event.account].append(change)

    def on_position(self, event: PositionChanged, at: Millis) -> None:
        """Take note of a leg."""
        held = self.held[event.account, event.symbol, event.position_side]
        held.lots_before, held.cost_before = held.lots, held.cost
        held.lots, held.cost = event.lots, event.cost
        held.created_ms = held.created_ms or at
        if held.lots_before * held.lots <= 0 and held.lots:
            held.opened_ms = at

    def on_fill(self, event: OrderFilled, at: Millis) -> Execution:
        """Take note of an execution, and return it."""
        order, fill = event.order, event.fill
        held = self.held[order.account, fill.symbol, fill.position_side]
        before, sign = held.lots_before, fill.side.sign
        closed = min(fill.quantity, max(0, -sign * before))
        closing = fill.fee * closed // fill.quantity
        opening = held.fees * closed // abs(before) if before else 0
        held.fees += fill.fee - closing - opening
        if not before:
            held.brought = 0
        held.brought += fill.realised - fill.fee
        held.brought_ever += fill.realised - fill.fee
        held.trade_id = fill.trade_id
        execution = Execution(
            _EXECUTIONS[order.forced],
            order,
            fill,
            self._core.mark(fill.symbol),
            order.quantity - event.filled,
            closed,
            held.cost_before * closed // before if before else 0,
            opening,
            closing,
        )
        self.executions[order.account].append(execution)
        asset = self._core.listings[fill.symbol].margin_asset
        wallet = self._wallets.get((order.account, asset), 0)
        kind, number = _LOGGED[order.forced], next(self._numbers)
        change = Change(number, at, kind, asset, fill.realised - fill.fee, wallet, held.lots)
        self.changes[order.account].append(change._replace(execution=execution))
        return execution

    def on_funding(self, event: FundingCharged, at: Millis) -> None:
        """Take note of a funding; the wallet changes next."""
        held = self.held[event.account, event.symbol, event.position_side]
        held.brought += event.amount
        held.brought_ever += event.amount
        side = Side.BUY if held.lots > 0 else Side.SELL
        number = next(self._numbers)
        charge = Charge(at, side, abs(held.lots), event.amount, event.funding, number)
        self.executions[event.account].append(charge)
        asset = self._core.listings[event.symbol].margin_asset
        wallet = self._wallets.get((event.account, asset), 0) + event.amount
        change = Change(number, at, "SETTLEMENT", asset, event.amount, wallet, held.lots)
        self.changes[event.account].append(change._replace(charge=charge))


def _shelf() -> deque[Any]:
    return deque(maxlen=_KEPT)
