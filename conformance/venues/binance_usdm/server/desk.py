"""The trading floor as the handlers see it: the exchange core, its instruments, its refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from conformance.contracts.core import Core
from conformance.errors import InvariantBroken
from conformance.model.commands import AmendOrder, Command, PlaceOrder, SetLeverage
from conformance.model.events import CommandRefused, Event
from conformance.model.ids import AccountId, Millis, Symbol, Ticks
from conformance.model.orders import Forced, Gauge, Kind, TimeInForce
from conformance.model.records import OrderRecord
from conformance.model.refusals import Reason
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.listings import SETTLE, Perpetual
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.refusals import (
    Refused,
    below_notional,
    code_of,
    malformed,
)

_CLIENT_ID_LENGTH = 22
_FORCED: dict[Forced, str] = {
    Forced(name): text for name, text in FACTS["orders"]["forced"].items()
}
_FORCED_IDS = 1_000_000


class Stop(NamedTuple):
    """What made an order conditional, as it was sent."""

    kind: Kind
    legacy: bool
    """True when it was placed like any other order, as until 2025-12-09."""
    trigger: Ticks | None = None
    gauge: Gauge = Gauge.LAST
    closes: bool = False
    protected: bool = False
    bound: bool = False
    """True for the time in force GTE_GTC: it ends with its position."""
    activation: Ticks | None = None
    callback: str = ""
    """Percent, as sent."""


class Extras(NamedTuple):
    """What this dialect keeps with an order beyond what the core knows (``OrderRecord.tag``)."""

    price_match: str = "NONE"
    stp: str = FACTS["orders"]["stp_default"]
    good_till_ms: Millis = 0
    modify_id: int | None = None
    """The modifyId of the last amendment that sent one."""
    self_matched: bool = False
    """True when it ended EXPIRED_IN_MATCH."""
    stop: Stop | None = None


PLAIN = Extras()
"""The extras of an order that says nothing about them."""


def extras(order: OrderRecord) -> Extras:
    """Return an order's extras."""
    return order.tag if isinstance(order.tag, Extras) else PLAIN


def number_of(order: OrderRecord) -> int:
    """Return the id under which an order is known: that of the stop it once was, or its own."""
    stop = extras(order).stop
    return order.conditional_id if stop is not None and stop.legacy else order.order_id


def name_of(order: OrderRecord) -> str:
    """Return the client id of an order; those of the venue's own orders follow from why.

    Source: usds-margined-futures/user-data-streams Event-Order-Update, 2026-05-28.
    """
    if order.forced is None:
        return order.client_id
    if order.forced is Forced.DELEVERAGING:
        return _FORCED[order.forced]
    return f"{_FORCED[order.forced]}{order.created_ms}{order.order_id % _FORCED_IDS:06d}"


class Desk:
    """Carries commands to the core and its events to the streams."""

    def __init__(self, core: Core, switches: Mapping[str, Any]) -> None:
        self.core = core
        self.switches = switches
        self.settle = SETTLE
        self.terms: dict[Symbol, Terms] = {}
        for symbol, listing in core.listings.items():
            if not isinstance(listing, Perpetual):
                raise InvariantBroken(f"{symbol} was listed without this venue's rules")
            self.terms[symbol] = Terms(listing)
        self.publish: Callable[[tuple[Event, ...], Millis], None] = _nobody
        """Takes what happened to whoever listens."""
        self.legacy_stops: bool = switches["legacy_conditional"]
        """True when conditional orders are orders among others, as until 2025-12-09."""
        self.expiring = {
            TimeInForce.POST_ONLY: switches["gtx_surface"] == "expire",
            TimeInForce.FOK: switches["fok_surface"] == "expire",
        }
        """Whether an order that the book forbids enters and expires, by its time in force."""
        self._active: set[AccountId] = set()
        self._drawn = 0

    def carry_out(self, command: Command, at: Millis) -> tuple[Event, ...]:
        """Apply a command and publish what happened; raise Refused when the core refuses it."""
        events = self.core.apply(command, at)
        if len(events) == 1 and type(events[0]) is CommandRefused:
            raise self._refused(command, events[0].reason)
        self.publish(events, at)
        return events

    def check_filters(self, command: PlaceOrder) -> None:
        """Raise Refused for what the filters forbid; nothing happens, the engine is not asked."""
        reason = self.core.filtered(
            command.symbol,
            command.side,
            command.price,
            command.quantity,
            closing=command.reduce_only,
        )
        if reason is not None:
            raise self._refused(command, reason)

    def require_active(self, account: AccountId) -> None:
        """Raise Refused (-4109) for an account that never held anything."""
        if account in self._active:
            return
        self._active.update(self.core.accounts())
        if account not in self._active:
            raise Refused(-4109)

    def terms_of(self, call: Call) -> Terms:
        """Return the instrument a request names; raise Refused (-1102, -1121)."""
        name = call.params.get("symbol")
        if not name:
            raise malformed("symbol")
        found = self.terms.get(name) or self.terms.get(name.upper())
        if found is None:
            raise Refused(-1121)
        return found

    def terms_if_sent(self, call: Call) -> Terms | None:
        """Return the instrument a request names, or None when it names none."""
        return self.terms_of(call) if call.params.get("symbol") else None

    def draw(self, label: str) -> str:
        """Return a fresh id that follows from the seed and from how many were drawn before."""
        self._drawn += 1
        seed = self.switches["seed"]
        return sha256(f"{seed}:{label}:{self._drawn}".encode()).hexdigest()

    def draw_client_id(self) -> str:
        """Return the client id of an order that was sent without one."""
        return self.draw("client-id")[:_CLIENT_ID_LENGTH]

    def _refused(self, command: Command, reason: Reason) -> Refused:
        if reason is Reason.NOTIONAL_BELOW_MIN:
            least = f"{self.terms[_symbol(command)].listing.min_notional}"
            return below_notional(least, -5029 if isinstance(command, AmendOrder) else -4164)
        if isinstance(command, AmendOrder):
            if reason is Reason.UNKNOWN_ORDER:
                return Refused(self.switches["amend_unknown"])
            if reason is Reason.SYMBOL_NOT_TRADING:
                return Refused(-5024)
        if reason is Reason.LEVERAGE_INVALID and isinstance(command, SetLeverage):
            return Refused(-4028, f"Leverage `{command.leverage}` is not valid")
        return Refused(code_of(reason))


def _symbol(command: Command) -> Symbol:
    symbol: Symbol = getattr(command, "symbol", "")
    return symbol


def _nobody(_events: tuple[Event, ...], _at: Millis) -> None:
    """Let events pass unheard."""
