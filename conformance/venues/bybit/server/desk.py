"""The trading floor as the handlers see it: the exchange core, its instruments, its refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from conformance.contracts.core import Core
from conformance.errors import InvariantBroken
from conformance.model.commands import Command, Deposit, PlaceOrder
from conformance.model.events import Cause, CommandRefused, Event
from conformance.model.ids import AccountId, Atoms, Millis, Symbol, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import Gauge, Kind, PositionSide
from conformance.model.records import ConditionalRecord, OrderRecord
from conformance.model.refusals import Reason
from conformance.venues.bybit.listings import CATEGORIES, FOREIGN, Contract
from conformance.venues.bybit.server.answers import Refused, refused
from conformance.venues.bybit.server.diary import Diary
from conformance.venues.bybit.server.ids import Ids
from conformance.venues.bybit.server.params import Params, optional, text
from conformance.venues.bybit.server.premiums import Premiums
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.numbers import plain

TOO_LATE_TO_REPLACE = "order not exists or too late to replace"
STOP = "Stop"
"""stopOrderType of a conditional order that its owner placed as one."""
_PHASES = {Phase.HALTED: 110066, Phase.PRE_DELIVERY: 110042, Phase.DELIVERING: 110063}
"""Why a contract that is listed does not trade."""
UNITS = 10**8
"""Messages count quantities in units of 1e-8."""


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
    closed: Atoms = 0
    """What it has brought by closing, less the fees of opening and closing."""
    ended: Cause | None = None
    """Why it was cancelled."""
    pair: int = 0
    """Partial exits that were set together have the same number; 0: none, or not any more."""
    met: str = ""
    """smpOrderId: the order of its own account that it was not to trade with."""
    reduces: bool = False
    """It was sent as one that only reduces, which the legs of a hedge need not be told."""
    tolerance: tuple[str, str] = ("UNKNOWN", "")
    """slippageToleranceType and slippageTolerance; a market order with one enters as a limit."""


PLAIN = Extras()
"""The extras of an order that the venue itself placed."""


def extras(order: OrderRecord) -> Extras:
    """Return an order's extras."""
    return order.tag if isinstance(order.tag, Extras) else PLAIN


@dataclass(slots=True)
class Config:
    """What an account has chosen beyond what the core knows."""

    clamps: bool
    """True: a limit price outside of the band is moved into it; False: it is refused."""
    auto_add: set[tuple[Symbol, PositionSide]] = field(default_factory=set)
    """Isolated legs that are to be filled up by themselves; told, not done."""
    dcp_ms: dict[str, Millis] = field(default_factory=dict)
    """Silence of all connections that cancels all orders, by the venue's name of the product."""


def stop_of(record: ConditionalRecord) -> str:
    """Return stopOrderType of a conditional order."""
    tag = record.command.tag
    return tag.stop if isinstance(tag, Extras) else ""


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
        self.premiums = Premiums(self.terms.values(), core)
        self.ids = Ids(self.terms, switches["seed"])
        self.publish: Callable[[tuple[Event, ...], Millis], None] = _nobody
        """Takes what happened to whoever listens."""
        self.diary = Diary(core)
        self._known: set[AccountId] = set()
        self._configs: dict[AccountId, Config] = {}

    def welcome(self, account: AccountId, at: Millis) -> None:
        """Open the account of somebody who never held anything."""
        if account in self._known:
            return
        self._known.update(self.core.accounts())
        if account not in self._known:
            coin = next(iter(self.terms.values())).coin
            self.core.apply(Deposit(account, coin, 0), at)

    def config(self, account: AccountId) -> Config:
        """Return what an account has chosen."""
        usual = self.switches["far_price"] == "clamp"
        return self._configs.setdefault(account, Config(clamps=usual))

    def carry_out(self, command: Command, at: Millis) -> tuple[Event, ...]:
        """Apply a command and publish what happened; raise Refused when the core refuses it."""
        events = self.core.apply(command, at)
        if len(events) == 1 and type(events[0]) is CommandRefused:
            raise self._refused(command, events[0].reason)
        self.publish(events, at)
        return events

    def terms_of(self, params: Params) -> Terms:
        """Return the instrument that a request names; raise Refused (10001)."""
        category = line_of(params)
        found = self.terms.get(text(params, "symbol"))
        if found is None or found.category != category:
            raise refused(Reason.UNKNOWN_SYMBOL)
        return found

    def terms_in(self, params: Params) -> list[Terms]:
        """Return the instruments that a request's filters name; raise Refused (10001)."""
        category, symbol = line_of(params), optional(params, "symbol")
        if symbol:
            return [self.terms_of(params)]
        base, settle = optional(params, "baseCoin"), optional(params, "settleCoin")
        return [
            terms
            for terms in self.terms.values()
            if terms.category == category
            and (terms.listing.base == base if base else settle in ("", terms.coin))
        ]

    def _refused(self, command: Command, reason: Reason) -> Refused:
        """Return the refusal of a command, with its figures where the venue tells them."""
        if reason is Reason.QUANTITY_ABOVE_MAX and isinstance(command, PlaceOrder):
            terms = self.terms[command.symbol]
            listing = terms.listing
            most = listing.max_lots if command.kind is Kind.LIMIT else listing.market_max_lots
            scaled = int(listing.step * UNITS)
            text = f"order_qty:{command.quantity * scaled} > max_qty:{most * scaled}"
            return Refused(
                10001, f"The number of contracts exceeds maximum limit allowed: too large, {text}"
            )
        if reason is Reason.NOTIONAL_BELOW_MIN and isinstance(command, PlaceOrder):
            terms = self.terms[command.symbol]
            least = f"{plain(terms.listing.min_notional)}{terms.coin}"
            return Refused(110094, f"Order does not meet minimum order value {least}")
        if reason is Reason.REDUCE_ONLY_REJECTED and isinstance(command, PlaceOrder):
            stake = self.core.stake(command.account, command.symbol, command.position_side)
            return Refused(110017, "Reduce-only rule not satisfied" if stake.lots else "")
        if reason is Reason.SYMBOL_NOT_TRADING:
            phase = self.core.phase(getattr(command, "symbol", ""))
            return Refused(_PHASES.get(phase, refused(reason).code))
        return refused(reason)


def category_of(params: Params) -> str:
    """Return the product line that a request names; raise Refused (10001) for one not served."""
    category = optional(params, "category")
    if category not in CATEGORIES:
        raise Refused(10001, "Illegal category")
    return category


def line_of(params: Params) -> str:
    """Return a product line that the venue has; raise Refused (10001) for one that it has not."""
    category = optional(params, "category")
    return category if category in FOREIGN else category_of(params)


def _nobody(_events: tuple[Event, ...], _at: Millis) -> None:
    """Let events pass unheard."""
