"""Orders that the venue places on an account's behalf to close a leg."""

from __future__ import annotations

from conformance.exchange.accounts import Leg
from conformance.exchange.matching import Matching
from conformance.exchange.resting import enter
from conformance.exchange.settlement import exchange_half, exchange_value
from conformance.exchange.state import State
from conformance.exchange.turn import Turn
from conformance.model.events import OrderAccepted
from conformance.model.ids import Lots, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import Forced, Kind, SelfTrade, Side, TimeInForce
from conformance.model.records import OrderRecord, TradeRecord


class Autoclose:
    """Closes legs through the book, against other legs off the book, or against the venue."""

    __slots__ = ("_ledger", "_matching")

    def __init__(self, state: State, matching: Matching) -> None:
        self._ledger = state.ledger
        self._matching = matching

    def order(
        self, leg: Leg, side: Side, lots: Lots, price: Ticks, why: Forced, turn: Turn
    ) -> OrderRecord:
        """Enter an order that changes a leg by ``lots``; it never rests."""
        holding = leg.holding
        market = holding.market
        order = OrderRecord(
            order_id=market.next_order_id,
            client_id=f"{why}-{market.next_order_id}",
            account=holding.account.name,
            symbol=market.listing.symbol,
            side=side,
            kind=Kind.LIMIT,
            time_in_force=TimeInForce.IOC,
            quantity=lots,
            price=price,
            reduce_only=leg.lots * side.sign < 0,
            position_side=leg.position_side,
            created_ms=turn.at,
            updated_ms=turn.at,
            forced=why,
            self_trade=SelfTrade.NONE,
        )
        market.next_order_id += 1
        enter(holding, order)
        turn.events.append(OrderAccepted(order))
        return order

    def take(self, leg: Leg, order: OrderRecord, turn: Turn) -> None:
        """Let an order take from the book what it can up to its price, while there is trading."""
        if leg.holding.market.phase is Phase.TRADING:
            self._matching.take(leg.holding, order, order.price or 0, turn)

    def cross(
        self, leg: Leg, order: OrderRecord, other: Leg, against: OrderRecord, turn: Turn
    ) -> None:
        """Fill two orders with each other off the book, as far as the second one goes."""
        lots = against.quantity
        trade = _struck(leg, order, lots, turn)
        value = leg.holding.market.contract.value(trade.price, lots)
        if order.side is Side.BUY:
            exchange_value(leg, other, value)
        else:
            exchange_value(other, leg, value)
        for each, owner in ((against, other), (order, leg)):
            each.filled += lots
            self._matching.execute(owner.holding, each, trade, turn)
        for owner in (other, leg):
            self._matching.knock_out(owner.holding, owner, turn)

    def deliver(self, leg: Leg, price: Ticks, turn: Turn) -> None:
        """Close a whole leg at the price of delivery; the venue stands between all legs."""
        order = self.order(leg, reducing(leg), abs(leg.lots), price, Forced.DELIVERY, turn)
        trade = _struck(leg, order, order.quantity, turn)
        value = leg.holding.market.contract.value(price, order.quantity)
        exchange_half(leg, order.side, value, self._ledger)
        order.filled = order.quantity
        self._matching.execute(leg.holding, order, trade, turn)


def reducing(leg: Leg) -> Side:
    """Return the side of an order that reduces a leg."""
    return Side.SELL if leg.lots > 0 else Side.BUY


def _struck(leg: Leg, order: OrderRecord, lots: Lots, turn: Turn) -> TradeRecord:
    """Return a trade that the public never sees."""
    market, price = leg.holding.market, order.price or 0
    trade = TradeRecord(market.next_trade_id, order.symbol, price, lots, order.side, turn.at)
    market.next_trade_id += 1
    return trade
