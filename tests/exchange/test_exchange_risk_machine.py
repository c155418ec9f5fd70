"""Any sequence of commands, with margin, funding and delivery among them, keeps the promises."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from conformance.exchange import Collateral, Rules
from conformance.model.commands import (
    Deposit,
    MoveMargin,
    SetDelivery,
    SetFunding,
    SetIndex,
    SetJointMargin,
    SetMark,
    SetPhase,
    SetSettlement,
    SettleFunding,
)
from conformance.model.events import (
    AdlStruck,
    Cause,
    FundingCharged,
    LiquidationFinished,
    LiquidationStarted,
    MarginCalled,
    MarginMoved,
    PhaseChanged,
    PositionTakenOver,
)
from conformance.model.ids import INSURANCE
from conformance.model.instruments import Phase
from conformance.model.orders import MarginMode, Side
from conformance.model.refusals import Reason
from tests.exchange.machine import (
    ACCOUNTS,
    LEGS,
    OTHERS,
    ROUNDS,
    SEATS,
    SYMBOLS,
    ExchangeMachine,
    put_through,
)

HOUR = 3_600_000
GOALS = (
    LiquidationStarted,
    LiquidationFinished,
    AdlStruck,
    PositionTakenOver,
    MarginCalled,
    MarginMoved,
    FundingCharged,
    Cause.LIQUIDATION,
    Cause.LIQUIDATION_FEE,
    Cause.INSURANCE_CLEAR,
    Cause.SPECIAL_FUNDING,
    Cause.DELIVERY,
    Reason.MARGIN_NOT_ISOLATED,
    Reason.MARGIN_ISOLATED_INSUFFICIENT,
)


class RiskMachine(ExchangeMachine):
    """Adds what takes money and positions away from accounts that did nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.charged: dict[object, list[int]] = defaultdict(list)

    def note(self, events) -> None:
        super().note(events)
        open_groups = set()
        for event in events:
            match event:
                case LiquidationStarted(group):
                    assert group.account != INSURANCE
                    open_groups.add(group)
                case LiquidationFinished(group):
                    open_groups.remove(group)
                case FundingCharged(amount=amount, funding=record):
                    self.charged[record].append(amount)
                case PhaseChanged(symbol, Phase.CLOSED):
                    assert not any(self.engine.open_orders(name, symbol) for name in ACCOUNTS)
        assert not open_groups, "every liquidation comes to its end"

    @rule(number=st.integers(0, 9), units=st.integers(0, 900), take=st.booleans())
    def move_margin(self, number, units, take):
        held = [row for row in self.holders() if row[1].lots]
        alone = [row for row in held if row[1].margin_mode is MarginMode.ISOLATED]
        rows = alone or held or self.holders()
        name, row = rows[number % len(rows)]
        self.apply(MoveMargin(name, row.symbol, row.position_side, units * 10**6, take))
        self.apply(MoveMargin(name, row.symbol, row.position_side, 10**10, take=True))

    @rule(symbol=st.sampled_from(SYMBOLS), rate=st.integers(-(10**6), 10**6), hours=OTHERS)
    def fund(self, symbol, rate, hours):
        self.apply(SetFunding(symbol, rate, {"a": 1, "b": 4, "c": 8}[hours]))
        self.stage.now += 3 * HOUR
        self.note(self.engine.advance(self.stage.now))

    @rule(symbol=st.sampled_from(SYMBOLS), rate=st.integers(-(10**6), 10**6))
    def settle(self, symbol, rate):
        self.apply(SettleFunding(symbol, rate))

    @rule(symbol=st.sampled_from(SYMBOLS), percent=st.sampled_from([75, 90, 110, 130]))
    def gap(self, symbol, percent):
        """Let the mark jump, and come back."""
        mark = self.engine.mark(symbol)
        self.apply(SetMark(symbol, mark * percent // 100))
        self.apply(SetMark(symbol, mark))

    def spend(self, account):
        """Leave an account with little beyond what its positions need."""
        free = int(self.engine.balance(account, "USDT").available * 10**8)
        self.apply(Deposit(account, "USDT", min(-1, 10**8 - free)))

    @rule(
        seat=SEATS,
        other=OTHERS,
        side=st.sampled_from(Side),
        lots=st.integers(1, 200),
        percent=st.sampled_from([93, 95, 96, 99, None]),
        funds=st.sampled_from([0, 0, 5, 5_000]),
    )
    def ruin(self, seat, other, side, lots, percent, funds):
        """Let an account open a position, lose its other money, and then let the price go."""
        account, symbol = seat
        self.apply(Deposit(account, "USDT", 10_000 * 10**8))
        self.apply(Deposit(other, "USDT", 10_000 * 10**8))
        self.trade(seat, other, side, lots)
        self.spend(account)
        if funds:
            self.apply(Deposit(INSURANCE, "USDT", funds * 10**8))
        if percent is None:
            self.deliver(symbol, -900 * side.sign, 1)
            return
        mark = self.engine.mark(symbol)
        for step in (percent, percent - 1):
            self.apply(SetMark(symbol, mark * (100 - side.sign * (100 - step)) // 100))
        self.apply(SetMark(symbol, mark))

    @rule(account=OTHERS, joint=st.booleans())
    def join(self, account, joint):
        self.apply(SetJointMargin(account, joint))

    @rule(symbol=st.sampled_from(SYMBOLS), cents=st.integers(-900, 900), odds=st.integers(0, 5))
    def deliver(self, symbol, cents, odds):
        if odds > 1:
            return
        price = self.engine.mark(symbol) + cents * 10**6
        self.apply(SetSettlement(symbol, price) if odds else SetIndex(symbol, price))
        self.apply(SetDelivery(symbol, self.stage.now + 120_000))
        self.stage.now += 130_000
        self.note(self.engine.advance(self.stage.now))
        for name in self.engine.accounts():
            assert all(self.engine.position(name, symbol, leg).lots == 0 for leg in LEGS)
        self.apply(SetPhase(symbol, Phase.TRADING))

    @invariant()
    def funding_sums_to_zero(self):
        for record, amounts in self.charged.items():
            assert abs(sum(amounts)) < len(amounts), record
        self.charged.clear()

    @invariant()
    def margin_is_counted_once(self):
        for name in self.engine.accounts():
            rows = [self.engine.position(name, symbol, leg) for symbol in SYMBOLS for leg in LEGS]
            balance = self.engine.balance(name, "USDT")
            isolated = sum((row.isolated_wallet for row in rows), Decimal(0))
            assert balance.cross_wallet + isolated == balance.wallet
            for row in rows:
                if not row.lots or row.margin_mode is MarginMode.CROSS:
                    assert row.isolated_wallet == 0

    @invariant()
    def nobody_is_left_below_his_maintenance(self):
        for name in ACCOUNTS:
            rows = [self.engine.position(name, symbol, leg) for symbol in SYMBOLS for leg in LEGS]
            cross = [row for row in rows if row.margin_mode is MarginMode.CROSS and row.lots]
            balance = self.engine.balance(name, "USDT")
            if not cross:
                assert balance.cross_wallet >= 0
            else:
                kept = balance.cross_wallet + balance.cross_unrealised
                assert kept > sum(row.maintenance_margin for row in cross)
            for row in rows:
                if row.margin_mode is MarginMode.ISOLATED and row.lots:
                    assert row.isolated_margin > row.maintenance_margin


@pytest.mark.parametrize("number", ROUNDS)
def test_any_sequence_of_risks_keeps_the_promises(make_stage, make_listing, number):
    listings = (
        make_listing(max_open_orders=3),
        make_listing(symbol="BBB", step=Decimal("0.01"), min_notional=Decimal(0)),
    )
    rules = Rules(collateral={"USDT": Collateral(Decimal(1))})

    class Machine(RiskMachine):
        stage_of = staticmethod(lambda: make_stage(*listings, rules=rules))
        reached: ClassVar = Counter()

    assert put_through(Machine, GOALS, number) == []
