"""The trading floor as the handlers see it: the exchange core, its instruments, its refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from conformance.contracts.core import Core
from conformance.errors import InvariantBroken
from conformance.model.commands import Command
from conformance.model.events import Cause, CommandRefused, Event
from conformance.model.ids import Atoms, Millis, Symbol, Ticks
from conformance.model.orders import Gauge
from conformance.model.records import OrderRecord
from conformance.model.refusals import Reason
from conformance.venues.bybit.listings import CATEGORIES, Contract
from conformance.venues.bybit.server.answers import Refused, refused
from conformance.venues.bybit.server.ids import Ids
from conformance.venues.bybit.server.params import Params, optional, text
from conformance.venues.bybit.server.terms import Terms


class Extras(NamedTuple):
    """What this dialect keeps with an order beyond what the core knows (``tag`` of its record)."""

    created_by: str = "CreateByUser"
    stop: str = ""
    """stopOrderType: nothing for an order that never was conditional."""
    smp: str = "None"
    close_on_trigger: bool = False
    trigger: Ticks = 0
    trigger_by: Gauge | None = None
    direction: int = 0
    """triggerDirection: 1 rises to the trigger, 2 falls to it."""
    parent: str = ""
    """orderLinkId of the order to whose position this take-profit or stop-loss belongs."""
    last: Ticks = 0
    """Last price when it was placed."""
    fee: Atoms = 0
    """Fees of its fills."""
    ended: Cause | None = None
    """Why it was cancelled."""


PLAIN = Extras()
"""The extras of an order that the venue itself placed."""


def extras(order: OrderRecord) -> Extras:
    """Return an order's extras."""
    return order.tag if isinstance(order.tag, Extras) else PLAIN


class Desk:
    """Carries commands to the core and its events to the streams."""

    def __init__(self, core: Core, switches: Mapping[str, Any]) -> None:
        self.core = core
        self.switches = switches
        self.terms: dict[Symbol, Terms] = {}
        for symbol, listing in core.listings.items():
            if not isinstance(listing, Contract):
                raise InvariantBroken(f"{symbol} was listed without this venue's rules")
            self.terms[symbol] = Terms(listing)
        self.ids = Ids(self.terms, switches["seed"])
        self.publish: Callable[[tuple[Event, ...], Millis], None] = _nobody
        """Takes what happened to whoever listens."""

    def carry_out(self, command: Command, at: Millis) -> tuple[Event, ...]:
        """Apply a command and publish what happened; raise Refused when the core refuses it."""
        events = self.core.apply(command, at)
        if len(events) == 1 and type(events[0]) is CommandRefused:
            raise refused(events[0].reason)
        self.publish(events, at)
        return events

    def terms_of(self, params: Params) -> Terms:
        """Return the instrument that a request names; raise Refused (10001)."""
        category = category_of(params)
        found = self.terms.get(text(params, "symbol"))
        if found is None or found.category != category:
            raise refused(Reason.UNKNOWN_SYMBOL)
        return found

    def terms_in(self, params: Params) -> list[Terms]:
        """Return the instruments that a request's filters name; raise Refused (10001)."""
        category, symbol = category_of(params), optional(params, "symbol")
        if symbol:
            return [self.terms_of(params)]
        base, settle = optional(params, "baseCoin"), optional(params, "settleCoin")
        return [
            terms
            for terms in self.terms.values()
            if terms.category == category
            and (terms.listing.base == base if base else settle in ("", terms.coin))
        ]


def category_of(params: Params) -> str:
    """Return the product line that a request names; raise Refused (10001) for one not served."""
    category = optional(params, "category")
    if category not in CATEGORIES:
        raise Refused(10001, "Illegal category")
    return category


def _nobody(_events: tuple[Event, ...], _at: Millis) -> None:
    """Let events pass unheard."""
