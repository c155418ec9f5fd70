"""Conditional orders at work: placed, set off by prices, followed to the end of what they enter.

Everything here is a reaction to events of the exchange, read in their order after the command
that caused them, so that one rule holds for trades, marks, liquidations and deliveries alike.
Order of events at a trigger: ConditionalTriggering; ConditionalTriggered, at once followed by
OrderAccepted and all else the entered order does (or ConditionalRejected in their place);
ConditionalCancelled of a sibling. ConditionalFinished comes when the order's own end has been
told. What an entered order's trades set off comes after all its events.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

from conformance.exchange.accounts import Holding
from conformance.exchange.brackets import exits
from conformance.exchange.conditions import (
    LIMITS,
    entry_refusal,
    price_refusal,
    rises,
    terms_refusal,
)
from conformance.exchange.groups import group_of
from conformance.exchange.lookout import Board
from conformance.exchange.settings import FIRST_CONDITIONAL_ID
from conformance.exchange.shelf import Shelf
from conformance.exchange.state import State
from conformance.exchange.trading import Trading
from conformance.exchange.turn import Turn
from conformance.model.commands import (
    AmendConditional,
    CancelAllConditional,
    CancelConditional,
    PlaceConditional,
    PlaceOrder,
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
    IndexChanged,
    LastChanged,
    LiquidationStarted,
    MarkChanged,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    PhaseChanged,
    PositionChanged,
    TradePrinted,
)
from conformance.model.ids import Millis, Symbol, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import ConditionalStatus, Gauge, Kind, Status, TimeInForce
from conformance.model.records import ConditionalRecord, OrderRecord
from conformance.model.refusals import Reason

_GAUGES = {MarkChanged: Gauge.MARK, IndexChanged: Gauge.INDEX, LastChanged: Gauge.LAST}
_ENDS_ALL = (Phase.DELIVERING, Phase.CLOSED)


class Triggers:
    """All conditional orders and brackets of one exchange."""

    __slots__ = ("_boards", "_dated", "_next_id", "_reactions", "_state", "_trading", "armed")

    def __init__(self, state: State, trading: Trading) -> None:
        self._state = state
        self._trading = trading
        self._boards: dict[Symbol, Board] = {}
        self._dated: list[tuple[int, int, ConditionalRecord]] = []
        """Good-till-date orders by instant and id, counted downward."""
        self._next_id = FIRST_CONDITIONAL_ID
        self.armed = False
        """False as long as there was neither a conditional order nor a bracket to react for."""
        self._reactions: Mapping[type, Callable[[Any, Turn], None]] = MappingProxyType(
            {
                TradePrinted: self._on_trade,
                MarkChanged: self._on_price,
                IndexChanged: self._on_price,
                LastChanged: self._on_price,
                OrderFilled: self._on_fill,
                OrderCancelled: self._on_end,
                OrderExpired: self._on_end,
                PositionChanged: self._on_position,
                PhaseChanged: self._on_phase,
                LiquidationStarted: self._on_liquidation,
            }
        )

    def react(self, turn: Turn) -> None:
        """Do what the events that nobody has reacted to yet set off, and what that sets off."""
        events = turn.events
        while turn.seen < len(events):
            event = events[turn.seen]
            turn.seen += 1
            reaction = self._reactions.get(type(event))
            if reaction is not None:
                reaction(event, turn)

    def due(self) -> Millis | None:
        """Return when the next good-till-date order ends, or None."""
        return -self._dated[-1][0] if self._dated else None

    def act(self, turn: Turn) -> None:
        """Let the good-till-date order end whose instant it is."""
        self._expire(self._dated[-1][2], Cause.GTD_REACHED, turn)

    def place(self, command: PlaceConditional, turn: Turn) -> Reason | None:
        """Let a conditional order wait."""
        holding = self._state.find(command.account, command.symbol)
        if isinstance(holding, Reason):
            return holding
        record = self._record(command, turn)
        shelf = self._shelf(record)
        reason = entry_refusal(record, holding, shelf, turn.at)
        reason = reason or price_refusal(record, holding.market)
        if reason is None:
            self._enter(record, shelf, turn)
            self._wait(record, holding, turn)
        return reason

    def amend(self, command: AmendConditional, turn: Turn) -> Reason | None:
        """Replace trigger, limit and quantity of a waiting order."""
        record = self._find(command.account, command.conditional_id)
        if isinstance(record, Reason):
            return record
        before = record.command
        if before.kind is Kind.TRAILING_STOP:
            return Reason.CONDITIONAL_TRAILS
        figures = (command.trigger, command.price, command.quantity)
        after = before._replace(trigger=figures[0], price=figures[1], quantity=figures[2])
        if after == before:
            return Reason.AMEND_NOTHING_CHANGED
        market = self._state.markets[before.symbol]
        probe = self._record(after, turn)
        reason = terms_refusal(after, market) or price_refusal(probe, market)
        if reason is not None:
            return reason
        board = self._board(before.symbol)
        board.lookout(record).remove(record)
        record.command, record.updated_ms = after, turn.at
        board.lookout(record).add(record)
        was = (before.trigger or 0, before.price, before.quantity)
        turn.events.append(ConditionalAmended(record, *was))
        return None

    def cancel(self, command: CancelConditional, turn: Turn) -> Reason | None:
        """Take one waiting order out for its owner."""
        record = self._find(command.account, command.conditional_id)
        if isinstance(record, Reason):
            return record
        self._cancel(record, Cause.NONE, turn)
        return None

    def cancel_all(self, command: CancelAllConditional, turn: Turn) -> Reason | None:
        """Take all waiting orders of the account in the symbol out."""
        holding = self._state.find(command.account, command.symbol)
        if isinstance(holding, Reason):
            return holding
        shelf = self._state.shelves.get(command.account, Shelf())
        for record in tuple(shelf.waiting.values()):
            if record.command.symbol == command.symbol:
                self._cancel(record, Cause.NONE, turn)
        return None

    def _on_trade(self, event: TradePrinted, turn: Turn) -> None:
        self._tick(event.trade.symbol, Gauge.LAST, event.trade.price, turn)

    def _on_price(self, event: MarkChanged | IndexChanged | LastChanged, turn: Turn) -> None:
        price = self._state.markets[event.symbol].ticks(event.price)
        self._tick(event.symbol, _GAUGES[type(event)], price, turn)

    def _on_fill(self, event: OrderFilled, turn: Turn) -> None:
        order = event.order
        bracket = order.bracket
        if bracket is not None and bracket.early:
            first = event.filled == event.fill.quantity
            commands = exits(order, bracket, event.fill.quantity, named=first)
            self._guard(order, commands, turn)
        if event.status is Status.FILLED:
            self._ended(order, turn)

    def _on_end(self, event: OrderCancelled | OrderExpired, turn: Turn) -> None:
        self._ended(event.order, turn)

    def _on_position(self, event: PositionChanged, turn: Turn) -> None:
        shelf = self._state.shelves.get(event.account)
        if shelf is None:
            return
        bound = shelf.bound.get((event.symbol, event.position_side), {})
        for record in tuple(bound.values()):
            if event.lots * record.command.side.sign >= 0:
                self._expire(record, Cause.POSITION_CLOSED, turn)

    def _on_phase(self, event: PhaseChanged, turn: Turn) -> None:
        if event.phase not in _ENDS_ALL:
            return
        for shelf in self._state.shelves.values():
            for record in tuple(shelf.waiting.values()):
                if record.command.symbol == event.symbol:
                    self._expire(record, Cause.DELISTED, turn)

    def _on_liquidation(self, event: LiquidationStarted, turn: Turn) -> None:
        shelf = self._state.shelves.get(event.group.account)
        for record in () if shelf is None else tuple(shelf.waiting.values()):
            command = record.command
            holding = self._state.holding(command.account, command.symbol)
            if group_of(holding.legs[command.position_side]).name == event.group:
                self._expire(record, Cause.LIQUIDATION, turn)

    def _ended(self, order: OrderRecord, turn: Turn) -> None:
        """Finish the conditional order behind an ended order, and guard what a bracket asks."""
        bracket = order.bracket
        if bracket is not None and order.filled and not bracket.early:
            self._guard(order, exits(order, bracket, order.filled, named=True), turn)
        if order.conditional_id:
            shelf = self._state.shelves[order.account]
            record = shelf.triggered.pop(order.conditional_id)
            self._close(record, ConditionalStatus.FINISHED, turn)
            turn.events.append(ConditionalFinished(record))

    def _guard(
        self, entry: OrderRecord, commands: tuple[PlaceConditional, ...], turn: Turn
    ) -> None:
        """Let the exits of an entry wait; they are siblings of each other."""
        holding = self._state.holding(entry.account, entry.symbol)
        waiting = []
        for command in commands:
            record = self._record(command, turn)
            shelf = self._shelf(record)
            reason = entry_refusal(record, holding, shelf, turn.at)
            self._enter(record, shelf, turn)
            if reason is None:
                self._wait(record, holding, turn)
                waiting.append(record)
            else:
                shelf.leave(record)
                self._reject(record, reason, turn)
        if len(waiting) > 1:
            waiting[0].sibling, waiting[1].sibling = waiting[1], waiting[0]
        for record in waiting:
            # The price may have passed an exit while the entry was under way.
            passed = price_refusal(record, holding.market) is not None
            if passed and record.status is ConditionalStatus.NEW:
                self._board(entry.symbol).lookout(record).remove(record)
                self._fire(record, turn)

    def _tick(self, symbol: Symbol, gauge: Gauge, price: Ticks, turn: Turn) -> None:
        """Let a price set off what waits for it, and what calm lets go again."""
        board = self._boards.get(symbol)
        if board is None:
            return
        board.follow(gauge, price)
        while (record := board.next(gauge, price)) is not None:
            self._reach(record, price, turn)
        market = self._state.markets[symbol]
        rows = [(gauge, price), *((other, market.gauge(other)) for other in Gauge)]
        for watched, present in rows:
            while market.calm and (record := board.next_protected(watched, present)) is not None:
                self._fire(record, turn)

    def _reach(self, record: ConditionalRecord, price: Ticks, turn: Turn) -> None:
        if record.command.kind is Kind.TRAILING_STOP and record.peak is None:
            self._activate(record, price, turn)
        else:
            self._fire(record, turn)

    def _activate(self, record: ConditionalRecord, price: Ticks, turn: Turn) -> None:
        self._board(record.command.symbol).start(record, price)
        record.updated_ms = turn.at
        turn.events.append(ConditionalActivated(record, price))

    def _fire(self, record: ConditionalRecord, turn: Turn) -> None:
        """Enter the order that a conditional one, already taken off its lookout, stands for."""
        command = record.command
        shelf = self._shelf(record)
        shelf.leave(record)
        self._undate(record)
        record.status = ConditionalStatus.TRIGGERING
        record.triggered_ms = record.updated_ms = turn.at
        turn.events.append(ConditionalTriggering(record))
        holding = self._state.holding(command.account, command.symbol)
        begin, entered = len(turn.events), _order(command, holding)
        reason: Reason | None = Reason.REDUCE_ONLY_REJECTED
        if entered.quantity:
            whole = command.close_position
            reason = self._trading.place(entered, holding, turn, whole=whole)
        if reason is not None:
            self._reject(record, reason, turn)
            return
        order = record.order = cast("OrderAccepted", turn.events[begin]).order
        order.conditional_id = record.conditional_id
        record.status = ConditionalStatus.TRIGGERED
        shelf.triggered[record.conditional_id] = record
        turn.events.insert(begin, ConditionalTriggered(record, order))
        sibling = record.sibling
        if sibling is not None and sibling.status is ConditionalStatus.NEW:
            self._cancel(sibling, Cause.SIBLING_TRIGGERED, turn)

    def _record(self, command: PlaceConditional, turn: Turn) -> ConditionalRecord:
        return ConditionalRecord(
            conditional_id=self._next_id,
            command=command,
            created_ms=turn.at,
            updated_ms=turn.at,
            rising=rises(command),
        )

    def _enter(self, record: ConditionalRecord, shelf: Shelf, turn: Turn) -> None:
        self.armed = True
        self._next_id += 1
        shelf.enter(record)
        turn.events.append(ConditionalAccepted(record))

    def _wait(self, record: ConditionalRecord, holding: Holding, turn: Turn) -> None:
        """Put an order on its lookout; a trailing stop without activation follows at once."""
        command = record.command
        if command.time_in_force is TimeInForce.GTD:
            insort(self._dated, _date(record))
        if command.kind is Kind.TRAILING_STOP and command.activation is None:
            self._activate(record, holding.market.gauge(command.gauge), turn)
        else:
            self._board(command.symbol).lookout(record).add(record)

    def _cancel(self, record: ConditionalRecord, cause: Cause, turn: Turn) -> None:
        self._leave(record)
        self._close(record, ConditionalStatus.CANCELLED, turn)
        turn.events.append(ConditionalCancelled(record, cause))

    def _expire(self, record: ConditionalRecord, cause: Cause, turn: Turn) -> None:
        self._leave(record)
        self._close(record, ConditionalStatus.EXPIRED, turn)
        turn.events.append(ConditionalExpired(record, cause))

    def _reject(self, record: ConditionalRecord, reason: Reason, turn: Turn) -> None:
        record.reason = reason
        self._close(record, ConditionalStatus.REJECTED, turn)
        turn.events.append(ConditionalRejected(record, reason))

    def _close(self, record: ConditionalRecord, status: ConditionalStatus, turn: Turn) -> None:
        record.status = status
        record.updated_ms = turn.at
        self._shelf(record).close(record)

    def _leave(self, record: ConditionalRecord) -> None:
        """Take a waiting order off its lookout and its shelf."""
        self._board(record.command.symbol).lookout(record).remove(record)
        self._undate(record)
        self._shelf(record).leave(record)

    def _undate(self, record: ConditionalRecord) -> None:
        if record.command.time_in_force is TimeInForce.GTD:
            del self._dated[bisect_left(self._dated, _date(record))]

    def _find(self, account: str, conditional_id: int) -> ConditionalRecord | Reason:
        if account not in self._state.accounts:
            return Reason.UNKNOWN_ACCOUNT
        shelf = self._state.shelves.get(account)
        record = None if shelf is None else shelf.waiting.get(conditional_id)
        return Reason.UNKNOWN_CONDITIONAL if record is None else record

    def _shelf(self, record: ConditionalRecord) -> Shelf:
        return self._state.shelves.setdefault(record.command.account, Shelf())

    def _board(self, symbol: Symbol) -> Board:
        return self._boards.setdefault(symbol, Board())


def _date(record: ConditionalRecord) -> tuple[int, int, ConditionalRecord]:
    return -(record.command.expire_at or 0), -record.conditional_id, record


def _order(command: PlaceConditional, holding: Holding) -> PlaceOrder:
    """Return the order to enter at the trigger; of no quantity when there is nothing to close."""
    lots, limit = command.quantity, command.kind in LIMITS
    if command.close_position:
        held = -command.side.sign * holding.legs[command.position_side].lots
        lots = max(0, min(held, holding.market.listing.market_max_lots))
    return PlaceOrder(
        account=command.account,
        symbol=command.symbol,
        side=command.side,
        kind=Kind.LIMIT if limit else Kind.MARKET,
        quantity=lots,
        price=command.price if limit else None,
        client_id=command.client_id,
        time_in_force=command.time_in_force if limit else TimeInForce.IOC,
        reduce_only=command.reduce_only or command.close_position,
        position_side=command.position_side,
        expire_at=command.expire_at,
        tag=command.tag,
        self_trade=command.self_trade,
        match=command.match,
    )
