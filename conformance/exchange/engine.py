"""The exchange core's front: one door for commands, one for time, many windows for questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from conformance.exchange.accounts import Holding
from conformance.exchange.autoclose import Autoclose
from conformance.exchange.countdown import Countdowns
from conformance.exchange.delivery import Delivery
from conformance.exchange.funding import Funding
from conformance.exchange.insurance import Insurance
from conformance.exchange.isolation import move_margin
from conformance.exchange.ledger import move
from conformance.exchange.liquidation import Liquidation
from conformance.exchange.matching import Matching
from conformance.exchange.preferences import (
    set_joint_margin,
    set_leverage,
    set_margin_mode,
    set_position_mode,
)
from conformance.exchange.state import State
from conformance.exchange.timetable import Timetable
from conformance.exchange.trading import Trading
from conformance.exchange.triggers import Triggers
from conformance.exchange.turn import Turn
from conformance.exchange.windows import Windows
from conformance.model.commands import (
    AmendConditional,
    AmendOrder,
    CancelAll,
    CancelAllConditional,
    CancelConditional,
    CancelOrder,
    Command,
    Deposit,
    MoveMargin,
    PlaceConditional,
    PlaceOrder,
    SetCountdown,
    SetDelivery,
    SetFunding,
    SetIndex,
    SetJointMargin,
    SetLast,
    SetLeverage,
    SetMarginMode,
    SetMark,
    SetPhase,
    SetPositionMode,
    SetRiskControl,
    SetSettlement,
    SettleFunding,
    SetTradeGroup,
)
from conformance.model.events import (
    BalanceChanged,
    Cause,
    CommandRefused,
    Event,
    IndexChanged,
    JointMarginChanged,
    LastChanged,
    MarginModeChanged,
    MarkChanged,
    PositionModeChanged,
    RiskControlChanged,
    TradeGroupChanged,
)
from conformance.model.ids import Millis
from conformance.model.instruments import Listing
from conformance.model.orders import Kind
from conformance.model.refusals import Reason
from conformance.model.rules import Rules


class Engine(Windows):
    """The venue-neutral exchange of a set of listings (implements ``contracts.core.Core``).

    The caller lets ``advance`` catch up before it applies a command of a later instant. Accounts
    come into being by a deposit. Raises ConfigError for a listing whose money is not exact.
    """

    def __init__(self, listings: Iterable[Listing], rules: Rules | None = None) -> None:
        rules = rules or Rules()
        super().__init__(State(listings, rules))
        matching = Matching(self._state)
        self._trading = Trading(matching, self._state)
        funding = Funding(self._state)
        autoclose = Autoclose(self._state, matching)
        delivery = Delivery(self._state, self._trading, autoclose)
        insurance = Insurance(self._state, autoclose)
        self._liquidation = Liquidation(rules, self._trading, autoclose, insurance)
        self._triggers = Triggers(self._state, self._trading)
        countdowns = Countdowns(self._state, self._trading)
        self._timetable = Timetable(
            self._trading, funding, delivery, self._triggers, countdowns, self._liquidation
        )
        self._due: Millis | None = None
        self._moved = True
        """True when something may have become due at another instant since it was asked."""
        self._doors: dict[type, Callable[[Any, Turn], Reason | None]] = {
            PlaceOrder: self._place,
            AmendOrder: self._amend,
            CancelOrder: self._cancel,
            CancelAll: self._cancel_all,
            PlaceConditional: self._triggers.place,
            AmendConditional: self._triggers.amend,
            CancelConditional: self._triggers.cancel,
            CancelAllConditional: self._triggers.cancel_all,
            SetCountdown: countdowns.set,
            SetTradeGroup: self._set_trade_group,
            SetRiskControl: self._set_risk_control,
            SetLeverage: self._set_leverage,
            MoveMargin: self._move_margin,
            SetMarginMode: self._set_margin_mode,
            SetJointMargin: self._set_joint_margin,
            SetPositionMode: self._set_position_mode,
            Deposit: self._deposit,
            SetMark: self._set_price,
            SetIndex: self._set_price,
            SetLast: self._set_price,
            SetPhase: delivery.set_phase,
            SetSettlement: delivery.set_settlement,
            SetDelivery: delivery.set_delivery,
            SetFunding: funding.set,
            SettleFunding: funding.settle,
        }

    def apply(self, command: Command, at: Millis) -> tuple[Event, ...]:
        """Carry out one command at ``at``; a refusal is one CommandRefused and no change."""
        turn = Turn(at)
        self._moved = True
        reason = self._doors[type(command)](command, turn)
        if reason is not None:
            return (CommandRefused(command, reason),)
        if turn.shaken or self._triggers.armed:
            self._follow(turn)
        return tuple(turn.events)

    def due(self) -> Millis | None:
        """Return when something happens by itself next, or None."""
        if self._moved:
            self._moved = False
            self._due = self._timetable.due()
        return self._due

    def advance(self, at: Millis) -> tuple[Event, ...]:
        """Let everything happen that is due up to and including ``at``."""
        turn = Turn(at)
        self._moved = True
        while self._timetable.act(turn, at):
            self._follow(turn)
        return tuple(turn.events)

    def _follow(self, turn: Turn) -> None:
        """Let happen what follows at once: conditional orders first, then liquidations."""
        if self._triggers.armed:
            self._triggers.react(turn)
        while turn.shaken:
            self._liquidation.sweep(turn)
            if self._triggers.armed:
                self._triggers.react(turn)

    def _place(self, command: PlaceOrder, turn: Turn) -> Reason | None:
        holding = self._state.find(command.account, command.symbol)
        if not isinstance(holding, Holding):
            return holding
        if command.bracket is not None:
            self._triggers.armed = True
        return self._trading.place(command, holding, turn)

    def _amend(self, command: AmendOrder, turn: Turn) -> Reason | None:
        holding = self._state.find(command.account, command.symbol)
        if not isinstance(holding, Holding):
            return holding
        order = holding.open.get(command.order_id)
        if order is not None:
            return self._trading.amend(command, holding, order, turn)
        known = holding.orders.get(command.order_id)
        # Only limit orders rest; a market order is always over, but that is not its trouble.
        market_order = known is not None and known.kind is Kind.MARKET
        return Reason.AMEND_NOT_LIMIT if market_order else Reason.UNKNOWN_ORDER

    def _cancel(self, command: CancelOrder, turn: Turn) -> Reason | None:
        holding = self._state.find(command.account, command.symbol)
        if not isinstance(holding, Holding):
            return holding
        order = holding.open.get(command.order_id)
        if order is None:
            return Reason.UNKNOWN_ORDER
        self._trading.cancel(holding, order, turn)
        return None

    def _cancel_all(self, command: CancelAll, turn: Turn) -> Reason | None:
        holding = self._state.find(command.account, command.symbol)
        if not isinstance(holding, Holding):
            return holding
        for order in tuple(holding.open.values()):
            self._trading.cancel(holding, order, turn)
        return None

    def _set_trade_group(self, command: SetTradeGroup, turn: Turn) -> Reason | None:
        account = self._state.accounts.get(command.account)
        if account is None:
            return Reason.UNKNOWN_ACCOUNT
        account.trade_group = command.group
        turn.events.append(TradeGroupChanged(*command))
        return None

    def _set_risk_control(self, command: SetRiskControl, turn: Turn) -> Reason | None:
        market = self._state.markets.get(command.symbol)
        if market is None:
            return Reason.UNKNOWN_SYMBOL
        market.control = command.control
        turn.events.append(RiskControlChanged(*command))
        return None

    def _set_leverage(self, command: SetLeverage, turn: Turn) -> Reason | None:
        holding = self._state.find(command.account, command.symbol)
        if not isinstance(holding, Holding):
            return holding
        return set_leverage(holding, command.leverage, turn)

    def _move_margin(self, command: MoveMargin, turn: Turn) -> Reason | None:
        holding = self._state.find(command.account, command.symbol)
        if not isinstance(holding, Holding):
            return holding
        return move_margin(command, holding, turn)

    def _set_margin_mode(self, command: SetMarginMode, turn: Turn) -> Reason | None:
        holding = self._state.find(command.account, command.symbol)
        if not isinstance(holding, Holding):
            return holding
        turn.events.append(MarginModeChanged(*command))
        return set_margin_mode(holding, command.mode)

    def _set_joint_margin(self, command: SetJointMargin, turn: Turn) -> Reason | None:
        account = self._state.accounts.get(command.account)
        if account is None:
            return Reason.UNKNOWN_ACCOUNT
        turn.events.append(JointMarginChanged(*command))
        rules, markets = self._state.rules, self._state.markets
        return set_joint_margin(account, rules, markets, joint=command.joint)

    def _set_position_mode(self, command: SetPositionMode, turn: Turn) -> Reason | None:
        account = self._state.accounts.get(command.account)
        if account is None:
            return Reason.UNKNOWN_ACCOUNT
        turn.events.append(PositionModeChanged(*command))
        return set_position_mode(account, hedge=command.hedge)

    def _deposit(self, command: Deposit, turn: Turn) -> Reason | None:
        name, asset, amount = command
        if amount < 0:
            account = self._state.accounts.get(name)
            if account is None:
                return Reason.UNKNOWN_ACCOUNT
            held = account.purses.get(asset)
            # Unrealised profit may margin orders, yet it cannot leave the venue.
            if held is None or -amount > min(held.free, held.cross_wallet):
                return Reason.BALANCE_INSUFFICIENT
        purse = self._state.account(name).purse(asset)
        move(self._state.ledger.outside(asset), purse.wallet, amount)
        purse.updated_ms = turn.at
        cause = Cause.WITHDRAWAL if amount < 0 else Cause.DEPOSIT
        turn.events.append(BalanceChanged(name, asset, purse.wallet.balance, amount, cause))
        return None

    def _set_price(self, command: SetMark | SetIndex | SetLast, turn: Turn) -> Reason | None:
        market = self._state.markets.get(command.symbol)
        if market is None:
            return Reason.UNKNOWN_SYMBOL
        if command.price <= 0:
            return Reason.PRICE_NOT_POSITIVE
        symbol, price = command
        if isinstance(command, SetMark):
            market.set_mark(price)
            turn.shaken += market.exposed
            turn.events.append(MarkChanged(symbol, price))
        elif isinstance(command, SetIndex):
            market.index = price
            turn.shaken += self._state.pooled_legs(symbol)
            turn.events.append(IndexChanged(symbol, price))
        else:
            market.last = price
            turn.events.append(LastChanged(symbol, price))
        return None
