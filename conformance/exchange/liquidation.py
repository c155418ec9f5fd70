"""What happens when margin is used up: called, closed by force, made up for.

Trigger at mark: balance <= maintenance. The group's orders expire, then its legs are reduced one
after another: through the book up to the bankruptcy price, the rest by the insurance fund or by
deleveraging (Liquidation Protocols, USD-M FAQ, 2026-11).
"""

from __future__ import annotations

from collections import deque

from conformance.exchange.accounts import Leg
from conformance.exchange.autoclose import Autoclose, reducing
from conformance.exchange.groups import Group, cross_of, group_of
from conformance.exchange.insurance import Insurance
from conformance.exchange.ranking import counterparties
from conformance.exchange.trading import Trading
from conformance.exchange.turn import Turn
from conformance.model.events import (
    AdlStruck,
    Cause,
    LiquidationFinished,
    LiquidationStarted,
    MarginCalled,
    MarginGroup,
)
from conformance.model.ids import INSURANCE, Lots, Millis
from conformance.model.orders import Forced, MarginMode, Side
from conformance.model.records import OrderRecord
from conformance.model.rules import Rules


class Liquidation:
    """Watches the legs whose margin may have become too thin (a ``timetable.Timed``)."""

    __slots__ = (
        "_autoclose",
        "_called",
        "_insurance",
        "_part",
        "_rules",
        "_running",
        "_trading",
        "_whole",
    )

    def __init__(
        self, rules: Rules, trading: Trading, autoclose: Autoclose, insurance: Insurance
    ) -> None:
        self._rules = rules
        self._trading = trading
        self._autoclose = autoclose
        self._insurance = insurance
        self._part, self._whole = rules.call_ratio.as_integer_ratio()
        self._called: set[MarginGroup] = set()
        self._running: deque[tuple[Millis, Group]] = deque()
        """Liquidations that take their time, by the instant of their next step."""

    def sweep(self, turn: Turn) -> None:
        """Look at every leg that was shaken; forced trades may shake others."""
        shaken, turn.shaken = dict.fromkeys(turn.shaken), []
        for leg in shaken:
            if self._safe(leg):
                continue
            self._inspect(group_of(leg), turn)
            if leg.holding.mode is MarginMode.ISOLATED:
                self._inspect(cross_of(leg.holding), turn)

    def due(self) -> Millis | None:
        """Return when a running liquidation goes on, or None."""
        return self._running[0][0] if self._running else None

    def act(self, turn: Turn) -> None:
        """Let the liquidation go on whose instant it is."""
        self._go_on(self._running.popleft()[1], turn)

    def _safe(self, leg: Leg) -> bool:
        """Return True when there is nothing to see, without looking closely: most legs."""
        holding = leg.holding
        purse = holding.purse
        if self._called or purse.pool is not None:
            return False
        part, whole = self._part, self._whole
        balance = purse.cross_wallet + purse.cross_unrealised
        if purse.cross_maintenance * whole >= balance * part:
            return False
        if holding.mode is MarginMode.CROSS:
            return True
        return leg.maintenance * whole < (leg.isolated + leg.unrealised) * part

    def _inspect(self, group: Group, turn: Turn) -> None:
        account, name = group.account, group.name
        if account.name == INSURANCE or group.pots[0] in account.frozen:
            return
        balance, maintenance = group.balance, group.maintenance
        flat = not group.legs()
        if flat or maintenance * self._whole < balance * self._part:
            self._called.discard(name)
            if flat and balance < 0:
                self._insurance.clear(group, turn)
        elif balance <= maintenance and self._rules.liquidates:
            self._called.discard(name)
            turn.events.append(LiquidationStarted(name, balance, maintenance))
            self._start(group, turn)
        elif name not in self._called:
            self._called.add(name)
            turn.events.append(MarginCalled(name, balance, maintenance))

    def _start(self, group: Group, turn: Turn) -> None:
        for holding, order in group.orders():
            self._trading.expire(holding, order, Cause.LIQUIDATION, turn)
        if self._rules.liquidation_ms:
            group.account.frozen.update(group.pots)
            self._running.append((turn.at + self._rules.liquidation_ms, group))
        else:
            self._go_on(group, turn)

    def _go_on(self, group: Group, turn: Turn) -> None:
        """Reduce leg after leg, or one leg when liquidation takes its time."""
        while group.balance <= group.maintenance and (legs := group.legs()):
            self._reduce(group, max(legs, key=_maintenance), turn)
            if self._rules.liquidation_ms:
                self._running.append((turn.at + self._rules.liquidation_ms, group))
                return
        group.account.frozen.difference_update(group.pots)
        if not group.legs():
            self._insurance.clear(group, turn)
        turn.events.append(LiquidationFinished(group.name))

    def _reduce(self, group: Group, leg: Leg, turn: Turn) -> None:
        """Close a leg, or the part that lies above the tier below, at the bankruptcy price."""
        purse, contract = leg.holding.purse, leg.holding.market.contract
        side = reducing(leg)
        worth = abs(leg.notional) + side.sign * contract.direction * group.share(leg)
        price = contract.price_for(worth, abs(leg.lots), up=side is Side.SELL)
        before = purse.cross_wallet
        order = self._autoclose.order(
            leg, side, self._portion(leg), price, Forced.LIQUIDATION, turn
        )
        self._autoclose.take(leg, order, turn)
        if order.filled < order.quantity:
            insured = self._rules.insured and self._insurance.take_over(leg, order, turn)
            if not insured:
                self._deleverage(leg, order, turn)
        self._insurance.charge(group, leg, order, purse.cross_wallet - before, turn)

    def _portion(self, leg: Leg) -> Lots:
        """Return how many lots to close."""
        market, lots, notional = leg.holding.market, abs(leg.lots), abs(leg.notional)
        floor = market.scale.floor(notional)
        if not floor or not self._rules.tiered:
            return lots
        keep = lots * floor // notional
        while market.contract.value_at(market.mark, keep) >= floor:
            keep -= 1
        return lots - keep

    def _deleverage(self, leg: Leg, order: OrderRecord, turn: Turn) -> None:
        for other in counterparties(leg):
            lots = min(order.quantity - order.filled, abs(other.lots))
            if not lots:
                return
            held, side, price = other.holding, reducing(other), order.price or 0
            struck = AdlStruck(
                held.account.name,
                order.symbol,
                other.position_side,
                -side.sign * lots,
                price,
                order.account,
            )
            turn.events.append(struck)
            against = self._autoclose.order(other, side, lots, price, Forced.DELEVERAGING, turn)
            self._autoclose.cross(leg, order, other, against, turn)


def _maintenance(leg: Leg) -> int:
    return leg.maintenance
