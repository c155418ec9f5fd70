"""Orders and fills as they are known: replies, pushes and history merge in any order.

Statements arrive late, twice and out of order. Quantities only grow, a proved end never opens
again, and of two prices the later stated one counts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from conformance.client.settings import Settings
from conformance.contracts.client import Receipt
from conformance.model.ids import Symbol
from conformance.model.orders import ZERO, Fill, Order, OrderRequest, Status


@dataclass(slots=True, eq=False)
class Entry:
    """One order with what was counted for it."""

    order: Order
    assumed: bool = False
    """True while the status is our conclusion, which a statement of the venue overrules."""
    executed: Decimal = ZERO
    """Sum of the quantities of its counted fills."""
    cost: Decimal = ZERO
    excused: Decimal = ZERO
    """Executed quantity whose fills no history holds for us, as from before the start."""
    stated: asyncio.Event | None = None
    """Set by the next statement; there is one only while somebody waits."""

    @property
    def short(self) -> bool:
        """True when the venue states more executed quantity than the counted fills have."""
        return self.order.filled > self.executed + self.excused

    async def news(self) -> None:
        """Wait until something is stated about the order."""
        if self.stated is None or self.stated.is_set():
            self.stated = asyncio.Event()
        await self.stated.wait()


class Orders:
    """All orders seen, all fills counted, all states published."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._entries: dict[int, Entry] = {}
        self._by_client: dict[tuple[Symbol, str], Entry] = {}
        self._by_venue: dict[tuple[Symbol, str], Entry] = {}
        self._open: dict[int, Entry] = {}
        self._short: dict[int, Entry] = {}
        self._fills: deque[Fill] = deque(maxlen=settings.fills_kept)
        self._seen: dict[tuple[Symbol, str], int] = {}
        self._strays: dict[tuple[Symbol, str], list[Fill]] = {}
        """Fills that were told before their order was."""
        self._symbols: set[Symbol] = set()
        self._forgotten_ms = -1
        self._updates: deque[Order] = deque(maxlen=settings.updates_kept)
        self.version = 0
        """Grows with everything that is news."""

    def orders(self) -> Sequence[Order]:
        """Return the latest known state of every order."""
        return [entry.order for entry in self._entries.values()]

    def fills(self) -> Sequence[Fill]:
        """Return every execution counted, oldest first."""
        return list(self._fills)

    def updates(self) -> Sequence[Order]:
        """Return every state published, in order."""
        return list(self._updates)

    def find(self, symbol: Symbol, *, client_id: str = "", venue_id: str = "") -> Entry | None:
        """Return the order by either id; the venue's is the surer one."""
        if venue_id and (entry := self._by_venue.get((symbol, venue_id))) is not None:
            return entry
        entry = self._by_client.get((symbol, client_id)) if client_id else None
        other = entry is not None and venue_id and entry.order.venue_id not in ("", venue_id)
        return None if other else entry

    def bind(self, symbol: Symbol, receipt: Receipt) -> Entry | None:
        """Return the order that a receipt is about, from now on known by the venue's id too."""
        entry = self.find(symbol, client_id=receipt.client_id, venue_id=receipt.venue_id)
        if entry is not None and receipt.venue_id and not entry.order.venue_id:
            entry.order = replace(entry.order, venue_id=receipt.venue_id)
            self._by_venue[symbol, receipt.venue_id] = entry
            self._adopt(entry)
        return entry

    def unfinished(self, symbol: Symbol = "") -> Sequence[Entry]:
        """Return the orders that may still live, of one symbol or of all."""
        entries = self._open.values()
        return [entry for entry in entries if symbol in ("", entry.order.symbol)]

    def symbols(self) -> Sequence[Symbol]:
        """Return the symbols in which orders were seen."""
        return sorted(self._symbols)

    def unexplained(self) -> Sequence[Symbol]:
        """Return the symbols with orders that executed more than their counted fills say."""
        return sorted({entry.order.symbol for entry in self._short.values()})

    def excuse(self) -> None:
        """Take present shortfalls as final: the venue's history was read to its end."""
        for entry in self._short.values():
            entry.excused = entry.order.filled - entry.executed
        self._short.clear()

    def intend(self, request: OrderRequest) -> bool:
        """Note an order that is about to be sent; False when one of that id may still live."""
        assert request.client_id is not None
        known = self._by_client.get((request.symbol, request.client_id))
        if known is not None and not known.order.status.terminal:
            return False
        order = Order(
            symbol=request.symbol,
            client_id=request.client_id,
            side=request.side,
            kind=request.kind,
            quantity=request.quantity,
            price=request.price,
            status=Status.PENDING,
            time_in_force=request.time_in_force,
            reduce_only=request.reduce_only,
            position_side=request.position_side,
        )
        self._enter(Entry(order, assumed=True))
        return True

    def forget(self, symbol: Symbol, client_id: str) -> None:
        """Drop an order that was never sent."""
        entry = self._by_client.get((symbol, client_id))
        if entry is not None and entry.order.status is Status.PENDING:
            del self._by_client[symbol, client_id]
            del self._entries[id(entry)]
            self._open.pop(id(entry), None)

    def conclude(self, symbol: Symbol, client_id: str, status: Status, reason: str) -> None:
        """Set a state that is our conclusion; what the venue stated itself stays."""
        entry = self._by_client.get((symbol, client_id))
        if entry is not None and entry.assumed:
            self._publish(entry, replace(entry.order, status=status, reason=reason))

    def merge(self, order: Order, *, latest: bool = False) -> Order:
        """Take a statement of the venue and return what is known now.

        ``latest``: it answers a change of ours, so its price and quantity are the newest.
        """
        entry = self._by_venue.get((order.symbol, order.venue_id))
        if entry is None:
            entry = self._by_client.get((order.symbol, order.client_id))
            if entry is not None and entry.order.venue_id not in ("", order.venue_id):
                # The id was used again after the earlier order had ended.
                entry = None
        if entry is None:
            entry = Entry(replace(order, own=False))
            self._enter(entry)
            self._updates.append(entry.order)
            self.version += 1
        else:
            old = replace(entry.order, status=Status.PENDING) if entry.assumed else entry.order
            entry.assumed = False
            self._publish(entry, merged(old, order, latest=latest))
        self._by_venue[order.symbol, order.venue_id] = entry
        self._adopt(entry)
        return self._weighed(entry)

    def count(self, fill: Fill, venue_id: str = "") -> Fill | None:
        """Count a fill and return it as its order explains it; None when it was counted before."""
        key = (fill.symbol, fill.trade_id)
        if key in self._seen or fill.at_ms <= self._forgotten_ms:
            return None
        self._seen[key] = fill.at_ms
        if len(self._seen) > self._settings.fills_kept:
            oldest = next(iter(self._seen))
            self._forgotten_ms = max(self._forgotten_ms, self._seen.pop(oldest))
        entry = self.find(fill.symbol, client_id=fill.client_id, venue_id=venue_id)
        if entry is not None:
            fill = _explained(fill, entry.order)
            self._attribute(entry, fill)
        elif venue_id:
            self._strays.setdefault((fill.symbol, venue_id), []).append(fill)
            if len(self._strays) > self._settings.strays_kept:
                del self._strays[next(iter(self._strays))]
        self._fills.append(fill)
        self.version += 1
        return fill

    def _attribute(self, entry: Entry, fill: Fill) -> None:
        entry.executed += fill.quantity
        entry.cost += fill.quantity * fill.price
        self._weighed(entry)

    def _adopt(self, entry: Entry) -> None:
        """Attribute what was executed before the order was known by its venue id."""
        if self._strays:
            for fill in self._strays.pop((entry.order.symbol, entry.order.venue_id), ()):
                self._attribute(entry, fill)

    def _enter(self, entry: Entry) -> None:
        order = entry.order
        self._entries[id(entry)] = entry
        self._by_client[order.symbol, order.client_id] = entry
        self._symbols.add(order.symbol)
        self._note(entry)
        if len(self._entries) > self._settings.orders_kept:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        for key, entry in self._entries.items():
            if entry.order.status.terminal:
                order = entry.order
                del self._entries[key]
                self._short.pop(key, None)
                self._by_venue.pop((order.symbol, order.venue_id), None)
                if self._by_client.get((order.symbol, order.client_id)) is entry:
                    del self._by_client[order.symbol, order.client_id]
                return

    def _publish(self, entry: Entry, order: Order) -> None:
        if (
            order != entry.order
            and replace(order, updated_ms=entry.order.updated_ms) != entry.order
        ):
            self._updates.append(order)
            self.version += 1
        entry.order = order
        self._note(entry)
        if entry.stated is not None:
            entry.stated.set()

    def _note(self, entry: Entry) -> None:
        if entry.order.status.terminal:
            self._open.pop(id(entry), None)
        else:
            self._open[id(entry)] = entry

    def _weighed(self, entry: Entry) -> Order:
        """Compare with the counted fills; they give an average price the venue left out."""
        order = entry.order
        if entry.short:
            self._short[id(entry)] = entry
        else:
            self._short.pop(id(entry), None)
        if order.filled and not order.average_price and entry.executed == order.filled:
            entry.order = replace(order, average_price=entry.cost / entry.executed)
        return entry.order


