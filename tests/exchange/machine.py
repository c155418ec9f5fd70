"""A machine that gives the exchange any sequence of commands and knows its promises.

The machine keeps its own books from events alone and compares them with what the engine says;
margin is worked out anew with Decimals from the open orders after every step.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from decimal import ROUND_DOWN, Decimal
from typing import ClassVar, NamedTuple

import hypothesis
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from conformance.model.commands import (
    AmendOrder,
    Bracket,
    CancelAll,
    CancelOrder,
    Deposit,
    Exit,
    PlaceOrder,
    PriceMatch,
    SetLeverage,
    SetMarginMode,
    SetMark,
    SetPhase,
    SetPositionMode,
)
from conformance.model.events import (
    BalanceChanged,
    BookChanged,
    Cause,
    CommandRefused,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    TradePrinted,
)
from conformance.model.ids import INSURANCE
from conformance.model.instruments import Phase, Tier
from conformance.model.orders import (
    Gauge,
    Kind,
    MarginMode,
    PositionSide,
    SelfTrade,
    Side,
    Status,
    TimeInForce,
)
from conformance.model.refusals import Reason

ACCOUNTS = ("a", "b", "c")
LEGS = (PositionSide.NET, PositionSide.LONG, PositionSide.SHORT)
SYMBOLS = ("AAA", "BBB")
OTHERS = st.sampled_from(ACCOUNTS)
LOTS = st.integers(1, 40)
SEATS = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(SYMBOLS))
ATOM = Decimal("0.00000001")
GOALS = (
    TradePrinted,
    OrderAmended,
    OrderCancelled,
    Cause.SELF_TRADE,
    Cause.REDUCE_ONLY_KNOCKED_OUT,
    Cause.IOC_REMAINDER,
    Cause.MARKET_REMAINDER,
    Cause.GTD_REACHED,
    Cause.DELISTED,
    Cause.WITHDRAWAL,
    Reason.MARGIN_INSUFFICIENT,
    Reason.REDUCE_ONLY_REJECTED,
    Reason.TOO_MANY_OPEN_ORDERS,
    Reason.LEVERAGE_CAP_EXCEEDED,
)
"""What a run must have come across, or it proves little."""
CLOSING = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}


class Intent(NamedTuple):
    """An order in relative terms: ticks from mark, the leg by what the account's mode allows."""

    seat: tuple[str, str]
    side: Side
    lots: int
    away: int
    kind: Kind = Kind.LIMIT
    tif: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    long: bool = True
    wrong_leg: bool = False
    stale: bool = False
    """Take the client id of the order before."""
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    match: PriceMatch | None = None
    exits: tuple[int, int, bool] | None = None
    """Ticks from mark to take-profit and to stop-loss, and whether they come early."""


EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
"""``make machines`` asks for ten thousand of each machine."""
ROUND = 500
"""Examples that share a memory of what was tried: it grows with each of them."""
ROUNDS = range(-(-EXAMPLES // ROUND))
PACE = settings(
    max_examples=min(EXAMPLES, ROUND),
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[hypothesis.Phase.generate],
    report_multiple_bugs=False,
)
"""Shrinking a failure takes minutes: it is left to whoever looks for its cause."""
TRIES = 5


def rarely(value, usual, ratio=8):
    return st.sampled_from([usual] * ratio + [value])


INTENT = st.builds(
    Intent,
    seat=SEATS,
    side=st.sampled_from(Side),
    lots=LOTS | rarely(1500, 5),
    away=st.integers(-5, 5),
    kind=rarely(Kind.MARKET, Kind.LIMIT, 4),
    tif=st.sampled_from([TimeInForce.GTC] * 5 + list(TimeInForce)),
    reduce_only=rarely(value=True, usual=False, ratio=3),
    long=st.booleans(),
    wrong_leg=rarely(value=True, usual=False, ratio=30),
    stale=rarely(value=True, usual=False),
    self_trade=st.just(SelfTrade.EXPIRE_MAKER),
    match=st.none(),
    exits=st.none(),
)
TERMS = st.fixed_dictionaries(
    {},
    optional={
        "self_trade": st.sampled_from(SelfTrade),
        "match": st.builds(PriceMatch, own=st.booleans(), level=st.integers(1, 3)),
        "exits": st.tuples(st.integers(1, 6), st.integers(1, 6), st.booleans()),
    },
)
"""Further terms of an order: leave any of them out, or choose."""
PREFERENCE = st.one_of(
    st.builds(lambda seat, leverage: SetLeverage(*seat, leverage), SEATS, st.integers(0, 51)),
    st.builds(lambda seat, mode: SetMarginMode(*seat, mode), SEATS, st.sampled_from(MarginMode)),
    st.builds(SetPositionMode, st.sampled_from(ACCOUNTS), st.booleans()),
)


def truncated(numerator, denominator):
    return abs(numerator) // denominator * (1 if numerator >= 0 else -1)


def closes(order) -> bool:
    return order.reduce_only or CLOSING.get(order.position_side) is order.side


class ExchangeMachine(RuleBasedStateMachine):
    """Three accounts, two symbols, all commands; ``stage_of`` is set by the test."""

    stage_of = None
    reached: ClassVar[Counter[object]]

    def __init__(self) -> None:
        super().__init__()
        self.stage = type(self).stage_of()
        self.engine = self.stage.engine
        self.ids = 0
        self.ends: dict[tuple[str, int], int] = defaultdict(int)
        self.orders: dict[tuple[str, int], object] = {}
        self.lots: dict[tuple[str, str, PositionSide], int] = defaultdict(int)
        self.costs: dict[tuple[str, str, PositionSide], int] = defaultdict(int)
        self.maker = self.taker_side = None
        self.wallets: dict[str, int] = {**dict.fromkeys(ACCOUNTS, 100_000 * 10**8), INSURANCE: 0}
        self.books: dict[tuple[str, Side], dict[int, int]] = defaultdict(dict)
        self.seen = self.snapshot()

    def snapshot(self):
        engine = self.engine
        orders = [
            (o.order_id, o.symbol, o.price, o.quantity, o.filled, o.status, o.amendments)
            for account in ACCOUNTS
            for o in engine.open_orders(account)
        ]
        accounts = [
            (engine.positions(name), engine.balances(name), engine.hedge(name)) for name in ACCOUNTS
        ]
        markets = [
            (engine.depth(name, 99), engine.mark(name), engine.phase(name), engine.trades(name))
            for name in engine.listings
        ]
        return orders, accounts, markets, engine.due()

    def apply(self, command) -> None:
        self.stage.now += 1
        self.note(self.engine.advance(self.stage.now))
        self.seen = self.snapshot()
        events = self.engine.apply(command, self.stage.now)
        if any(isinstance(event, CommandRefused) for event in events):
            assert len(events) == 1
            self.reached[events[0].reason] += 1
            assert events[0].command == command
            assert self.snapshot() == self.seen
        self.note(events)

    def note(self, events) -> None:
        printed = None
        for event in events:
            self.reached[type(event)] += 1
            self.reached[getattr(event, "cause", None)] += 1
            match event:
                case OrderAccepted(order):
                    assert (order.symbol, order.order_id) not in self.orders
                    self.orders[order.symbol, order.order_id] = order
                case OrderFilled():
                    self.note_fill(event, printed)
                case OrderCancelled(order) | OrderExpired(order, _):
                    self.ends[order.symbol, order.order_id] += 1
                    assert order.time_in_force is not TimeInForce.FOK, "all or nothing"
                case TradePrinted(trade):
                    printed = trade
                    self.taker_side = trade.taker_side
                case BookChanged(symbol, side, price, quantity):
                    self.books[symbol, side][price] = quantity
                case BalanceChanged(account, _, wallet, change, _):
                    self.wallets[account] += change
                    assert self.wallets[account] == wallet
                case OrderAmended(order):
                    assert not self.ends[order.symbol, order.order_id]
                case _:
                    pass

    def note_fill(self, event, printed) -> None:
        order, fill = event.order, event.fill
        key = order.symbol, order.order_id
        if order.forced is None:
            assert (fill.trade_id, fill.price, fill.quantity) == (
                printed.trade_id,
                printed.price,
                printed.quantity,
            )
        assert not self.ends[key], "no fill after the end"
        assert event.filled <= order.quantity
        self.check_money(order, fill)
        self.check_kinship(order, fill)
        self.lots[order.account, order.symbol, order.position_side] += (
            fill.side.sign * fill.quantity
        )
        if event.status is Status.FILLED:
            self.ends[key] += 1

    def check_money(self, order, fill) -> None:
        """Work fee and profit out anew: cost is released in proportion, all is truncated."""
        leg = order.account, order.symbol, order.position_side
        listing = self.engine.listings[order.symbol]
        unit = int(listing.tick * listing.step * 10**8)
        sign, held, cost = fill.side.sign, self.lots[leg], self.costs[leg]
        closing = min(fill.quantity, max(0, -sign * held))
        released = truncated(cost * closing, abs(held)) if closing else 0
        realised = -sign * fill.price * closing * unit - released
        self.costs[leg] += sign * fill.price * (fill.quantity - closing) * unit - released
        if order.forced is not None:
            return
        rate = listing.maker_rate if fill.maker else listing.taker_rate
        value = fill.price * fill.quantity * unit
        assert fill.maker is (order.side is not self.taker_side)
        assert (fill.realised, fill.fee) == (realised, int(value * rate))

    def check_kinship(self, order, fill) -> None:
        """Let an order meet its own kind only where its mode says so."""
        if order.forced is not None:
            return
        if fill.maker:
            self.maker = order
        elif order.self_trade is not SelfTrade.NONE:
            assert self.maker.account != order.account
            assert not order.trade_group or order.trade_group != self.maker.trade_group

    @initialize(hedged=st.sets(st.sampled_from(ACCOUNTS)), isolated=st.sets(SEATS))
    def choose_modes(self, hedged, isolated):
        for account in sorted(hedged):
            self.apply(SetPositionMode(account, hedge=True))
        for account, symbol in sorted(isolated):
            self.apply(SetMarginMode(account, symbol, MarginMode.ISOLATED))

    @rule(intents=st.lists(INTENT, min_size=1, max_size=8))
    def place(self, intents):
        for intent in intents:
            self.place_one(intent)

    def place_one(self, intent):
        account, symbol = intent.seat
        hedge = self.engine.hedge(account) is not intent.wrong_leg
        leg = (LEGS[1] if intent.long else LEGS[2]) if hedge else LEGS[0]
        self.ids += not intent.stale
        mark = self.engine.mark(symbol) // 10**8
        price = max(1, mark + intent.away) if intent.kind is Kind.LIMIT else None
        command = PlaceOrder(
            account,
            symbol,
            intent.side,
            intent.kind,
            intent.lots,
            price,
            f"c{self.ids}",
            intent.tif,
            intent.reduce_only,
            leg,
            self.stage.now + 20,
            None,
            intent.self_trade,
            intent.match,
            self.bracket(intent, mark),
        )
        self.apply(command)

    def bracket(self, intent, mark):
        if intent.exits is None:
            return None
        take, stop, early = intent.exits
        sign = intent.side.sign
        return Bracket(Exit(mark + sign * take), Exit(mark - sign * stop, gauge=Gauge.MARK), early)

    @rule(seat=SEATS, side=st.sampled_from(Side), lots=LOTS, count=st.integers(2, 4))
    def ladder(self, seat, side, lots, count):
        for away in range(2, 2 + count):
            far = -away * side.sign
            self.place_one(Intent(seat, side, lots, far, long=side is Side.BUY))

    @rule(seat=SEATS, other=OTHERS, side=st.sampled_from(Side), lots=LOTS)
    def trade(self, seat, other, side, lots):
        """Let two accounts meet, either of them opening."""
        self.place_one(Intent(seat, side, lots, 0, long=side is Side.BUY))
        taker = Intent((other, seat[1]), side.opposite, lots, 0, long=side is Side.SELL)
        self.place_one(taker._replace(tif=TimeInForce.IOC))

    @rule(number=st.integers(0, 9), percent=st.sampled_from([40, 60, 150]), other=OTHERS)
    def close(self, number, percent, other):
        """Let a closer rest, then reduce the position by another order beside it."""
        held = [row for row in self.holders() if row[1].lots]
        if not held:
            return
        name, row = held[number % len(held)]
        side = Side.SELL if row.lots > 0 else Side.BUY
        lots = max(1, abs(row.lots) * percent // 100)
        long = row.position_side is PositionSide.LONG
        seat = name, row.symbol
        closer = Intent(seat, side, lots, 3 * side.sign, reduce_only=True, long=long)
        self.place_one(closer)
        self.place_one(Intent((other, row.symbol), side.opposite, lots, 0, long=not long))
        self.place_one(Intent(seat, side, lots, 0, tif=TimeInForce.IOC, long=long))

    def holders(self):
        return [(name, row) for name in ACCOUNTS for row in self.engine.positions(name)]

    def pick(self, number):
        orders = [order for name in ACCOUNTS for order in self.engine.open_orders(name)]
        return orders[number % len(orders)]

    def something_rests(self) -> bool:
        return any(self.engine.open_orders(name) for name in ACCOUNTS)

    @precondition(something_rests)
    @rule(number=st.integers(0, 99), away=st.integers(-8, 8), lots=st.integers(0, 40))
    def amend(self, number, away, lots):
        order = self.pick(number)
        price = max(1, order.price + away)
        self.apply(AmendOrder(order.account, order.symbol, order.order_id, price, lots))

    @precondition(something_rests)
    @rule(number=st.integers(0, 99))
    def cancel(self, number):
        order = self.pick(number)
        self.apply(CancelOrder(order.account, order.symbol, order.order_id))
        assert order.status in (Status.CANCELLED, Status.EXPIRED), "its date may come first"

    @rule(seat=SEATS)
    def cancel_all(self, seat):
        self.apply(CancelAll(*seat))
        assert self.engine.open_orders(*seat) == ()

    @rule(command=PREFERENCE)
    def prefer(self, command):
        self.apply(command)

    @rule(account=st.sampled_from(ACCOUNTS), percent=st.sampled_from([-101, -100, -90, 30, 400]))
    def deposit(self, account, percent):
        atoms = int(self.engine.balance(account, "USDT").available * 10**8)
        self.apply(Deposit(account, "USDT", atoms * percent // 100 or percent))

    @rule(symbol=st.sampled_from(SYMBOLS), cents=st.integers(-900, 900))
    def mark(self, symbol, cents):
        self.apply(SetMark(symbol, self.engine.mark(symbol) + cents * 10**6))

    @rule(symbol=st.sampled_from(SYMBOLS), phase=rarely(Phase.CLOSED, Phase.HALTED, 3))
    def phase(self, symbol, phase):
        self.apply(SetPhase(symbol, phase))
        self.place_one(Intent((ACCOUNTS[0], symbol), Side.BUY, 1, 0))
        self.apply(SetPhase(symbol, Phase.TRADING))

    @rule(millis=st.integers(1, 40))
    def wait(self, millis):
        self.stage.now += millis
        self.note(self.engine.advance(self.stage.now))
        due = self.engine.due()
        assert due is None or due > self.stage.now

    @invariant()
    def the_ledger_sums_to_zero(self):
        assert self.engine.ledger_sum("USDT") == 0

    @invariant()
    def every_order_ends_exactly_once(self):
        for key, order in self.orders.items():
            assert 0 <= order.filled <= order.quantity
            assert self.ends[key] == (1 if order.status.terminal else 0), order

    @invariant()
    def exactly_the_living_orders_are_open(self):
        living = [order for order in self.orders.values() if not order.status.terminal]
        opened = [order for name in ACCOUNTS for order in self.engine.open_orders(name)]
        assert {id(order) for order in living} == {id(order) for order in opened}
        names = [(order.account, order.client_id) for order in opened]
        assert len(names) == len(set(names))

    @invariant()
    def nothing_rests_beyond_its_date(self):
        for name in ACCOUNTS:
            for order in self.engine.open_orders(name):
                dated = order.time_in_force is TimeInForce.GTD
                assert not dated or order.expire_at > self.stage.now

    @invariant()
    def books_match_their_events_and_their_orders_and_never_cross(self):
        for symbol in self.engine.listings:
            depth = self.engine.depth(symbol, 10_000)
            if depth.bids and depth.asks:
                assert depth.bids[0].price < depth.asks[0].price
            for side, levels in ((Side.BUY, depth.bids), (Side.SELL, depth.asks)):
                told = {p: lots for p, lots in self.books[symbol, side].items() if lots}
                resting: dict[int, int] = defaultdict(int)
                for name in ACCOUNTS:
                    for order in self.engine.open_orders(name, symbol):
                        if order.side is side:
                            resting[order.price] += order.quantity - order.filled
                assert dict(levels) == told == resting

    @invariant()
    def positions_are_the_signed_sum_of_fills(self):
        for symbol in self.engine.listings:
            total = 0
            for name in self.engine.accounts():
                for leg in LEGS:
                    lots = self.engine.position(name, symbol, leg).lots
                    assert lots == self.lots[name, symbol, leg]
                    total += lots
            assert total == 0

    @invariant()
    def closers_never_exceed_their_leg(self):
        for name in ACCOUNTS:
            for symbol in self.engine.listings:
                wanted: dict[PositionSide, int] = defaultdict(int)
                for order in self.engine.open_orders(name, symbol):
                    if closes(order):
                        wanted[order.position_side] += order.side.sign * (
                            order.quantity - order.filled
                        )
                for leg, lots in wanted.items():
                    held = self.engine.position(name, symbol, leg).lots
                    assert held * lots < 0
                    assert abs(lots) <= abs(held)

    @invariant()
    def margin_equals_a_recomputation_from_the_open_orders(self):
        for name in ACCOUNTS:
            for symbol in self.engine.listings:
                for leg in LEGS:
                    self.check_leg(name, symbol, leg)

    def check_leg(self, name, symbol, leg):
        listing, row = self.engine.listings[symbol], self.engine.position(name, symbol, leg)
        sums = {Side.BUY: Decimal(0), Side.SELL: Decimal(0)}
        for order in self.engine.open_orders(name, symbol):
            if order.position_side is leg and not closes(order):
                left = order.quantity - order.filled
                sums[order.side] += listing.prices.value(order.price) * listing.quantities.value(
                    left
                )
        bids, asks = sums.values()
        exact = row.lots * listing.step * row.mark_price
        notional = exact.quantize(ATOM, rounding=ROUND_DOWN)
        worst = max(abs(notional + bids), abs(notional - asks))
        bound = (worst / row.leverage).quantize(ATOM, rounding=ROUND_DOWN)
        held = (abs(notional) / row.leverage).quantize(ATOM, rounding=ROUND_DOWN)
        assert (row.bid_notional, row.ask_notional) == (bids, asks)
        assert (row.initial_margin, row.position_initial_margin) == (bound, held)
        assert row.open_order_initial_margin == bound - held >= 0
        tier = [tier for tier in listing.tiers if tier.floor <= abs(notional)][-1]
        least = (abs(notional) * tier.maintenance_rate).quantize(ATOM, rounding=ROUND_DOWN)
        assert row.maintenance_margin == max(0, least - tier.deduction)
        gain = exact - Decimal(self.costs[name, symbol, leg]).scaleb(-8)
        assert row.unrealised == gain.quantize(ATOM, rounding=ROUND_DOWN)

    @invariant()
    def nothing_available_is_bound_elsewhere(self):
        for name in ACCOUNTS:
            rows = [
                self.engine.position(name, symbol, leg)
                for symbol in self.engine.listings
                for leg in LEGS
            ]
            cross = [row for row in rows if row.margin_mode is MarginMode.CROSS]
            balance = self.engine.balance(name, "USDT")
            free = (
                Decimal(self.wallets[name]).scaleb(-8)
                - sum(row.isolated_wallet for row in rows)
                + sum(row.unrealised for row in cross)
                - sum(row.position_initial_margin for row in cross)
                - sum(row.open_order_initial_margin for row in rows)
            )
            assert balance.available == max(0, free)
            assert balance.maintenance_margin == sum(row.maintenance_margin for row in rows)
            assert balance.unrealised == sum(row.unrealised for row in rows)


def rules_of(make_listing):
    """Return two listings that differ where it matters, with narrow margin tiers."""
    tiers = (
        Tier(Decimal(0), Decimal(1_000), 50, Decimal("0.01"), Decimal(0)),
        Tier(Decimal(1_000), Decimal(20_000), 20, Decimal("0.02"), Decimal(10)),
        Tier(Decimal(20_000), Decimal(1_000_000), 5, Decimal("0.05"), Decimal(610)),
    )
    return (
        make_listing(max_open_orders=3, conditionals_max=3, tiers=tiers),
        make_listing(
            symbol="BBB",
            step=Decimal("0.01"),
            maker_rate=Decimal("-0.0003"),
            min_notional=Decimal(0),
            amend_keeps_priority=True,
            conditionals_max=3,
        ),
    )


def put_through(machine, goals=(), number=0):
    """Run a round of a machine until it has come across its goals; return those it missed.

    It raises what broke when a promise does not hold. ``number``: that of the round.

    What one seed generates depends on the modules that happen to be loaded, hence the tries.
    """
    missed = list(goals)
    for attempt in range(number * TRIES, (number + 1) * TRIES):
        run_machine(seed(attempt)(machine), settings=PACE)
        missed = [goal for goal in goals if not machine.reached[goal]]
        if goals and not missed:
            break
    return missed
