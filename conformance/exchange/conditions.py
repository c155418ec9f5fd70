"""Whether a conditional order may wait: every check, without changing anything.

Neither margin nor position is looked at before the trigger (Algo Order, developers.binance.com,
2026-11). Order of checks: phase, kind, validity, position mode, client id, what to do, at which
prices, how many wait, whether the position is there, whether it would trigger at once.
"""

from __future__ import annotations

from conformance.exchange.accounts import Holding
from conformance.exchange.lookout import reached
from conformance.exchange.market import Market
from conformance.exchange.shelf import Shelf
from conformance.exchange.trailing import MILLION
from conformance.model.commands import PlaceConditional
from conformance.model.ids import Millis
from conformance.model.instruments import Phase
from conformance.model.orders import Kind, PositionSide, Side, TimeInForce
from conformance.model.records import ConditionalRecord
from conformance.model.refusals import Reason

LIMITS = frozenset({Kind.STOP_LIMIT, Kind.TAKE_PROFIT_LIMIT})
"""Kinds that enter a limit order."""
_STOPS = frozenset({Kind.STOP_MARKET, Kind.STOP_LIMIT})
_CLOSERS = frozenset({Kind.STOP_MARKET, Kind.TAKE_PROFIT_MARKET})
_KINDS = LIMITS | _CLOSERS | {Kind.TRAILING_STOP}
_OPENS = {PositionSide.LONG: Side.BUY, PositionSide.SHORT: Side.SELL}


def rises(command: PlaceConditional) -> bool:
    """Return whether an order waits for its price to rise.

    A stop goes with the price, a take-profit against it; a trailing stop is activated by a price
    that is better than the present one (Algo Order, developers.binance.com, 2026-11).
    """
    return (command.side is Side.BUY) is (command.kind in _STOPS)


def entry_refusal(
    record: ConditionalRecord, holding: Holding, shelf: Shelf, at: Millis
) -> Reason | None:
    """Return why a new conditional order may not wait, what its price says left aside."""
    command = record.command
    return (
        _shape_refusal(command, holding, shelf, at)
        or terms_refusal(command, holding.market)
        or _crowd_refusal(command, holding, shelf)
    )


def terms_refusal(command: PlaceConditional, market: Market) -> Reason | None:
    """Check what to do and at which prices."""
    return (
        _quantity_refusal(command, market)
        or _trigger_refusal(command, market)
        or _limit_refusal(command, market)
    )


def price_refusal(record: ConditionalRecord, market: Market) -> Reason | None:
    """Refuse what the present price would set off (or activate) at once."""
    command = record.command
    if command.kind is Kind.TRAILING_STOP and command.activation is None:
        return None
    price = market.gauge(command.gauge)
    return Reason.IMMEDIATELY_TRIGGERS if reached(record, price) else None


def _shape_refusal(
    command: PlaceConditional, holding: Holding, shelf: Shelf, at: Millis
) -> Reason | None:
    phase = holding.market.phase
    if phase is not Phase.TRADING:
        return Reason.SYMBOL_CLOSED if phase is Phase.CLOSED else Reason.SYMBOL_NOT_TRADING
    if command.kind not in _KINDS:
        return Reason.UNSUPPORTED_KIND
    if command.time_in_force is TimeInForce.GTD and (
        command.expire_at is None or command.expire_at <= at
    ):
        return Reason.EXPIRY_IN_THE_PAST
    if (command.position_side is PositionSide.NET) is holding.account.hedge:
        return Reason.POSITION_SIDE_MISMATCH
    return Reason.DUPLICATE_CLIENT_ID if command.client_id in shelf.names else None


def _quantity_refusal(command: PlaceConditional, market: Market) -> Reason | None:
    listing, lots = market.listing, command.quantity
    if command.close_position:
        if lots:
            return Reason.CLOSE_POSITION_QUANTITY
        if command.kind not in _CLOSERS:
            return Reason.CLOSE_POSITION_KIND
        opens = _OPENS.get(command.position_side) is command.side
        return Reason.CLOSE_POSITION_OPENS if opens else None
    if lots <= 0:
        return Reason.QUANTITY_NOT_POSITIVE
    if lots < listing.min_lots:
        return Reason.QUANTITY_BELOW_MIN
    most = listing.max_lots if command.kind in LIMITS else listing.market_max_lots
    return Reason.QUANTITY_ABOVE_MAX if lots > most else None


def _trigger_refusal(command: PlaceConditional, market: Market) -> Reason | None:
    if command.kind is Kind.TRAILING_STOP:
        if command.activation is not None and command.activation <= 0:
            return Reason.ACTIVATION_INVALID
        ppm, ticks = command.callback_ppm, command.callback_ticks
        sound = (0 < ppm < MILLION and not ticks) or (ticks > 0 and not ppm)
        return None if sound else Reason.CALLBACK_INVALID
    if command.trigger is None or command.trigger <= 0:
        return Reason.TRIGGER_NOT_POSITIVE
    listing, price = market.listing, command.trigger * market.contract.tick
    if listing.trigger_band_up is not None and price > market.mark * listing.trigger_band_up:
        return Reason.TRIGGER_ABOVE_BAND
    if listing.trigger_band_down is not None and price < market.mark * listing.trigger_band_down:
        return Reason.TRIGGER_BELOW_BAND
    return None


def _limit_refusal(command: PlaceConditional, market: Market) -> Reason | None:
    """Check the limit; its band lies round the trigger (PERCENT_PRICE of trigger orders)."""
    if command.match is not None:
        return None if command.kind in LIMITS else Reason.MATCH_NOT_LIMIT
    if command.kind not in LIMITS:
        return None
    price, trigger = command.price or 0, command.trigger or 0
    if price <= 0:
        return Reason.PRICE_NOT_POSITIVE
    listing = market.listing
    if command.side is Side.BUY:
        return Reason.LIMIT_ABOVE_TRIGGER_BAND if price > trigger * listing.band_up else None
    return Reason.LIMIT_BELOW_TRIGGER_BAND if price < trigger * listing.band_down else None


def _crowd_refusal(command: PlaceConditional, holding: Holding, shelf: Shelf) -> Reason | None:
    listing = holding.market.listing
    waiting = [
        record.command
        for record in shelf.waiting.values()
        if record.command.symbol == command.symbol
    ]
    most, most_here = listing.conditionals_max, listing.conditionals_symbol_max
    if len(shelf.waiting) >= most or len(waiting) >= most_here:
        return Reason.TOO_MANY_CONDITIONALS
    if command.close_position and any(_same_closer(command, other) for other in waiting):
        return Reason.CLOSE_POSITION_EXISTS
    leg = holding.legs[command.position_side]
    if command.position_bound and leg.lots * command.side.sign >= 0:
        return Reason.NO_POSITION_TO_BIND
    return None


def _same_closer(one: PlaceConditional, other: PlaceConditional) -> bool:
    return other.close_position and (one.kind, one.side, one.position_side) == (
        other.kind,
        other.side,
        other.position_side,
    )
