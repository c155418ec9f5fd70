"""Price-time matching: what happens when an order meets the book."""

from __future__ import annotations

from conformance.exchange.accounts import Holding, Leg
from conformance.exchange.market import Market
from conformance.exchange.resting import discount, finish, kin, lift, price_of
from conformance.exchange.settlement import exchange_half, exchange_value, settle
from conformance.exchange.state import State
from conformance.exchange.turn import Turn
from conformance.model.events import (
    BalanceChanged,
    BookChanged,
    Cause,
    OrderExpired,
    OrderFilled,
    PositionChanged,
    TradePrinted,
)
from conformance.model.ids import Atoms, Lots, Ticks
from conformance.model.orders import BUY, Forced, SelfTrade, Status
from conformance.model.records import FillRecord, OrderRecord, TradeRecord

_ALLOWED, _TRADE = SelfTrade.NONE, Cause.TRADE
_FILLED, _PARTIALLY_FILLED = Status.FILLED, Status.PARTIALLY_FILLED


class Matching:
    """Matches orders against the books and settles what trades."""

    __slots__ = ("_agenda", "_ledger")

    def __init__(self, state: State) -> None:
        self._ledger = state.ledger
        self._agenda = state.agenda

    def take(self, holding: Holding, order: OrderRecord, limit: Ticks, turn: Turn) -> bool:
        """Let an order that does not rest take what it can up to ``limit``.

        Return False when self-trade prevention ends it (the caller ends it). The taker's mode
        counts, the maker's is ignored; what traded before stands (stp-faq,
        developers.binance.com, 2026-11).
        """
        ladder = holding.market.book.against(order.side)
        going = True
        while going and order.filled < order.quantity and (queue := ladder.meets(limit)):
            before = queue.lots
            while going and order.filled < order.quantity and queue.orders:
                maker = next(iter(queue.orders.values()))
                if order.self_trade is _ALLOWED or not kin(order, maker):
                    self._trade(holding, order, maker, queue.price, turn)
                    continue
                if order.self_trade is not SelfTrade.EXPIRE_TAKER:
                    owner = holding.market.holdings[maker.account]
                    self.expire(owner, maker, Cause.SELF_TRADE, turn)
                going = order.self_trade is SelfTrade.EXPIRE_MAKER
            if queue.lots != before:
                turn.events.append(
                    BookChanged(order.symbol, order.side.opposite, queue.price, queue.lots)
                )
        return going

    def expire(self, holding: Holding, order: OrderRecord, cause: Cause, turn: Turn) -> Lots:
        """Take a resting order out on the venue's behalf and return what its level holds then.

        The caller reports the book.
        """
        left = lift(holding, order)
        finish(holding, order, Status.EXPIRED, turn.at, self._agenda)
        turn.events.append(OrderExpired(order, cause))
        return left

    def _trade(
        self, getter: Holding, taker: OrderRecord, maker: OrderRecord, price: Ticks, turn: Turn
    ) -> None:
        market = getter.market
        giver = market.holdings[maker.account]
        remaining = maker.quantity - maker.filled
        lots = min(taker.quantity - taker.filled, remaining)
        trade = TradeRecord(market.next_trade_id, taker.symbol, price, lots, taker.side, turn.at)
        market.next_trade_id += 1
        market.last = price * market.contract.tick
        market.trades.append(trade)
        turn.events.append(TradePrinted(trade))
        maker_leg = giver.legs[maker.position_side]
        taker_leg = getter.legs[taker.position_side]
        value = market.contract.value(price, lots)
        one_leg = maker_leg is taker_leg
        if one_leg:
            exchange_half(maker_leg, maker.side, value, self._ledger)
        elif taker.side is BUY:
            exchange_value(taker_leg, maker_leg, value)
        else:
            exchange_value(maker_leg, taker_leg, value)
        maker.filled += lots
        market.book.side(maker.side).fill(maker, price, lots)
        discount(giver, maker, price, remaining, remaining - lots)
        self.execute(giver, maker, trade, turn)
        if one_leg:
            exchange_half(taker_leg, taker.side, value, self._ledger)
        taker.filled += lots
        self.execute(getter, taker, trade, turn)
        self.knock_out(giver, maker_leg, turn)
        self.knock_out(getter, taker_leg, turn)

    def execute(self, holding: Holding, order: OrderRecord, trade: TradeRecord, turn: Turn) -> None:
        """Book one side of a trade whose quantity the order counts already."""
        market, purse = holding.market, holding.purse
        leg = holding.legs[order.position_side]
        maker = order.side is not trade.taker_side
        cause = _TRADE
        if order.forced is None:
            rate = market.maker_rate if maker else market.taker_rate
        else:
            rate, cause = _terms(order.forced, market)
        fee, realised = settle(leg, order.side, trade, rate, self._ledger)
        order.cost += market.contract.value(trade.price, trade.quantity)
        order.updated_ms = turn.at
        order.status = _PARTIALLY_FILLED
        if order.filled == order.quantity:
            finish(holding, order, _FILLED, turn.at, self._agenda)
        fill = _fill(order, trade, fee, realised, maker=maker)
        holding.fills.append(fill)
        name, wallet = order.account, purse.wallet.balance
        if realised != fee:
            moved = BalanceChanged(name, purse.asset, wallet, realised - fee, cause)
            turn.events.append(moved)
        figures = (leg.lots, leg.cost, leg.accumulated)
        changed = PositionChanged(name, order.symbol, leg.position_side, cause, *figures)
        turn.events.append(changed)
        turn.events.append(OrderFilled(order, fill, order.filled, order.cost, order.status))
        turn.shaken.append(leg)

    def knock_out(self, holding: Holding, leg: Leg, turn: Turn) -> None:
        """Expire the newest closers until the rest of them cannot do more than close the leg.

        Source: ``er`` 4 of ORDER_TRADE_UPDATE (developers.binance.com, 2026-11).
        """
        while leg.closers:
            order = next(reversed(leg.closers.values()))
            if leg.closing <= -order.side.sign * leg.lots:
                return
            left = self.expire(holding, order, Cause.REDUCE_ONLY_KNOCKED_OUT, turn)
            turn.events.append(BookChanged(order.symbol, order.side, price_of(order), left))


def _terms(forced: Forced, market: Market) -> tuple[tuple[int, int], Cause]:
    """Return fee rate and cause of a forced order: delivery costs as taking does, 2026-11."""
    if forced is Forced.DELIVERY:
        return market.taker_rate, Cause.DELIVERY
    return (0, 1), Cause.TRADE


def _fill(
    order: OrderRecord, trade: TradeRecord, fee: Atoms, realised: Atoms, *, maker: bool
) -> FillRecord:
    return FillRecord(
        trade.trade_id,
        order.order_id,
        order.client_id,
        order.symbol,
        order.side,
        order.position_side,
        trade.price,
        trade.quantity,
        fee,
        realised,
        maker,
        trade.at,
    )
