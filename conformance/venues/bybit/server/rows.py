"""Orders and executions as the venue shows them.

Source: docs/v5/order/open-order, order-list and execution, 2026-07-24; fillers such as UNKNOWN
and "0.00" as captured in 2023.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from conformance.model.commands import Bracket, Exit
from conformance.model.events import Cause
from conformance.model.ids import Atoms, Lots, Millis, Ticks
from conformance.model.money import from_atoms
from conformance.model.orders import (
    ConditionalStatus,
    Forced,
    Kind,
    PositionSide,
    Side,
    Status,
    TimeInForce,
)
from conformance.model.records import ConditionalRecord, OrderRecord
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.desk import PLAIN, Desk, Extras, extras
from conformance.venues.bybit.server.diary import Change, Charge, Execution
from conformance.venues.bybit.server.tape import sequence_of
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.bybit.server.words import GAUGES, INDEXES, SIDES, STATUSES, TIMES, WAITING
from conformance.venues.numbers import plain, stripped

_ENDED: Mapping[str, tuple[str, str]] = FACTS["ended"]
_REMAINDERS = (Cause.IOC_REMAINDER, Cause.MARKET_REMAINDER)
_LIMITS = (Kind.LIMIT, Kind.STOP_LIMIT, Kind.TAKE_PROFIT_LIMIT)
_FORCED = {
    Forced.LIQUIDATION: "CreateByLiq",
    Forced.DELEVERAGING: "CreateByAdl_PassThrough",
    Forced.DELIVERY: "CreateBySettle",
}
_KINDS = {True: "Limit", False: "Market"}
_NO_ORDER = "UNKNOWN"
"""orderType of a funding and of a delivery."""
_CLOSINGS = {"Delivery": "Settle"}
"""Where closed-pnl has another word for an execType (docs/v5/position/close-pnl, 2026-07-24)."""
_NEVER = ("UNKNOWN", "EC_NoError")
_UID: int = FACTS["account"]["api_key"]["userID"]
"""Of every account."""
_LATE = ("CancelByUser", "EC_OrigClOrdIDDoesNotExist")
_OPEN = ("New", "PartiallyFilled", "Untriggered")


_FILLERS = dict.fromkeys(
    (
        "execFeeV2",
        "feeCurrency",
        "tradeIv",
        "markIv",
        "indexPrice",
        "underlyingPrice",
        "blockTradeId",
        "extraFees",
    ),
    "",
)
"""Fields of an execution that futures leave empty."""
_AS_TOLD = {
    "symbol": "symbol",
    "side": "side",
    "qty": "execQty",
    "tradePrice": "execPrice",
    "fee": "execFee",
    "feeRate": "feeRate",
    "tradeId": "execId",
    "orderId": "orderId",
    "orderLinkId": "orderLinkId",
}
"""What the transaction log has from an execution, and what it is called there."""
_NO_EXITS = {
    **dict.fromkeys(("tpslMode", "ocoTriggerBy", "tpLimitPrice", "slLimitPrice"), ""),
    **dict.fromkeys(("tpTriggerBy", "slTriggerBy"), "UNKNOWN"),
}
"""What an order shows beside its zero triggers that carries neither take-profit nor stop-loss."""
_NOTHING_TRADED = {
    **dict.fromkeys((*_AS_TOLD, "category", "transSubType", "funding"), ""),
    **dict.fromkeys(("qty", "size", "fee"), "0"),
    "side": "None",
}


class Face(NamedTuple):
    """An order, waiting or entered, as it stood at one step."""

    number: str
    link: str
    extra: Extras
    terms: Terms
    side: Side
    position_side: PositionSide
    limit: bool
    time_in_force: TimeInForce
    quantity: Lots
    price: Ticks | None
    reduce_only: bool
    status: str
    cancelled: tuple[str, str]
    """cancelType and rejectReason."""
    filled: Lots
    cost: Atoms
    created_ms: Millis
    updated_ms: Millis
    bracket: Bracket | None = None

    @property
    def live(self) -> bool:
        """True while the order may still be changed."""
        return self.status in _OPEN


def face_of(order: OrderRecord | ConditionalRecord, desk: Desk) -> Face:
    """Return an order as it stands."""
    if isinstance(order, ConditionalRecord):
        return _waiting(order, desk)
    extra = extras(order)
    if order.forced is not None:
        extra = extra._replace(created_by=_FORCED[order.forced])
    return Face(
        number=desk.ids.order(order),
        link="" if order.forced is not None else order.client_id,
        extra=extra,
        terms=desk.terms[order.symbol],
        side=order.side,
        position_side=order.position_side,
        limit=order.kind is Kind.LIMIT and not extra.tolerance[1],
        time_in_force=order.time_in_force,
        quantity=order.quantity,
        price=order.price,
        reduce_only=order.reduce_only or extra.reduces,
        status=STATUSES[order.status],
        cancelled=_LATE if _outrun(order, extra) else _why(extra, order.filled),
        filled=order.filled,
        cost=order.cost,
        created_ms=order.created_ms,
        updated_ms=order.updated_ms,
        bracket=order.bracket,
    )


def _outrun(order: OrderRecord, extra: Extras) -> bool:
    """Say whether an order filled before its cancellation came (captures: Filled is told twice)."""
    return order.status is Status.FILLED and extra.ended is Cause.NONE


def _waiting(record: ConditionalRecord, desk: Desk) -> Face:
    command = record.command
    extra = command.tag if isinstance(command.tag, Extras) else PLAIN
    terms = desk.terms[command.symbol]
    lots = command.quantity
    if command.close_position:
        legs = desk.core.positions(command.account, command.symbol)
        lots = next(abs(leg.lots) for leg in legs if leg.position_side is command.position_side)
    status, cancelled = WAITING.get(record.status, ""), _why(extra, 0)
    if record.status is ConditionalStatus.REJECTED:
        status, cancelled = desk.switches["triggered_refusal"], ("UNKNOWN", "EC_Others")
    return Face(
        number=desk.ids.conditional(record),
        link=command.client_id,
        extra=extra,
        terms=terms,
        side=command.side,
        position_side=command.position_side,
        limit=command.kind in _LIMITS,
        time_in_force=command.time_in_force if command.kind in _LIMITS else TimeInForce.IOC,
        quantity=lots,
        price=command.price,
        reduce_only=command.reduce_only or command.close_position or extra.reduces,
        status=status or desk.switches["untriggered_cancel"],
        cancelled=cancelled,
        filled=0,
        cost=0,
        created_ms=record.created_ms,
        updated_ms=record.updated_ms,
    )


def order_row(face: Face) -> dict[str, Any]:
    """Return an order as realtime and history show it."""
    terms, extra = face.terms, face.extra
    price, quantity = terms.price.text, terms.quantity.text
    left = face.quantity - face.filled if face.live else 0
    fee = stripped(extra.fee)
    return {
        "orderId": face.number,
        "orderLinkId": face.link,
        "parentOrderLinkId": extra.parent,
        "blockTradeId": "",
        "symbol": terms.symbol,
        "price": price(_price(face)),
        "qty": quantity(face.quantity),
        "side": SIDES[face.side],
        "isLeverage": "",
        "positionIdx": INDEXES[face.position_side],
        "orderStatus": face.status,
        "createType": extra.created_by,
        "cancelType": face.cancelled[0],
        "rejectReason": face.cancelled[1],
        "avgPrice": terms.average(face.cost, face.filled),
        "leavesQty": quantity(left),
        "leavesValue": terms.value_text(_worth(face), left),
        "cumExecQty": quantity(face.filled),
        "cumExecValue": stripped(face.cost),
        "cumExecFee": fee,
        "cumFeeDetail": {terms.coin: fee} if face.filled else {},
        "timeInForce": TIMES[face.time_in_force],
        "orderType": _KINDS[face.limit],
        "stopOrderType": extra.stop or "UNKNOWN",
        "orderIv": "",
        "marketUnit": "",
        "triggerPrice": price(extra.trigger),
        **_exits(face),
        "triggerDirection": extra.direction,
        "triggerBy": GAUGES[extra.trigger_by] if extra.trigger_by else "UNKNOWN",
        "lastPriceOnCreated": price(extra.last),
        "reduceOnly": face.reduce_only,
        "closeOnTrigger": extra.close_on_trigger,
        "placeType": "",
        "smpType": extra.smp,
        "smpGroup": 0,
        "smpOrderId": extra.met,
        "createdTime": str(face.created_ms),
        "updatedTime": str(face.updated_ms),
    }


def told_row(each: Execution | Charge, desk: Desk) -> dict[str, Any]:
    """Return a fill or a funding as execution/list shows it."""
    return charge_row(each, desk) if isinstance(each, Charge) else execution_row(each, desk)


def execution_row(execution: Execution, desk: Desk) -> dict[str, Any]:
    """Return one row of execution/list."""
    fill, order = execution.fill, execution.order
    face = face_of(order, desk)
    terms, quantity = face.terms, face.terms.quantity.text
    rate = terms.listing.maker_rate if fill.maker else terms.listing.taker_rate
    traded = terms.listing.tick * fill.price
    fee = stripped(fill.fee)
    return {
        "symbol": terms.symbol,
        "orderId": face.number,
        "orderLinkId": face.link,
        "side": SIDES[fill.side],
        "orderPrice": terms.price.text(_price(face)),
        "orderQty": quantity(order.quantity),
        "leavesQty": quantity(execution.left),
        "createType": face.extra.created_by,
        "orderType": _order_type(face, order),
        "stopOrderType": face.extra.stop or "UNKNOWN",
        "execFee": fee,
        "execId": desk.ids.execution(fill),
        "execPrice": terms.price.text(fill.price),
        "execQty": quantity(fill.quantity),
        "execType": execution.kind,
        "execValue": terms.value_text(traded, fill.quantity),
        "execTime": str(fill.at),
        "isMaker": fill.maker,
        "feeRate": plain(rate) if fill.fee else "0",
        "markPrice": terms.off_grid(execution.mark),
        "closedSize": quantity(execution.closed),
        "seq": sequence_of(fill.trade_id),
        **_FILLERS,
    }


def closed_row(rows: Sequence[Execution], desk: Desk) -> dict[str, Any]:
    """Return what one order closed, from its executions.

    closedPnl is what they realised, less the fees of opening and closing (the sample of
    docs/v5/position/close-pnl works out: -43.1305 - 7126.7205 x 0.0006 = -47.4065).
    """
    last, face = rows[-1], face_of(rows[-1].order, desk)
    terms, core = face.terms, desk.core
    lots = sum(each.closed for each in rows)
    cost = sum(abs(each.cost_closed) for each in rows)
    entry = core.entry_price(terms.symbol, lots, cost)
    traded = [(terms.listing.prices.value(each.fill.price), each.closed) for each in rows]
    exited = sum((terms.value(price, closed) for price, closed in traded), Decimal(0))
    pnl = sum(each.brought for each in rows)
    return {
        "symbol": terms.symbol,
        "orderId": face.number,
        "orderType": _order_type(face, last.order),
        "side": SIDES[face.side],
        "qty": terms.quantity.text(face.quantity),
        "orderPrice": terms.price.text(_price(face)),
        "execType": _CLOSINGS.get(last.kind, last.kind),
        "closedSize": terms.quantity.text(lots),
        "cumEntryValue": terms.entered_text(cost),
        "avgEntryPrice": plain(entry),
        "cumExitValue": plain(exited),
        "avgExitPrice": terms.average(int(exited.scaleb(8)), lots),
        "closedPnl": stripped(pnl),
        "fillCount": str(len(rows)),
        "leverage": str(core.leverage(last.order.account, terms.symbol)),
        "openFee": stripped(sum(each.fee_opening for each in rows)),
        "closeFee": stripped(sum(each.fee_closing for each in rows)),
        "createdTime": str(face.created_ms),
        "updatedTime": str(last.fill.at),
    }


def charge_row(charge: Charge, desk: Desk) -> dict[str, Any]:
    """Return a funding as execution/list shows it: no order, and a fee above zero was paid."""
    funding = charge.funding
    terms = desk.terms[funding.symbol]
    side, none = SIDES[charge.side], terms.quantity.text(0)
    mark = from_atoms(funding.mark)
    paid = -charge.amount
    return {
        "symbol": terms.symbol,
        "orderId": f"{charge.at // 1000}-{terms.symbol}-{_UID}-{side}",
        "orderLinkId": "",
        "side": side,
        "orderPrice": terms.price.text(0),
        "orderQty": none,
        "leavesQty": none,
        "createType": "",
        "orderType": _NO_ORDER,
        "stopOrderType": "UNKNOWN",
        "execFee": stripped(paid),
        "execId": desk.ids.funding(terms.symbol, charge.number),
        "execPrice": plain(mark),
        "execQty": terms.quantity.text(charge.lots),
        "execType": "Funding",
        "execValue": terms.value_text(mark, charge.lots),
        "execTime": str(charge.at),
        "isMaker": False,
        "feeRate": stripped(funding.rate * charge.side.sign),
        "markPrice": plain(mark),
        "closedSize": none,
        "seq": 0,
        **_FILLERS,
    }


def change_row(change: Change, desk: Desk) -> dict[str, Any]:
    """Return one row of transaction-log: funding below zero was paid, a fee above zero too.

    ``change`` is ``cashFlow + funding - fee`` (docs/v5/account/transaction-log, 2026-07-24).
    """
    told = change.execution or change.charge
    row = _NOTHING_TRADED | {"cashFlow": stripped(change.change)}
    if told is not None:
        shown = told_row(told, desk)
        terms = desk.terms[shown["symbol"]]
        row |= {name: shown[theirs] for name, theirs in _AS_TOLD.items()}
        row |= {"category": terms.category, "size": terms.quantity.text(change.held)}
        if isinstance(told, Charge):
            number = f"{told.at // 1000}-8-{_UID}-{shown['side']}"
            row |= {"funding": stripped(told.amount), "fee": "0", "cashFlow": "0"}
            row |= {"orderId": number}
        else:
            row |= {"cashFlow": stripped(told.fill.realised)}
    return {
        "id": f"{_UID}_{row['symbol']}_{change.number}",
        "transactionTime": str(change.at),
        "type": change.type,
        "currency": change.asset,
        "change": stripped(change.change),
        "cashBalance": stripped(change.wallet),
        "bonusChange": "",
        "extraFees": "",
        **row,
    }


def delivery_row(execution: Execution, desk: Desk) -> dict[str, Any]:
    """Return one row of delivery-record: side and size of the position that was delivered."""
    fill, terms = execution.fill, desk.terms[execution.fill.symbol]
    entry = desk.core.entry_price(terms.symbol, execution.closed, abs(execution.cost_closed))
    return {
        "deliveryTime": fill.at,
        "symbol": terms.symbol,
        "side": SIDES[fill.side.opposite],
        "position": terms.quantity.text(execution.closed),
        "entryPrice": plain(entry),
        "deliveryPrice": terms.bare(fill.price),
        "strike": "",
        "fee": stripped(fill.fee),
        "deliveryRpl": stripped(fill.realised),
    }


def _order_type(face: Face, order: OrderRecord) -> str:
    return _NO_ORDER if order.forced is Forced.DELIVERY else _KINDS[face.limit]


def _why(extra: Extras, filled: Lots) -> tuple[str, str]:
    cause = extra.ended
    if cause is None:
        return _NEVER
    key = str(cause)
    if cause in _REMAINDERS and not filled:
        key = "nothing-filled"
    elif cause is Cause.SIBLING_TRIGGERED:
        key = "sibling-took-profit" if extra.stop.endswith("StopLoss") else "sibling-stopped-loss"
    cancelled, rejected = _ENDED.get(key, _NEVER)
    return cancelled, rejected


def _price(face: Face) -> Ticks:
    """Return the price shown: a market order has the one that protects it."""
    if face.price is not None:
        return face.price
    if face.status == "Untriggered":
        return 0
    bound = face.terms.listing.market_take_bound * face.side.sign
    return int(face.extra.last * (1 + bound))


def _worth(face: Face) -> Decimal:
    """Return the price at which what is left is valued."""
    return face.terms.listing.tick * (face.price or face.extra.trigger or _price(face))


def _exits(face: Face) -> dict[str, str]:
    """Return take-profit and stop-loss as an order carries them."""
    bracket, price = face.bracket, face.terms.price.text
    if bracket is None:
        return {"takeProfit": price(0), "stopLoss": price(0), **_NO_EXITS}
    gain, loss = bracket.take_profit, bracket.stop_loss
    limited = any(each is not None and each.price is not None for each in (gain, loss))
    mode = "" if gain is loss else "Partial" if limited or bracket.early else "Full"

    def limit(each: Exit | None) -> str:
        return "" if each is None or each.price is None else price(each.price)

    return {
        "takeProfit": price(gain.trigger if gain else 0),
        "stopLoss": price(loss.trigger if loss else 0),
        "tpslMode": mode,
        "ocoTriggerBy": "",
        "tpLimitPrice": limit(gain),
        "slLimitPrice": limit(loss),
        "tpTriggerBy": GAUGES[gain.gauge] if gain else "UNKNOWN",
        "slTriggerBy": GAUGES[loss.gauge] if loss else "UNKNOWN",
    }
