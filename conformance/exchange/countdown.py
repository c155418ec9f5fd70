"""Countdowns: all resting orders of an account in a symbol are cancelled unless it speaks again.

Conditional orders stay (Auto-Cancel All Open Orders, developers.binance.com, 2026-11; that they
do is unverified since they moved to a service of their own).
"""

from __future__ import annotations

from bisect import bisect_left, insort

from conformance.exchange.state import State
from conformance.exchange.trading import Trading
from conformance.exchange.turn import Turn
from conformance.model.commands import SetCountdown
from conformance.model.events import Cause, CountdownChanged
from conformance.model.ids import AccountId, Millis, Symbol
from conformance.model.refusals import Reason


class Countdowns:
    """All running countdowns of one exchange."""

    __slots__ = ("_dated", "_state", "_trading")

    def __init__(self, state: State, trading: Trading) -> None:
        self._state = state
        self._trading = trading
        self._dated: list[tuple[int, AccountId, Symbol]] = []
        """By instant counted downward, account and symbol: the next to end is the last."""

    def set(self, command: SetCountdown, turn: Turn) -> Reason | None:
        """Start, restart or call off the countdown of an account in a symbol."""
        holding = self._state.find(command.account, command.symbol)
        if isinstance(holding, Reason):
            return holding
        if command.at is not None and command.at <= turn.at:
            return Reason.EXPIRY_IN_THE_PAST
        self._forget(command.account, command.symbol)
        if command.at is not None:
            self._state.countdowns[command.account, command.symbol] = command.at
            insort(self._dated, (-command.at, command.account, command.symbol))
        turn.events.append(CountdownChanged(*command))
        return None

    def due(self) -> Millis | None:
        """Return when the next countdown ends, or None."""
        return -self._dated[-1][0] if self._dated else None

    def act(self, turn: Turn) -> None:
        """Let the countdown end whose instant it is: cancel what rests, oldest first."""
        _, account, symbol = self._dated[-1]
        self._forget(account, symbol)
        turn.events.append(CountdownChanged(account, symbol, None))
        holding = self._state.holding(account, symbol)
        for order in tuple(holding.open.values()):
            self._trading.cancel(holding, order, turn, Cause.COUNTDOWN)

    def _forget(self, account: AccountId, symbol: Symbol) -> None:
        at = self._state.countdowns.pop((account, symbol), None)
        if at is not None:
            del self._dated[bisect_left(self._dated, (-at, account, symbol))]
