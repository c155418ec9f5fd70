"""What really is, as far as the venue tells its own client; implements the Truth contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NoReturn, TypeVar

from conformance.errors import Beyond
from conformance.gateway.transcript import Transcript
from conformance.model.ids import Millis, Symbol
from conformance.model.orders import Balance, Book, Fill, MarginMode, Order, Position
from conformance.model.wire import Operation
from conformance.tap.asking import Asker

FRESH_MS = 500
"""How long an answer counts as the present while nothing was sent."""
ENTRIES = (Operation.PLACE, Operation.PLACE_BATCH, Operation.AMEND, Operation.AMEND_BATCH)
"""What may lead to executions."""
T = TypeVar("T")


class Truth:
    """The account since the world began, read by REST queries of the harness."""

    def __init__(self, asker: Asker, wire: Transcript, symbols: Sequence[Symbol]) -> None:
        self.foreign: set[str] = set()
        """Client ids that were not the testee's doing."""
        self.touched: set[Symbol] = set()
        """Symbols in which the harness itself has placed orders."""
        self._asker = asker
        self._wire = wire
        self._symbols = symbols
        self._began_ms: Millis = 0
        self._known: dict[str, tuple[Millis, int, object]] = {}

    def __getattr__(self, name: str) -> NoReturn:
        """Raise Beyond: what the venue's own client cannot ask, the harness cannot either."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise Beyond(f"the venue does not tell its {name.replace('_', ' ')}")

    def begin(self) -> None:
        """Let what was before be none of this world's business."""
        self._began_ms = self._asker.now()

    def order(self, client_id: str) -> Order | None:
        """Return the order of the account with this client id."""
        sent = {
            call.reading.symbol
            for call in self._wire.calls()
            if call.reading.client_id == client_id and call.reading.symbol
        }
        for symbol in sent or self._symbols:
            found = self._fresh(
                f"order {symbol} {client_id}",
                lambda symbol=symbol: self._asker.found(  # type: ignore[misc]
                    self._asker.half.order(symbol, client_id=client_id)
                ),
            )
            if found is not None:
                return self._own(found)
        return None

    def orders(self) -> Sequence[Order]:
        """Return the orders that the testee sent, and those that rest, oldest first."""
        sent = [
            call.reading.client_id
            for call in self._wire.calls(Operation.PLACE)
            if call.reading.client_id
        ]
        ids = dict.fromkeys([*sent, *sorted(self.foreign)])
        known = {name: found for name in ids if (found := self.order(name)) is not None}
        for order in self.open_orders():
            known.setdefault(order.client_id, order)
        return sorted(known.values(), key=lambda order: _number(order.venue_id))

    def open_orders(self) -> Sequence[Order]:
        """Return the resting ones."""
        half = self._asker.half
        found: list[Order] = []
        for symbol in self._symbols:
            found += self._fresh(
                f"open {symbol}",
                lambda symbol=symbol: self._asker.rows(half.open_orders(symbol)),  # type: ignore[misc]
            )
        return [self._own(order) for order in found]

    def fills(self) -> Sequence[Fill]:
        """Return all executions since the world began, oldest first."""
        half = self._asker.half
        found: list[Fill] = []
        for symbol in self._played():
            rows = self._fresh(
                f"fills {symbol}",
                lambda symbol=symbol: self._asker.rows(  # type: ignore[misc]
                    half.fills(symbol, after="", since_ms=self._began_ms)
                ),
            )
            found += [row.fill for row in rows]
        return sorted(found, key=lambda fill: (fill.at_ms, _number(fill.trade_id)))

    def positions(self) -> Sequence[Position]:
        """Return the open legs."""
        return [leg for leg in self._legs() if leg.quantity]

    def balances(self) -> Sequence[Balance]:
        """Return the account's money."""
        return self._fresh("balances", lambda: self._asker.need(self._asker.half.balances()))

    def book(self, symbol: Symbol, levels: int = 1000) -> Book:
        """Return the best levels."""
        symbol = symbol or self._symbols[0]
        half = self._asker.half
        seen = self._fresh(f"book {symbol}", lambda: self._asker.need(half.snapshot(symbol)))
        return Book(symbol=symbol, bids=seen.bids[:levels], asks=seen.asks[:levels], valid=True)

    def leverage(self, symbol: Symbol) -> int:
        """Return the leverage in force."""
        return self._leg(symbol).leverage or 0

    def margin_mode(self, symbol: Symbol) -> MarginMode:
        """Return the margin mode in force."""
        return self._leg(symbol).margin_mode

    def hedge(self) -> bool:
        """Say whether the account is in hedge mode."""
        return self._fresh(
            "hedge", lambda: self._asker.need(self._asker.half.hedge(self._symbols[0]))
        )

    def _played(self) -> Sequence[Symbol]:
        """Return the symbols in which anybody has sent orders: questions cost budget."""
        calls = self._wire.calls(*ENTRIES)
        played = {call.reading.symbol or self._symbols[0] for call in calls} | self.touched
        return [symbol for symbol in self._symbols if symbol in played]

    def forget(self) -> None:
        """Ask anew: the harness itself has changed something."""
        self._known.clear()

    def _legs(self) -> Sequence[Position]:
        found = self._fresh("legs", lambda: self._asker.rows(self._asker.half.positions()))
        return [held.position for held in found]

    def _leg(self, symbol: Symbol) -> Position:
        symbol = symbol or self._symbols[0]
        for leg in self._legs():
            if leg.symbol == symbol:
                return leg
        raise Beyond(f"the venue states no settings of {symbol}")

    def _own(self, order: Order) -> Order:
        return replace(order, own=order.client_id not in self.foreign)

    def _fresh(self, what: str, ask: Callable[[], T]) -> T:
        """Return the last answer while it is fresh and nothing was sent since, else ask."""
        now, mark = self._asker.now(), self._wire.mark()
        known = self._known.get(what)
        if known is not None and now - known[0] < FRESH_MS and known[1] == mark:
            return known[2]  # type: ignore[return-value]
        found = ask()
        self._known[what] = (now, mark, found)
        return found


def _number(name: str) -> int:
    """Return an id that is a number; ids of other kinds tell no order."""
    return int(name) if name.isdecimal() else 0
