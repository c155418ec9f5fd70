"""Funding of perpetuals: charged to whoever holds a position at the boundary."""

from __future__ import annotations

from conformance.exchange.accounts import Leg
from conformance.exchange.contract import truncated
from conformance.exchange.ledger import move
from conformance.exchange.market import Market
from conformance.exchange.settings import DAY_H, HOUR_MS
from conformance.exchange.state import State
from conformance.exchange.turn import Turn
from conformance.model.commands import SetFunding, SettleFunding
from conformance.model.events import (
    BalanceChanged,
    Cause,
    FundingCharged,
    FundingSet,
    PositionChanged,
)
from conformance.model.ids import Millis
from conformance.model.instruments import Phase
from conformance.model.money import ATOMS_PER_UNIT
from conformance.model.orders import MarginMode
from conformance.model.records import FundingRecord, FundingTerms
from conformance.model.refusals import Reason


class Funding:
    """The boundaries of all perpetuals whose rate was set (a ``timetable.Timed``)."""

    __slots__ = ("_due", "_ledger", "_markets")

    def __init__(self, state: State) -> None:
        self._ledger = state.ledger
        self._markets = state.markets
        self._due: Millis | None = None

    def set(self, command: SetFunding, turn: Turn) -> Reason | None:
        """Set rate and interval; the next boundary follows from the interval."""
        market = _perpetual(self._markets.get(command.symbol))
        if isinstance(market, Reason):
            return market
        interval = command.interval_h or market.funding.interval_h
        if interval < 1 or DAY_H % interval:
            return Reason.FUNDING_INTERVAL_INVALID
        self._schedule(market, FundingTerms(command.rate, interval, _after(turn.at, interval)))
        turn.events.append(FundingSet(command.symbol, market.funding))
        return None

    def settle(self, command: SettleFunding, turn: Turn) -> Reason | None:
        """Charge one special funding at once."""
        market = _perpetual(self._markets.get(command.symbol))
        if isinstance(market, Reason):
            return market
        self._charge(market, command.rate, turn, special=True)
        return None

    def due(self) -> Millis | None:
        """Return the next boundary, or None."""
        return self._due

    def act(self, turn: Turn) -> None:
        """Charge the first perpetual whose boundary it is."""
        market = next(m for m in self._markets.values() if m.funding.next_ms == turn.at)
        terms = market.funding
        if market.phase is Phase.CLOSED:
            self._schedule(market, terms._replace(next_ms=None))
            return
        self._schedule(market, terms._replace(next_ms=_after(turn.at, terms.interval_h)))
        self._charge(market, terms.rate, turn, special=False)

    def _schedule(self, market: Market, terms: FundingTerms) -> None:
        market.funding = terms
        instants = [m.funding.next_ms for m in self._markets.values()]
        self._due = min((at for at in instants if at is not None), default=None)

    def _charge(self, market: Market, rate: int, turn: Turn, *, special: bool) -> None:
        """Take mark value x rate from the longs for the shorts, or the other way round.

        Each amount is truncated; what that leaves over goes to the ledger's rounding account.
        """
        symbol = market.listing.symbol
        record = FundingRecord(symbol, turn.at, rate, market.mark, special)
        market.fundings.append(record)
        for leg in market.exposed:
            self._pay(leg, record, turn)

    def _pay(self, leg: Leg, record: FundingRecord, turn: Turn) -> None:
        amount = -truncated(leg.notional * record.rate, ATOMS_PER_UNIT)
        if not amount:
            return
        holding = leg.holding
        purse, name = holding.purse, holding.account.name
        cause = Cause.SPECIAL_FUNDING if record.special else Cause.FUNDING
        move(self._ledger.rounding(purse.asset), purse.wallet, amount)
        purse.updated_ms = turn.at
        events = turn.events
        events.append(FundingCharged(name, record.symbol, leg.position_side, amount, record))
        events.append(BalanceChanged(name, purse.asset, purse.wallet.balance, amount, cause))
        if holding.mode is MarginMode.ISOLATED:
            leg.set_aside(amount)
            leg.updated_ms = turn.at
            figures = (leg.lots, leg.cost, leg.accumulated)
            events.append(PositionChanged(name, record.symbol, leg.position_side, cause, *figures))
        turn.shaken.append(leg)


def _perpetual(market: Market | None) -> Market | Reason:
    if market is None:
        return Reason.UNKNOWN_SYMBOL
    return market if market.listing.expiry_ms is None else Reason.NOT_PERPETUAL


def _after(at: Millis, interval_h: int) -> Millis:
    step = interval_h * HOUR_MS
    return (at // step + 1) * step
