"""Price-time matching: what happens when an order meets the book."""

from __future__ import annotations

from conformance.exchange.accounts import Holding, Leg
from conformance.exchange.expiry import Agenda
from conformance.exchange.ledger import Ledger
from conformance.exchange.market import Market
from conformance.exchange.resting import discount, finish, lift
from conformance.exchange.settlement import exchange_value, settle
from conformance.model.events import (
    BalanceChanged,
    BookChanged,
    Cause,
    Event,
    OrderExpired,
    OrderFilled,
    PositionChanged,
    TradePrinted,
)
from conformance.model.ids import Millis, Ticks
from conformance.model.orders import Side, Status
from conformance.model.records import FillRecord, OrderRecord, TradeRecord


class Matching:
    """Matches orders against the books and settles what trades."""

    __slots__ = ("_agenda", "_ledger")

    def __init__(self, ledger: Ledger, agenda: Agenda) -> None:
        self._ledger = ledger
        self._agenda = agenda

    def take(
        self, market: Market, order: OrderRecord, limit: Ticks, at: Millis, events: list[Event]
    ) -> None:
        """Let an order that does not rest take what it can up to ``limit``.

        Its own account's makers are not met: they expire (self-trade prevention EXPIRE_MAKER,
        the venue's default; New Order, developers.binance.com, 2026-11).
        """
        ladder = market.book.against(order.side)
        while order.filled < order.quantity and (queue := ladder.meets(limit)):
            while order.filled < order.quantity and queue.orders:
                maker = next(iter(queue.orders.values()))
                if maker.account == order.account:
                    self.expire(market, maker, Cause.SELF_TRADE, at, events)
                else:
                    self._trade(market, order, maker, queue.price, at, events)
            events.append(BookChanged(order.symbol, order.side.opposite, queue.price, queue.lots))

    def expire(
        self, market: Market, order: OrderRecord, cause: Cause, at: Millis, events: list[Event]
    ) -> None:
        """Take a resting order out on the venue's behalf; the caller reports the book."""
        holding = market.holdings[order.account]
        lift(holding, order)
        finish(holding, order, Status.EXPIRED, at, self._agenda)
        events.append(OrderExpired(order, cause))

    def _trade(
        self,
        market: Market,
        taker: OrderRecord,
        maker: OrderRecord,
        price: Ticks,
        at: Millis,
        events: list[Event],
    ) -> None:
        lots = min(taker.quantity - taker.filled, maker.quantity - maker.filled)
        trade = TradeRecord(market.next_trade_id, taker.symbol, price, lots, taker.side, at)
        market.next_trade_id += 1
        market.trades.append(trade)
        events.append(TradePrinted(trade))
        giver = market.holdings[maker.account]
        getter = market.holdings[taker.account]
        maker_leg = giver.legs[maker.position_side]
        taker_leg = getter.legs[taker.position_side]
        value = market.contract.value(price, lots)
        if taker.side is Side.BUY:
            exchange_value(taker_leg, maker_leg, value)
        else:
            exchange_value(maker_leg, taker_leg, value)
        before = maker.quantity - maker.filled
        maker.filled += lots
        market.book.side(maker.side).fill(maker, price, lots)
        discount(giver, maker, before, before - lots)
        self._execute(giver, maker, trade, value, events)
        taker.filled += lots
        self._execute(getter, taker, trade, value, events)
        self._knock_out(market, maker_leg, at, events)
        self._knock_out(market, taker_leg, at, events)

    def _execute(
        self,
        holding: Holding,
        order: OrderRecord,
        trade: TradeRecord,
        value: int,
        events: list[Event],
    ) -> None:
        market = holding.market
        leg = holding.legs[order.position_side]
        maker = order.side is not trade.taker_side
        rate = market.maker_rate if maker else market.taker_rate
        done = settle(leg, order.side, trade.price, trade.quantity, rate, self._ledger, trade.at)
        order.cost += value
        order.updated_ms = trade.at
        fill = FillRecord(
            trade.trade_id,
            order.order_id,
            order.client_id,
            order.symbol,
            order.side,
            order.position_side,
            trade.price,
            trade.quantity,
            done.fee,
            done.realised,
            maker,
            trade.at,
        )
        holding.fills.append(fill)
        order.status = Status.PARTIALLY_FILLED
        if order.filled == order.quantity:
            finish(holding, order, Status.FILLED, trade.at, self._agenda)
        change = done.realised - done.fee
        purse = holding.purse
        if change:
            events.append(
                BalanceChanged(
                    order.account, purse.asset, purse.wallet.balance, change, Cause.TRADE
                )
            )
        events.append(
            PositionChanged(
                order.account,
                order.symbol,
                leg.position_side,
                Cause.TRADE,
                leg.lots,
                leg.cost,
                leg.accumulated,
            )
        )
        events.append(OrderFilled(order, fill, order.filled, order.cost, order.status))

    def _knock_out(self, market: Market, leg: Leg, at: Millis, events: list[Event]) -> None:
        """Expire the newest closers until the rest of them cannot do more than close the leg.

        Source: ``er`` 4 of ORDER_TRADE_UPDATE (developers.binance.com, 2026-11).
        """
        while leg.closers:
            order = next(reversed(leg.closers.values()))
            if leg.closing <= -order.side.sign * leg.lots:
                return
            assert order.price is not None
            self.expire(market, order, Cause.REDUCE_ONLY_KNOCKED_OUT, at, events)
            left = market.book.side(order.side).lots(order.price)
            events.append(BookChanged(order.symbol, order.side, order.price, left))
