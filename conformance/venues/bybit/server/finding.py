"""Find an order by either id, whether it waits for its trigger, rests or has ended.

A delivery is told as an execution and has no order (docs/v5/order/order-list, 2026-07-24).
Source: docs/v5/order/cancel-order and amend-order, 2026-07-24: orderId beats orderLinkId.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeAlias

from conformance.model.ids import AccountId, Symbol
from conformance.model.orders import ConditionalStatus, Forced
from conformance.model.records import ConditionalRecord, OrderRecord
from conformance.venues.bybit.server.answers import invalid
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.ids import Breed
from conformance.venues.bybit.server.params import Params, optional

Found: TypeAlias = OrderRecord | ConditionalRecord
_ENTERED = (ConditionalStatus.TRIGGERED, ConditionalStatus.FINISHED)


def find(params: Params, account: AccountId, symbols: Iterable[Symbol], desk: Desk) -> Found | None:
    """Return the order that a request names, or None; raise Refused (10001) for no id at all."""
    number, link = optional(params, "orderId"), optional(params, "orderLinkId")
    if not number and not link:
        raise invalid("orderId")
    found = _by_number(number, account, desk) if number else None
    if not number:
        found = _by_link(link, account, symbols, desk)
    return found if found is not None and symbol_of(found) in symbols else None


def live(found: Found | None) -> bool:
    """Say whether an order may still be changed."""
    if isinstance(found, ConditionalRecord):
        return found.status is ConditionalStatus.NEW
    return found is not None and found.status.live


def symbol_of(found: Found) -> Symbol:
    """Return the symbol of an order."""
    return found.command.symbol if isinstance(found, ConditionalRecord) else found.symbol


def opened(account: AccountId, symbols: Iterable[Symbol], desk: Desk) -> Iterator[Found]:
    """Yield the orders that rest or wait."""
    core = desk.core
    for symbol in symbols:
        yield from chain(core.open_orders(account, symbol), core.open_conditionals(account, symbol))


def ended(account: AccountId, symbols: Iterable[Symbol], desk: Desk) -> Iterator[Found]:
    """Yield the orders that have ended; a triggered one counts as the order it became."""
    core = desk.core
    for symbol in symbols:
        yield from (
            order
            for order in core.orders(account, symbol)
            if not order.status.live and order.forced is not Forced.DELIVERY
        )
        for record in core.conditionals(account, symbol):
            if record.status.terminal and record.status not in _ENTERED:
                yield record


def _by_number(number: str, account: AccountId, desk: Desk) -> Found | None:
    numbered = desk.ids.read(number)
    if numbered is None:
        return None
    if numbered.breed is Breed.ORDER:
        order = desk.core.order(account, numbered.symbol, order_id=numbered.number)
        return None if order is None or order.forced is Forced.DELIVERY else order
    if numbered.breed is Breed.CONDITIONAL:
        return _entered(desk.core.conditional(account, conditional_id=numbered.number))
    return None


def _by_link(link: str, account: AccountId, symbols: Iterable[Symbol], desk: Desk) -> Found | None:
    for symbol in symbols:
        order = desk.core.order(account, symbol, client_id=link)
        if order is not None:
            return order
    return _entered(desk.core.conditional(account, client_id=link))


def _entered(record: ConditionalRecord | None) -> Found | None:
    """Return the order that a conditional one became, or itself."""
    return record if record is None or record.order is None else record.order
