"""Exits attached to an entry order: whether they make sense, and the orders they become.

A bracket becomes real with the entry's fills, as the positions it guards do. Both exits are
reduce-only and bound to the position (Attached TP/SL orders: okx.com/docs-v5 and
bybit-exchange.github.io/docs/v5/order/create-order, 2026-11).
"""

from __future__ import annotations

from conformance.exchange.market import Market
from conformance.model.commands import Bracket, Exit, PlaceConditional
from conformance.model.ids import Lots, Ticks
from conformance.model.orders import Kind, Side
from conformance.model.records import OrderRecord
from conformance.model.refusals import Reason


def bracket_refusal(
    bracket: Bracket, market: Market, side: Side, price: Ticks | None, *, closing: bool
) -> Reason | None:
    """Return why an entry may not carry these exits: one lies on the wrong side of its price.

    A market order (``price`` None) is measured at the price that the exit watches.
    """
    if closing:
        return Reason.BRACKET_ON_CLOSER
    for exit_, gain, reason in (
        (bracket.take_profit, side.sign, Reason.TAKE_PROFIT_WRONG_SIDE),
        (bracket.stop_loss, -side.sign, Reason.STOP_LOSS_WRONG_SIDE),
    ):
        if exit_ is None:
            continue
        if exit_.trigger <= 0:
            return Reason.TRIGGER_NOT_POSITIVE
        if exit_.price is not None and exit_.price <= 0:
            return Reason.PRICE_NOT_POSITIVE
        base = market.gauge(exit_.gauge) if price is None else price
        if (exit_.trigger - base) * gain <= 0:
            return reason
    return None


def exits(
    entry: OrderRecord, bracket: Bracket, lots: Lots, *, named: bool
) -> tuple[PlaceConditional, ...]:
    """Return the conditional orders that guard ``lots`` of what an entry has filled.

    ``named``: they take the client ids of the bracket.
    """
    rows = (
        (bracket.take_profit, Kind.TAKE_PROFIT_MARKET, Kind.TAKE_PROFIT_LIMIT),
        (bracket.stop_loss, Kind.STOP_MARKET, Kind.STOP_LIMIT),
    )
    return tuple(
        _exit(
            entry,
            exit_ if named else exit_._replace(client_id=""),
            lots,
            market if exit_.price is None else limit,
        )
        for exit_, market, limit in rows
        if exit_ is not None
    )


def _exit(entry: OrderRecord, exit_: Exit, lots: Lots, kind: Kind) -> PlaceConditional:
    return PlaceConditional(
        account=entry.account,
        symbol=entry.symbol,
        side=entry.side.opposite,
        kind=kind,
        quantity=lots,
        client_id=exit_.client_id,
        trigger=exit_.trigger,
        price=exit_.price,
        gauge=exit_.gauge,
        reduce_only=True,
        position_side=entry.position_side,
        position_bound=True,
        self_trade=entry.self_trade,
        tag=exit_.tag,
    )
