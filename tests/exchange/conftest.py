"""A small stage: round numbers, few keystrokes, the real engine."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.exchange import Engine, Rules
from conformance.model.commands import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    Deposit,
    PlaceConditional,
    PlaceOrder,
    SetIndex,
    SetLast,
    SetLeverage,
    SetMarginMode,
    SetMark,
    SetPhase,
    SetPositionMode,
)
from conformance.model.events import CommandRefused, ConditionalAccepted, OrderAccepted
from conformance.model.instruments import Listing, Tier
from conformance.model.money import ATOMS_PER_UNIT
from conformance.model.orders import Gauge, Kind, PositionSide, Side, TimeInForce

TIERS = (
    Tier(Decimal(0), Decimal(10_000), 50, Decimal("0.01"), Decimal(0)),
    Tier(Decimal(10_000), Decimal(100_000), 20, Decimal("0.02"), Decimal(100)),
    Tier(Decimal(100_000), Decimal(1_000_000), 5, Decimal("0.05"), Decimal(3_100)),
)
RULES = {
    "symbol": "AAA",
    "base": "A",
    "quote": "USDT",
    "margin_asset": "USDT",
    "tick": Decimal(1),
    "step": Decimal(1),
    "min_quantity": Decimal(1),
    "max_quantity": Decimal(10_000),
    "min_notional": Decimal(50),
    "market_max_lots": 5_000,
    "min_lots": 1,
    "max_lots": 10_000,
    "band_up": Decimal("1.5"),
    "band_down": Decimal("0.5"),
    "max_open_orders": 5,
    "maker_rate": Decimal("0.001"),
    "taker_rate": Decimal("0.002"),
    "tiers": TIERS,
    "initial_price": Decimal(100),
    "market_take_bound": Decimal("0.1"),
    "liquidation_rate": Decimal("0.01"),
}


class Stage:
    """An engine with accounts a, b and c, each 100,000 USDT rich, in round-numbered symbols."""

    def __init__(self, *listings: Listing, rules: Rules | None = None) -> None:
        self.engine = Engine(listings, rules)
        self.now = 1_000
        self._ids = 0
        for account in "abc":
            self.apply(Deposit(account, "USDT", 100_000 * ATOMS_PER_UNIT))

    def apply(self, command):
        return self.engine.apply(command, self.now)

    def order(self, account, side, lots, price=None, **terms):
        self._ids += 1
        tif = terms.pop("tif", TimeInForce.GTC)
        return PlaceOrder(
            account=account,
            symbol=terms.pop("symbol", "AAA"),
            side=side,
            kind=terms.pop("kind", Kind.MARKET if price is None else Kind.LIMIT),
            quantity=lots,
            price=price,
            client_id=terms.pop("client_id", f"c{self._ids}"),
            time_in_force=tif,
            **terms,
        )

    def place(self, account, side, lots, price=None, **terms):
        return self.apply(self.order(account, side, lots, price, **terms))

    def buy(self, account, lots, price=None, **terms):
        return self.place(account, Side.BUY, lots, price, **terms)

    def sell(self, account, lots, price=None, **terms):
        return self.place(account, Side.SELL, lots, price, **terms)

    def rest(self, account, side, lots, price, **terms):
        """Place an order that must be accepted and return its record."""
        events = self.place(account, side, lots, price, **terms)
        assert isinstance(events[0], OrderAccepted), events
        return events[0].order

    def conditional(self, account, side, kind, lots=1, **terms):
        self._ids += 1
        command = PlaceConditional(
            account=account,
            symbol=terms.pop("symbol", "AAA"),
            side=side,
            kind=kind,
            quantity=lots,
            client_id=terms.pop("client_id", f"t{self._ids}"),
            time_in_force=terms.pop("tif", TimeInForce.GTC),
            **terms,
        )
        return self.apply(command)

    def wait(self, account, side, kind, lots=1, **terms):
        """Place a conditional order that must be accepted and return its record."""
        events = self.conditional(account, side, kind, lots, **terms)
        assert isinstance(events[0], ConditionalAccepted), events
        return events[0].conditional

    def gauge(self, gauge, price, symbol="AAA"):
        """Move one of the prices that conditional orders watch."""
        command = {Gauge.LAST: SetLast, Gauge.MARK: SetMark, Gauge.INDEX: SetIndex}[gauge]
        return self.apply(command(symbol, int(Decimal(str(price)) * ATOMS_PER_UNIT)))

    def amend(self, order, price, lots):
        command = AmendOrder(order.account, order.symbol, order.order_id, price, lots)
        return self.apply(command)

    def cancel(self, order):
        return self.apply(CancelOrder(order.account, order.symbol, order.order_id))

    def cancel_all(self, account, symbol="AAA"):
        return self.apply(CancelAll(account, symbol))

    def mark(self, price, symbol="AAA"):
        return self.apply(SetMark(symbol, int(Decimal(str(price)) * ATOMS_PER_UNIT)))

    def phase(self, phase, symbol="AAA"):
        return self.apply(SetPhase(symbol, phase))

    def leverage(self, account, leverage, symbol="AAA"):
        return self.apply(SetLeverage(account, symbol, leverage))

    def margin_mode(self, account, mode, symbol="AAA"):
        return self.apply(SetMarginMode(account, symbol, mode))

    def hedge(self, account, hedge=True):
        return self.apply(SetPositionMode(account, hedge))

    def deposit(self, account, amount, asset="USDT"):
        return self.apply(Deposit(account, asset, int(Decimal(str(amount)) * ATOMS_PER_UNIT)))

    def trade(self, buyer, seller, lots, price, **terms):
        """Let ``buyer`` rest and ``seller`` take."""
        self.rest(buyer, Side.BUY, lots, price, **terms)
        return self.sell(seller, lots, price)

    def position(self, account, side=PositionSide.NET, symbol="AAA"):
        return self.engine.position(account, symbol, side)

    def lots(self, account, side=PositionSide.NET, symbol="AAA"):
        return self.position(account, side, symbol).lots

    def balance(self, account, asset="USDT"):
        return self.engine.balance(account, asset)

    def depth(self, symbol="AAA"):
        depth = self.engine.depth(symbol, 100)
        return [tuple(level) for level in depth.bids], [tuple(level) for level in depth.asks]


def _make_listing(**changes) -> Listing:
    return Listing(**{**RULES, **changes})


def _reason(events):
    """Return why a command was refused; fail unless it was refused, and only that."""
    assert len(events) == 1, events
    assert isinstance(events[0], CommandRefused), events
    return events[0].reason


@pytest.fixture(scope="session")
def make_listing():
    return _make_listing


@pytest.fixture(scope="session")
def reason():
    return _reason


@pytest.fixture
def stage():
    return Stage(_make_listing(), _make_listing(symbol="BBB"))


@pytest.fixture(scope="session")
def make_stage():
    return Stage


@pytest.fixture(scope="session")
def kinds():
    """Name the types of events in order."""
    return lambda events: [type(event).__name__ for event in events]
