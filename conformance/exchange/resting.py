"""Orders between acceptance and their end: in the book, in the indexes, in the margin.

Finished orders are retained up to a bound, then forgotten together with their client id.
"""

from __future__ import annotations

from conformance.errors import InvariantBroken
from conformance.exchange.accounts import Holding
from conformance.exchange.expiry import Agenda
from conformance.exchange.settings import CLOSED_ORDERS_RETAINED
from conformance.model.ids import Lots, Millis, Ticks
from conformance.model.orders import PositionSide, Side, Status
from conformance.model.records import OrderRecord

_NET = PositionSide.NET
_CLOSING_SIDE = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}


def closes(side: Side, position_side: PositionSide, *, reduce_only: bool) -> bool:
    """Return whether an order may only reduce its leg: by its flag, or by its side in hedge."""
    return reduce_only or (position_side is not _NET and _CLOSING_SIDE[position_side] is side)


def kin(one: OrderRecord, other: OrderRecord) -> bool:
    """Return whether two orders are of the same account or of the same trade group."""
    if one.account == other.account:
        return True
    return bool(one.trade_group) and one.trade_group == other.trade_group


def enter(holding: Holding, order: OrderRecord) -> None:
    """Retain an accepted order; an empty client id names nobody."""
    holding.orders[order.order_id] = order
    if order.client_id:
        holding.by_client[order.client_id] = order


def rest(holding: Holding, order: OrderRecord, price: Ticks, agenda: Agenda) -> Lots:
    """Let what remains of an order rest for the first time; return what its level holds then."""
    holding.open[order.order_id] = order
    if order.client_id:
        holding.account.client_ids[order.client_id] = order
    if order.expire_at is not None:
        agenda.add(order, order.expire_at)
    return put(holding, order, price)


def put(holding: Holding, order: OrderRecord, price: Ticks) -> Lots:
    """Put an order into the book, behind its price, and bind its margin.

    Return what its level holds then.
    """
    market = holding.market
    leg = holding.legs[order.position_side]
    lots = order.quantity - order.filled
    if closes(order.side, order.position_side, reduce_only=order.reduce_only):
        leg.closers[order.order_id] = order
        leg.closing += lots
    else:
        leg.rest(order, market.contract.value(price, lots))
    return market.book.side(order.side).add(order, price)


def lift(holding: Holding, order: OrderRecord) -> Lots:
    """Take an order out of the book, free its margin, and return what its level holds then."""
    price = price_of(order)
    discount(holding, order, price, order.quantity - order.filled, 0)
    return holding.market.book.side(order.side).remove(order, price)


def shrink(holding: Holding, order: OrderRecord, quantity: Lots) -> Lots:
    """Let a resting order get smaller where it stands; return what its level holds then."""
    before, after = order.quantity - order.filled, quantity - order.filled
    order.quantity = quantity
    price = price_of(order)
    discount(holding, order, price, before, after)
    return holding.market.book.side(order.side).shrink(price, before - after)


def discount(holding: Holding, order: OrderRecord, price: Ticks, before: Lots, after: Lots) -> None:
    """Free the margin of the part by which a resting order's remainder went down."""
    leg = holding.legs[order.position_side]
    if order.order_id in leg.closers:
        leg.closing -= before - after
        if not after:
            del leg.closers[order.order_id]
        return
    value = holding.market.contract.value
    freed = value(price, before)
    leg.rest(order, value(price, after) - freed if after else -freed)


def price_of(order: OrderRecord) -> Ticks:
    """Return the price of an order that rests; raise InvariantBroken when it has none."""
    if order.price is None:
        raise InvariantBroken(f"order {order.order_id} rests without a price")
    return order.price


def finish(
    holding: Holding, order: OrderRecord, status: Status, at: Millis, agenda: Agenda
) -> None:
    """End an order that is in no book any more."""
    order.status = status
    order.updated_ms = at
    if holding.open.pop(order.order_id, None) is not None:
        holding.account.client_ids.pop(order.client_id, None)
        if order.expire_at is not None:
            agenda.forget()
    holding.closed.append(order.order_id)
    if len(holding.closed) > CLOSED_ORDERS_RETAINED:
        oldest = holding.orders.pop(holding.closed.popleft())
        if holding.by_client.get(oldest.client_id) is oldest:
            del holding.by_client[oldest.client_id]
