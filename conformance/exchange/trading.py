"""Placing, amending and cancelling: admission, matching, and what happens to the rest."""

from __future__ import annotations

from typing import TypeAlias

from conformance.exchange.accounts import Account, Holding
from conformance.exchange.admission import (
    assumed_value,
    book_refusal,
    filter_refusal,
    margin_refusal,
    room_to_close,
    shape_refusal,
)
from conformance.exchange.expiry import Agenda
from conformance.exchange.market import Market
from conformance.exchange.matching import Matching
from conformance.exchange.resting import closes, enter, finish, lift, put, rest
from conformance.exchange.settings import AMENDMENTS_MAX
from conformance.model.commands import AmendOrder, PlaceOrder
from conformance.model.events import (
    BookChanged,
    Cause,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
)
from conformance.model.ids import Lots, Millis, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import Kind, PositionSide, Status, TimeInForce
from conformance.model.records import OrderRecord
from conformance.model.refusals import Reason

Events: TypeAlias = list[Event]
_RESTS = (TimeInForce.GTC, TimeInForce.GTD, TimeInForce.POST_ONLY)


class Trading:
    """Everything that can be done with an order. Returns a reason and changes nothing, or acts."""

    __slots__ = ("_agenda", "_matching")

    def __init__(self, matching: Matching, agenda: Agenda) -> None:
        self._matching = matching
        self._agenda = agenda

    def place(
        self, command: PlaceOrder, account: Account, market: Market, at: Millis, events: Events
    ) -> Reason | None:
        """Enter an order, let it take, and let it rest or expire."""
        reason = shape_refusal(command, account, market, at)
        if reason is not None:
            return reason
        side, lots = command.side, command.quantity
        price = (command.price or 0) if command.kind is Kind.LIMIT else None
        closing = closes(side, command.position_side, reduce_only=command.reduce_only)
        reason = filter_refusal(market, side, price, lots, closing=closing)
        if reason is not None:
            return reason
        holding = account.holding(market)
        leg = holding.legs[command.position_side]
        if closing:
            room = room_to_close(leg, side)
            if room <= 0 or (lots > room and command.position_side is not PositionSide.NET):
                return Reason.REDUCE_ONLY_REJECTED
            lots = min(lots, room)
        if (
            price is not None
            and command.time_in_force in _RESTS
            and len(holding.open) >= market.listing.max_open_orders
        ):
            return Reason.TOO_MANY_OPEN_ORDERS
        if not closing:
            value = (
                assumed_value(market, side, lots)
                if price is None
                else market.contract.value(price, lots)
            )
            reason = margin_refusal(leg, side, value, lots)
            if reason is not None:
                return reason
        limit = market.take_limit(side) if price is None else price
        reason = book_refusal(command, market, limit, lots)
        if reason is not None:
            return reason
        self._enter(command, holding, price, lots, limit, at, events)
        return None

    def amend(
        self, command: AmendOrder, holding: Holding, order: OrderRecord, at: Millis, events: Events
    ) -> Reason | None:
        """Replace price and quantity of a resting order; it queues anew and may take.

        Source: Modify Order (developers.binance.com, 2026-11).
        """
        reason = self._amend_refusal(command, holding, order)
        if reason is not None:
            return reason
        price, quantity = command.price, command.quantity
        market = holding.market
        if quantity <= order.filled or (
            order.time_in_force is TimeInForce.POST_ONLY
            and market.book.against(order.side).meets(price)
        ):
            self.cancel(holding, order, at, events)
            return None
        price_before, quantity_before = order.price, order.quantity
        assert price_before is not None
        lift(holding, order)
        left = market.book.side(order.side).lots(price_before)
        order.price, order.quantity = price, quantity
        order.amendments += 1
        order.updated_ms = at
        events.append(OrderAmended(order, price_before, quantity_before))
        if price_before != price:
            events.append(BookChanged(order.symbol, order.side, price_before, left))
        self._matching.take(market, order, price, at, events)
        if order.filled < order.quantity:
            put(holding, order)
            lots = market.book.side(order.side).lots(price)
            events.append(BookChanged(order.symbol, order.side, price, lots))
        elif price_before == price:
            events.append(BookChanged(order.symbol, order.side, price_before, left))
        return None

    def cancel(self, holding: Holding, order: OrderRecord, at: Millis, events: Events) -> None:
        """Take a resting order out for its owner."""
        lift(holding, order)
        finish(holding, order, Status.CANCELLED, at, self._agenda)
        events.append(OrderCancelled(order))
        self._report(holding.market, order, events)

    def expire(self, market: Market, order: OrderRecord, cause: Cause, at: Millis) -> Events:
        """Take a resting order out on the venue's behalf."""
        events: Events = []
        self._matching.expire(market, order, cause, at, events)
        self._report(market, order, events)
        return events

    def _enter(
        self,
        command: PlaceOrder,
        holding: Holding,
        price: Ticks | None,
        lots: Lots,
        limit: Ticks,
        at: Millis,
        events: Events,
    ) -> None:
        market = holding.market
        order = OrderRecord(
            order_id=market.next_order_id,
            client_id=command.client_id,
            account=command.account,
            symbol=command.symbol,
            side=command.side,
            kind=command.kind,
            time_in_force=command.time_in_force,
            quantity=lots,
            price=price,
            reduce_only=command.reduce_only,
            position_side=command.position_side,
            created_ms=at,
            updated_ms=at,
            expire_at=command.expire_at,
            tag=command.tag,
        )
        market.next_order_id += 1
        enter(holding, order)
        events.append(OrderAccepted(order))
        self._matching.take(market, order, limit, at, events)
        if order.filled == order.quantity:
            return
        if price is not None and command.time_in_force in _RESTS:
            rest(holding, order, self._agenda)
            self._report(market, order, events)
        else:
            finish(holding, order, Status.EXPIRED, at, self._agenda)
            cause = Cause.MARKET_REMAINDER if price is None else Cause.IOC_REMAINDER
            events.append(OrderExpired(order, cause))

    def _amend_refusal(
        self, command: AmendOrder, holding: Holding, order: OrderRecord
    ) -> Reason | None:
        market = holding.market
        price, quantity = command.price, command.quantity
        if market.phase is not Phase.TRADING:
            return Reason.SYMBOL_NOT_TRADING
        if order.amendments >= AMENDMENTS_MAX:
            return Reason.AMEND_TOO_OFTEN
        if price == order.price and quantity == order.quantity:
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
        assert order.price is not None
        value = market.contract.value
        replaced = value(order.price, resting)
        return margin_refusal(leg, order.side, value(price, lots), lots, replaced)

    @staticmethod
    def _report(market: Market, order: OrderRecord, events: Events) -> None:
        assert order.price is not None
        lots = market.book.side(order.side).lots(order.price)
        events.append(BookChanged(order.symbol, order.side, order.price, lots))
