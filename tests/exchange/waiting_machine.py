"""The machine of the exchange with conditional orders, brackets, countdowns and further terms."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from conformance.model.commands import (
    AmendConditional,
    CancelAllConditional,
    CancelConditional,
    PlaceConditional,
    PriceMatch,
    SetCountdown,
    SetIndex,
    SetLast,
    SetMark,
    SetRiskControl,
    SetTradeGroup,
)
from conformance.model.events import (
    Cause,
    ConditionalAccepted,
    ConditionalActivated,
    ConditionalAmended,
    ConditionalCancelled,
    ConditionalExpired,
    ConditionalFinished,
    ConditionalRejected,
    ConditionalTriggered,
    ConditionalTriggering,
    CountdownChanged,
)
from conformance.model.orders import (
    ConditionalStatus,
    Gauge,
    Kind,
    PositionSide,
    RiskControl,
    Side,
    TimeInForce,
)
from conformance.model.refusals import Reason
from tests.exchange.machine import (
    ACCOUNTS,
    INTENT,
    LEGS,
    SEATS,
    SYMBOLS,
    TERMS,
    ExchangeMachine,
    Intent,
    rarely,
)

WAITING_GOALS = (
    ConditionalActivated,
    ConditionalAmended,
    ConditionalTriggered,
    ConditionalFinished,
    ConditionalCancelled,
    ConditionalRejected,
    CountdownChanged,
    Cause.SIBLING_TRIGGERED,
    Cause.POSITION_CLOSED,
    Cause.COUNTDOWN,
    Cause.SELF_TRADE,
    Cause.GTD_REACHED,
    Cause.DELISTED,
    Reason.IMMEDIATELY_TRIGGERS,
    Reason.TOO_MANY_CONDITIONALS,
    Reason.NO_POSITION_TO_BIND,
    Reason.CLOSE_POSITION_EXISTS,
    Reason.MATCH_WITHOUT_DEPTH,
    Reason.SYMBOL_REDUCE_ONLY,
    Reason.CONDITIONAL_TRAILS,
    Reason.DUPLICATE_CLIENT_ID,
    "a close-position order closed its leg",
    "a protected order waits although its price is reached",
    "a sibling cancelled",
)
LIMITS = (Kind.STOP_LIMIT, Kind.TAKE_PROFIT_LIMIT)
STOPS = (Kind.STOP_LIMIT, Kind.STOP_MARKET)
CLOSERS = (Kind.STOP_MARKET, Kind.TAKE_PROFIT_MARKET)
KINDS = (*LIMITS, *CLOSERS, Kind.TRAILING_STOP)
ENDS = (ConditionalFinished, ConditionalCancelled, ConditionalRejected, ConditionalExpired)


class Wish(NamedTuple):
    """A conditional order in relative terms: ticks from the price it watches."""

    seat: tuple[str, str]
    side: Side
    kind: Kind
    lots: int
    away: int
    gauge: Gauge
    tif: TimeInForce
    reduce_only: bool
    close: bool
    bound: bool
    protected: bool
    ppm: int
    match: PriceMatch | None
    long: bool
    stale: bool
    """Take account and client id of the wish before."""


WISH = st.builds(
    Wish,
    seat=SEATS,
    side=st.sampled_from(Side),
    kind=st.sampled_from(KINDS),
    lots=st.integers(1, 30),
    away=st.integers(1, 5) | rarely(-1, 2, 3),
    gauge=st.sampled_from(Gauge),
    tif=st.sampled_from([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTD]),
    reduce_only=st.booleans(),
    close=rarely(value=True, usual=False, ratio=3),
    bound=rarely(value=True, usual=False, ratio=3),
    protected=rarely(value=True, usual=False, ratio=2),
    ppm=st.sampled_from([0, 15_000, 40_000]),
    match=st.none() | st.builds(PriceMatch, own=st.booleans(), level=st.integers(1, 2)),
    long=st.booleans(),
    stale=rarely(value=True, usual=False, ratio=4),
)


def rising(command) -> bool:
    """What the venue documents, once more: stops go with the price, take-profits against it."""
    return (command.side is Side.BUY) is (command.kind in STOPS)


class WaitingMachine(ExchangeMachine):
    """Everything the base machine does, and all that waits."""

    def __init__(self) -> None:
        self.wishes, self.wisher = 0, ACCOUNTS[0]
        self.conditionals: dict[int, object] = {}
        self.closes: Counter[int] = Counter()
        self.countdowns: dict[tuple[str, str], int] = {}
        self.sizes: dict[tuple[str, str, PositionSide], int] = defaultdict(int)
        super().__init__()

    def snapshot(self):
        engine = self.engine
        waiting = [
            (row.conditional_id, row.command, row.status, row.peak)
            for account in ACCOUNTS
            for row in engine.open_conditionals(account)
        ]
        others = [engine.risk_control(name) for name in engine.listings]
        groups = [engine.trade_group(name) for name in ACCOUNTS]
        downs = [engine.countdown(name, symbol) for name in ACCOUNTS for symbol in engine.listings]
        return super().snapshot(), waiting, others, groups, downs

    def note(self, events) -> None:
        super().note(events)
        for event in events:
            match event:
                case ConditionalAccepted(row):
                    assert row.conditional_id not in self.conditionals
                    self.conditionals[row.conditional_id] = row
                case ConditionalTriggering(row) | ConditionalActivated(row, _):
                    assert not self.closes[row.conditional_id]
                case ConditionalTriggered(row, order):
                    assert row.order is order
                    assert order.conditional_id == row.conditional_id
                case CountdownChanged(account, symbol, at):
                    self.countdowns[account, symbol] = at
                case _ if isinstance(event, ENDS):
                    self.closes[event.conditional.conditional_id] += 1
                    self.note_end(event)
                case _:
                    pass

    def note_end(self, event) -> None:
        row = event.conditional
        if isinstance(event, ConditionalFinished):
            assert row.order.status.terminal
            if row.command.close_position and row.order.filled:
                self.reached["a close-position order closed its leg"] += 1
        else:
            assert row.order is None
        if event.__class__ is ConditionalCancelled and event.cause is Cause.SIBLING_TRIGGERED:
            assert row.sibling.order is not None
            self.reached["a sibling cancelled"] += 1

    def note_fill(self, event, printed) -> None:
        order = event.order
        key = order.account, order.symbol, order.position_side
        before = self.lots[key]
        super().note_fill(event, printed)
        if order.reduce_only and order.forced is None:
            after = self.lots[key]
            assert abs(after) < abs(before), "reduce-only never opens"
            assert after * before >= 0, "reduce-only never flips"

    def leg_of(self, account, *, long):
        if not self.engine.hedge(account):
            return LEGS[0]
        return LEGS[1] if long else LEGS[2]

    def watched(self, symbol, gauge) -> int:
        price = {
            Gauge.LAST: self.engine.last,
            Gauge.MARK: self.engine.mark,
            Gauge.INDEX: self.engine.index,
        }[gauge](symbol)
        return price // 10**8

    @rule(intent=INTENT, terms=TERMS)
    def place_with_terms(self, intent, terms):
        self.place_one(intent._replace(**terms))

    @rule(wishes=st.lists(WISH, min_size=1, max_size=4))
    def wait_for(self, wishes):
        for wish in wishes:
            self.wish(wish)

    def wish(self, wish):
        account, symbol = wish.seat
        if wish.stale:
            account = self.wisher
        self.wisher = account
        self.wishes += not wish.stale
        trails = wish.kind is Kind.TRAILING_STOP
        stop = wish.kind in STOPS
        toward = wish.side.sign if stop else -wish.side.sign
        level = max(1, self.watched(symbol, wish.gauge) + toward * wish.away)
        command = PlaceConditional(
            account,
            symbol,
            wish.side,
            wish.kind,
            0 if wish.close else wish.lots,
            f"w{self.wishes}",
            None if trails else level,
            level if wish.kind in LIMITS else None,
            wish.gauge,
            wish.tif,
            wish.reduce_only,
            self.leg_of(account, long=wish.long),
            close_position=wish.close,
            position_bound=wish.bound,
            protected=wish.protected,
            activation=level if trails and wish.lots % 2 else None,
            callback_ppm=wish.ppm if trails else 0,
            callback_ticks=0 if wish.ppm or not trails else 2,
            expire_at=self.stage.now + 15,
            match=wish.match if wish.kind in LIMITS else None,
        )
        self.apply(command)

    @rule(wish=WISH, kind=st.sampled_from([*CLOSERS, Kind.TRAILING_STOP]))
    def tear_apart(self, wish, kind):
        """Let a protected order wait while its price runs away from the others."""
        count = len(self.conditionals)
        self.wish(wish._replace(kind=kind, protected=True, close=False, bound=False))
        if len(self.conditionals) > count:
            self.reach(list(self.conditionals.values())[-1], wish.seat[0], 9)

    @rule(seat=SEATS, other=st.sampled_from(ACCOUNTS), exits=TERMS, side=st.sampled_from(Side))
    def enter_guarded(self, seat, other, exits, side):
        take, stop, early = exits.get("exits", (2, 2, False))
        long = side is Side.BUY
        entry = Intent(seat, side, 6, 0, long=long, exits=(take, stop, early))
        self.place_one(entry)
        self.place_one(Intent((other, seat[1]), side.opposite, 6, 0, long=not long))

    @rule(
        number=st.integers(0, 9),
        kind=st.sampled_from(KINDS),
        gauge=st.sampled_from(Gauge),
        other=st.sampled_from(ACCOUNTS),
    )
    def guard(self, number, kind, gauge, other):
        """Let bound or closing orders guard a position that is there, and set a closing one off."""
        held = [row for row in self.holders() if row[1].lots]
        if not held:
            return
        name, row = held[number % len(held)]
        side = Side.SELL if row.lots > 0 else Side.BUY
        long = row.position_side is PositionSide.LONG
        close = kind in CLOSERS
        seat = name, row.symbol
        tif = TimeInForce.GTC
        wish = Wish(
            seat, side, kind, 5, 2, gauge, tif, not close, close, True, False, 0, None, long, False
        )
        self.wish(wish)
        if not close:
            lots = abs(row.lots)
            self.place_one(Intent((other, row.symbol), side.opposite, lots, 0, long=not long))
            self.place_one(Intent(seat, side, lots, 0, tif=TimeInForce.IOC, long=long))
            return
        self.wish(wish)
        waiting = [
            row for row in self.engine.open_conditionals(*seat) if row.command.close_position
        ]
        if waiting and number % 2:
            self.reach(waiting[-1], other)

    @rule(
        symbol=st.sampled_from(SYMBOLS),
        gauge=st.sampled_from([Gauge.LAST, Gauge.INDEX]),
        cents=st.integers(-600, 600) | rarely(2_000, 100, 3),
    )
    def move(self, symbol, gauge, cents):
        command = SetLast if gauge is Gauge.LAST else SetIndex
        price = self.watched(symbol, gauge) * 10**8 + cents * 10**6
        self.apply(command(symbol, max(10**8, price)))

    def pick_waiting(self, number):
        rows = [row for name in ACCOUNTS for row in self.engine.open_conditionals(name)]
        return rows[number % len(rows)]

    def something_waits(self) -> bool:
        return any(self.engine.open_conditionals(name) for name in ACCOUNTS)

    @precondition(something_waits)
    @rule(
        number=st.integers(0, 99),
        other=st.sampled_from(ACCOUNTS),
        beyond=st.sampled_from([0, 0, 1, 8]),
        atoms=st.sampled_from([0, 0, 10**8 - 1]),
    )
    def set_off(self, number, other, beyond, atoms):
        self.reach(self.pick_waiting(number), other, beyond, atoms)

    def reach(self, row, other, beyond=0, atoms=0):
        """Let somebody be there to trade, and move the price to where the order waits.

        Or ``beyond`` that by ticks, or above it by ``atoms``.
        """
        command = row.command
        symbol, side = command.symbol, command.side
        level = command.trigger or command.activation
        if row.peak is not None:
            level = row.peak.price + side.sign * (command.callback_ticks or 5)
        toward = 1 if rising(command) and row.peak is None else -1
        away = level - self.engine.mark(symbol) // 10**8
        self.place_one(Intent((other, symbol), side.opposite, 40, away, long=side is Side.SELL))
        price = max(1, level + toward * beyond) * 10**8 + atoms
        setter = {Gauge.LAST: SetLast, Gauge.MARK: SetMark, Gauge.INDEX: SetIndex}[command.gauge]
        self.apply(setter(symbol, price))

    @precondition(something_waits)
    @rule(number=st.integers(0, 99), away=st.integers(-3, 3), lots=st.integers(0, 30))
    def amend_waiting(self, number, away, lots):
        row = self.pick_waiting(number)
        command = row.command
        trigger = (command.trigger or 1) + away
        price = None if command.price is None else command.price + away
        quantity = lots and command.quantity and lots
        amend = AmendConditional(command.account, row.conditional_id, trigger, price, quantity)
        self.apply(amend)

    @precondition(something_waits)
    @rule(number=st.integers(0, 99))
    def cancel_waiting(self, number):
        row = self.pick_waiting(number)
        self.apply(CancelConditional(row.command.account, row.conditional_id))
        ended = (ConditionalStatus.CANCELLED, ConditionalStatus.EXPIRED)
        assert row.status in ended, "its date may come first"

    @rule(seat=SEATS)
    def cancel_all_waiting(self, seat):
        self.apply(CancelAllConditional(*seat))
        assert self.engine.open_conditionals(*seat) == ()

    @rule(seat=SEATS, millis=st.integers(0, 20) | st.none())
    def count_down(self, seat, millis):
        self.apply(SetCountdown(*seat, None if millis is None else self.stage.now + millis))

    @rule(account=st.sampled_from(ACCOUNTS), group=st.sampled_from(["", "house"]))
    def join(self, account, group):
        self.apply(SetTradeGroup(account, group))

    @rule(symbol=st.sampled_from(SYMBOLS), control=st.sampled_from(RiskControl), intent=INTENT)
    def control(self, symbol, control, intent):
        self.apply(SetRiskControl(symbol, control))
        self.place_one(intent._replace(seat=(intent.seat[0], symbol)))
        self.apply(SetRiskControl(symbol, RiskControl.NONE))

    @invariant()
    def every_conditional_ends_exactly_once(self):
        for number, row in self.conditionals.items():
            assert self.closes[number] == (1 if row.status.terminal else 0), row

    @invariant()
    def exactly_the_new_ones_wait(self):
        new = [row for row in self.conditionals.values() if row.status is ConditionalStatus.NEW]
        waiting = [row for name in ACCOUNTS for row in self.engine.open_conditionals(name)]
        assert {id(row) for row in new} == {id(row) for row in waiting}
        names = [(row.command.account, row.command.client_id) for row in waiting]
        named = [name for name in names if name[1]]
        assert len(named) == len(set(named))
        most = self.engine.listings[SYMBOLS[0]].conditionals_max
        assert max(Counter(name[0] for name in names).values(), default=0) <= most

    @invariant()
    def an_entered_order_lives_as_long_as_its_conditional_is_triggered(self):
        for row in self.conditionals.values():
            if row.order is not None:
                triggered = row.status is ConditionalStatus.TRIGGERED
                assert triggered is not row.order.status.terminal
                command = row.command
                assert row.order.reduce_only is (command.reduce_only or command.close_position)

    @invariant()
    def siblings_never_both_enter_an_order(self):
        for row in self.conditionals.values():
            if row.sibling is not None and row.order is not None:
                assert row.sibling.order is None
                assert row.sibling.status.terminal

    @invariant()
    def nothing_waits_for_a_price_that_is_there(self):
        for name in ACCOUNTS:
            for row in self.engine.open_conditionals(name):
                self.check_waiting(row)

    def check_waiting(self, row) -> None:
        command = row.command
        assert command.time_in_force is not TimeInForce.GTD or command.expire_at > self.stage.now
        price = self.watched(command.symbol, command.gauge)
        last, mark = self.engine.last(command.symbol), self.engine.mark(command.symbol)
        apart = Fraction(abs(last - mark), mark) > Fraction(1, 20)
        if row.peak is not None:
            passed = self.check_trailing(command, row.peak.price, price)
        else:
            trails = command.kind is Kind.TRAILING_STOP
            level = command.activation if trails else command.trigger
            passed = price >= level if rising(command) else price <= level
            if trails:
                assert not passed
        if passed:
            assert command.protected
            assert apart
            self.reached["a protected order waits although its price is reached"] += 1

    def check_trailing(self, command, best, price) -> bool:
        distance = command.callback_ticks or Fraction(best * command.callback_ppm, 10**6)
        if command.side is Side.SELL:
            assert best >= price
            return price <= best - distance
        assert best <= price
        return price >= best + distance

    @invariant()
    def bound_ones_have_a_position_to_reduce(self):
        for name in ACCOUNTS:
            for row in self.engine.open_conditionals(name):
                command = row.command
                if command.position_bound:
                    leg = name, command.symbol, command.position_side
                    assert self.engine.position(*leg).lots * command.side.sign < 0

    @invariant()
    def countdowns_are_as_told_and_never_late(self):
        for (name, symbol), at in self.countdowns.items():
            assert self.engine.countdown(name, symbol) == at
            assert at is None or at > self.stage.now
