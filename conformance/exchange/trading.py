"""Placing, amending and cancelling: admission, matching, and what happens to the rest."""

from __future__ import annotations

from conformance.exchange.accounts import Holding
from conformance.exchange.admission import (
    Ticket,
    admit,
    filter_refusal,
    margin_refusal,
    room_to_close,
)
from conformance.exchange.matching import Matching
from conformance.exchange.resting import closes, enter, finish, lift, price_of, put, rest, shrink
from conformance.exchange.settings import AMENDMENTS_MAX
from conformance.exchange.state import State
from conformance.exchange.turn import Turn
from conformance.model.commands import AmendOrder, PlaceOrder
from conformance.model.events import (
    BookChanged,
    Cause,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
)
from conformance.model.ids import Lots, Millis, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import Status, TimeInForce
from conformance.model.records import OrderRecord
from conformance.model.refusals import Reason

_GTD, _CANCELLED = TimeInForce.GTD, Status.CANCELLED


class Trading:
    """Everything that can be done with an order: returns a reason and changes nothing, or acts."""

    __slots__ = ("_agenda", "_matching", "_state")

    def __init__(self, matching: Matching, state: State) -> None:
        self._matching = matching
        self._agenda = state.agenda
        self._state = state

    def due(self) -> Millis | None:
        """Return when the next good-till-date order ends, or None."""
        return self._agenda.due()

    def act(self, turn: Turn) -> None:
        """Let the good-till-date order end whose instant it is."""
        order = self._agenda.first()
        holding = self._state.holding(order.account, order.symbol)
        self.expire(holding, order, Cause.GTD_REACHED, turn)

    def place(
        self, command: PlaceOrder, holding: Holding, turn: Turn, *, whole: bool = False
    ) -> Reason | None:
        """Enter an order, let it take, and let the remainder rest or expire.

        ``whole``: it closes its leg, whatever other closers are after.
        """
        ticket = admit(command, holding, turn.at, whole=whole)
        if not isinstance(ticket, Ticket):
            return ticket
        order = _order(command, holding, ticket, turn)
        turn.events.append(OrderAccepted(order))
        if ticket.cause is not None:
            finish(holding, order, Status.EXPIRED, turn.at, self._agenda)
            turn.events.append(OrderExpired(order, ticket.cause))
            return None
        going = self._matching.take(holding, order, ticket.limit, turn)
        if order.filled == order.quantity:
            return None
        if not going:
            finish(holding, order, Status.EXPIRED, turn.at, self._agenda)
            turn.events.append(OrderExpired(order, Cause.SELF_TRADE))
        elif ticket.rests:
            price = ticket.limit
            _report(order, price, rest(holding, order, price, self._agenda), turn)
        else:
            finish(holding, order, Status.EXPIRED, turn.at, self._agenda)
            market_order = ticket.price is None
            cause = Cause.MARKET_REMAINDER if market_order else Cause.IOC_REMAINDER
            turn.events.append(OrderExpired(order, cause))
        return None

    def amend(
        self, command: AmendOrder, holding: Holding, order: OrderRecord, turn: Turn
    ) -> Reason | None:
        """Replace price and quantity of a resting order; it queues anew and may take.

        Below what is filled already, or post-only where it would take, it is cancelled (Modify
        Order, developers.binance.com, 2026-11).
        """
        before = price_of(order)
        reason = _amend_refusal(command, holding, order, before)
        if reason is not None:
            return reason
        price = command.price
        against = holding.market.book.against(order.side)
        would_take = order.time_in_force is TimeInForce.POST_ONLY and against.meets(price)
        if would_take or command.quantity <= order.filled:
            self.cancel(holding, order, turn)
            return None
        amended = OrderAmended(order, before, order.quantity)
        listing = holding.market.listing
        if listing.amend_keeps_priority and price == before and command.quantity < order.quantity:
            left = shrink(holding, order, command.quantity)
            _amended(amended, turn)
            _report(order, price, left, turn)
            return None
        left = lift(holding, order)
        order.price, order.quantity = price, command.quantity
        _amended(amended, turn)
        _report(order, before, left, turn)
        going = self._matching.take(holding, order, price, turn)
        if order.filled < order.quantity and going:
            _report(order, price, put(holding, order, price), turn)
        elif order.filled < order.quantity:
            finish(holding, order, Status.EXPIRED, turn.at, self._agenda)
            turn.events.append(OrderExpired(order, Cause.SELF_TRADE))
        return None

    def cancel(
        self, holding: Holding, order: OrderRecord, turn: Turn, cause: Cause = Cause.NONE
    ) -> None:
        """Take a resting order out for its owner."""
        left = lift(holding, order)
        finish(holding, order, _CANCELLED, turn.at, self._agenda)
        turn.events.append(OrderCancelled(order, cause))
        _report(order, price_of(order), left, turn)

    def expire(self, holding: Holding, order: OrderRecord, cause: Cause, turn: Turn) -> None:
        """Take a resting order out on the venue's behalf."""
        left = self._matching.expire(holding, order, cause, turn)
        _report(order, price_of(order), left, turn)


def _order(command: PlaceOrder, holding: Holding, ticket: Ticket, turn: Turn) -> OrderRecord:
    market = holding.market
    order = OrderRecord(
        order_id=market.next_order_id,
        client_id=command.client_id,
        account=command.account,
        symbol=command.symbol,
        side=command.side,
        kind=command.kind,
        time_in_force=command.time_in_force,
        quantity=ticket.lots,
        price=ticket.price,
        reduce_only=command.reduce_only,
        position_side=command.position_side,
        created_ms=turn.at,
        updated_ms=turn.at,
        expire_at=command.expire_at if command.time_in_force is _GTD else None,
        tag=command.tag,
        self_trade=command.self_trade,
        trade_group=holding.account.trade_group,
        bracket=command.bracket,
    )
    market.next_order_id += 1
    enter(holding, order)
    return order


def _amend_refusal(
    command: AmendOrder, holding: Holding, order: OrderRecord, before: Ticks
) -> Reason | None:
    market = holding.market
    price, quantity = command.price, command.quantity
    if market.phase is not Phase.TRADING:
        return Reason.SYMBOL_NOT_TRADING
    if order.amendments >= AMENDMENTS_MAX:
        return Reason.AMEND_TOO_OFTEN
    if (price, quantity) == (before, order.quantity):
        return Reason.AMEND_NOTHING_CHANGED
    closing = closes(order.side, order.position_side, reduce_only=order.reduce_only)
    reason = filter_refusal(market, order.side, price, quantity, closing=closing)
    if reason is not None or quantity <= order.filled:
        return reason
    leg = holding.legs[order.position_side]
    lots, resting = quantity - order.filled, order.quantity - order.filled
    if closing:
        enough = room_to_close(leg, order.side) + resting >= lots
        return None if enough else Reason.REDUCE_ONLY_REJECTED
    value = market.contract.value
    return margin_refusal(leg, order.side, value(price, lots), lots, value(before, resting))


def _amended(amended: OrderAmended, turn: Turn) -> None:
    order = amended.order
    order.amendments += 1
    order.updated_ms = turn.at
    turn.events.append(amended)


def _report(order: OrderRecord, price: Ticks, lots: Lots, turn: Turn) -> None:
    turn.events.append(BookChanged(order.symbol, order.side, price, lots))