def _explained(fill: Fill, order: Order) -> Fill:
    """Return a fill with what only its order tells: its name and its leg."""
    client_id, leg = fill.client_id or order.client_id, order.position_side
    if (client_id, leg) == (fill.client_id, fill.position_side):
        return fill
    return replace(fill, client_id=client_id, position_side=leg)


def merged(old: Order, new: Order, *, latest: bool = False) -> Order:
    """Return what two statements about one order say together."""
    newer = latest or new.updated_ms >= old.updated_ms
    filled = max(old.filled, new.filled)
    average = new.average_price if new.filled == filled else old.average_price
    if not average and old.filled == filled:
        average = old.average_price
    shape = new if newer or not old.venue_id else old
    return replace(
        shape,
        client_id=old.client_id,
        own=old.own,
        venue_id=new.venue_id or old.venue_id,
        filled=filled,
        average_price=average,
        status=_status(old, new, filled, newer=newer),
        reason=(new.reason or old.reason) if newer else (old.reason or new.reason),
        updated_ms=max(old.updated_ms, new.updated_ms),
    )


def _status(old: Order, new: Order, filled: Decimal, *, newer: bool) -> Status:
    if old.status.terminal:
        return old.status
    if new.status.terminal:
        return new.status
    if Status.UNKNOWN in (old.status, new.status) and newer:
        return new.status
    if old.status is Status.UNKNOWN:
        return old.status
    return Status.PARTIALLY_FILLED if filled else Status.OPEN
