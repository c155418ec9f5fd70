"""The end of a symbol: expiry of a dated future, delisting of a perpetual.

Trading stops some time before, then orders expire, every position is closed at the settlement
price, and the symbol closes (Delivery, USD-M FAQ, 2026-11).
"""

from __future__ import annotations

from conformance.exchange.autoclose import Autoclose
from conformance.exchange.ledger import move
from conformance.exchange.market import Market
from conformance.exchange.settings import PRE_DELIVERY_MS
from conformance.exchange.state import State
from conformance.exchange.trading import Trading
from conformance.exchange.turn import Turn
from conformance.model.commands import SetDelivery, SetPhase, SetSettlement
from conformance.model.events import Cause, DeliverySet, PhaseChanged, SettlementSet
from conformance.model.ids import Atoms, Millis, Ticks
from conformance.model.instruments import Phase
from conformance.model.refusals import Reason

_ENDS_ORDERS = (Phase.DELIVERING, Phase.CLOSED)


class Delivery:
    """The phases of all symbols, by command and (``timetable.Timed``) by themselves."""

    __slots__ = ("_autoclose", "_due", "_ledger", "_markets", "_trading")

    def __init__(self, state: State, trading: Trading, autoclose: Autoclose) -> None:
        self._ledger = state.ledger
        self._markets = state.markets
        self._trading = trading
        self._autoclose = autoclose
        self._due = self._next()

    def set_phase(self, command: SetPhase, turn: Turn) -> Reason | None:
        """Move a symbol to a phase; positions stay as they are."""
        market = self._markets.get(command.symbol)
        if market is None:
            return Reason.UNKNOWN_SYMBOL
        self._enter(market, command.phase, turn)
        return None

    def set_settlement(self, command: SetSettlement, turn: Turn) -> Reason | None:
        """Fix the price of delivery."""
        market = self._markets.get(command.symbol)
        if market is None:
            return Reason.UNKNOWN_SYMBOL
        if command.price <= 0:
            return Reason.PRICE_NOT_POSITIVE
        market.settlement = command.price
        turn.events.append(SettlementSet(*command))
        return None

    def set_delivery(self, command: SetDelivery, turn: Turn) -> Reason | None:
        """Set the instant of delivery."""
        market = self._markets.get(command.symbol)
        if market is None:
            return Reason.UNKNOWN_SYMBOL
        if command.at <= turn.at:
            return Reason.DELIVERY_IN_THE_PAST
        turn.events.append(DeliverySet(*command))
        market.delivery_at = command.at
        market.closing_at = command.at - PRE_DELIVERY_MS
        if market.closing_at <= turn.at:
            self._close(market, turn)
        self._due = self._next()
        return None

    def due(self) -> Millis | None:
        """Return when a symbol moves on next, or None."""
        return self._due

    def act(self, turn: Turn) -> None:
        """Move the first symbol on whose instant it is."""
        market = next(m for m in self._markets.values() if _step(m) == turn.at)
        if market.closing_at is None:
            self._deliver(market, turn)
        else:
            self._close(market, turn)
        self._due = self._next()

    def _next(self) -> Millis | None:
        steps = [_step(market) for market in self._markets.values()]
        return min((at for at in steps if at is not None), default=None)

    def _enter(self, market: Market, phase: Phase, turn: Turn) -> None:
        market.phase = phase
        turn.events.append(PhaseChanged(market.listing.symbol, phase))
        if phase in _ENDS_ORDERS:
            for holding in market.holdings.values():
                for order in tuple(holding.open.values()):
                    self._trading.expire(holding, order, Cause.DELISTED, turn)

    def _close(self, market: Market, turn: Turn) -> None:
        market.closing_at = None
        self._enter(market, Phase.PRE_DELIVERY, turn)

    def _deliver(self, market: Market, turn: Turn) -> None:
        self._enter(market, Phase.DELIVERING, turn)
        price = _on_grid(market.settlement or market.index, market.contract.tick)
        for leg in tuple(market.exposed):
            self._autoclose.deliver(leg, price, turn)
        asset = market.listing.margin_asset
        transit = self._ledger.transit(asset)
        move(transit, self._ledger.rounding(asset), transit.balance)
        market.delivery_at = market.settlement = None
        self._enter(market, Phase.CLOSED, turn)


def _step(market: Market) -> Millis | None:
    """Return when a symbol moves on by itself: to pre-delivery first, to delivery then."""
    return market.delivery_at if market.closing_at is None else market.closing_at


def _on_grid(price: Atoms, tick: Atoms) -> Ticks:
    """Return the tick nearest to a price: fills know no prices between ticks."""
    return max(1, (price + tick // 2) // tick)
