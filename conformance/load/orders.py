"""The calls of a bot in any venue's words, by the venue's own client half."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from conformance.contracts.client import Call, ClientHalf
from conformance.load.plan import Action
from conformance.model.ids import Symbol
from conformance.model.orders import Kind, Order, OrderRequest, Side, Status, TimeInForce


class Goods(NamedTuple):
    """What a bot trades in one symbol: legal values, resting well away from the market."""

    symbol: Symbol
    price: Decimal
    amended: Decimal
    """Another price at which an order rests."""
    quantity: Decimal


def request(goods: Goods, client_id: str, *, take: bool, number: int) -> OrderRequest:
    """Return a resting buy, or a market order whose side changes with its ``number``."""
    if take:
        side = Side.SELL if number % 2 else Side.BUY
        return OrderRequest(
            symbol=goods.symbol,
            side=side,
            quantity=goods.quantity,
            kind=Kind.MARKET,
            client_id=client_id,
        )
    return OrderRequest(
        symbol=goods.symbol,
        side=Side.BUY,
        quantity=goods.quantity,
        kind=Kind.LIMIT,
        price=goods.price,
        time_in_force=TimeInForce.GTC,
        client_id=client_id,
    )


def call(
    half: ClientHalf, action: Action, goods: Goods, client_id: str, *, number: int = 0
) -> Call[Any]:
    """Return what an action sends; ``number`` is that of the order."""
    if action in (Action.PLACE, Action.TAKE):
        order = request(goods, client_id, take=action is Action.TAKE, number=number)
        return half.place(order, hedge=False)
    if action is Action.CANCEL:
        return half.cancel(goods.symbol, client_id=client_id)
    if action is Action.QUERY:
        return half.order(goods.symbol, client_id=client_id)
    resting = Order(
        symbol=goods.symbol,
        client_id=client_id,
        side=Side.BUY,
        kind=Kind.LIMIT,
        quantity=goods.quantity,
        status=Status.OPEN,
        price=goods.price,
    )
    return half.amend(resting, goods.amended, goods.quantity)


def goods_of(plain: Sequence[Mapping[str, str]]) -> tuple[Goods, ...]:
    """Return goods as the venue of a stress run states them."""
    return tuple(
        Goods(
            each["symbol"],
            Decimal(each["price"]),
            Decimal(each["amended"]),
            Decimal(each["quantity"]),
        )
        for each in plain
    )
