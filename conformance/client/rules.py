"""Refuse locally what the instrument's rules refuse, and put numbers on their grids exactly."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from conformance.model.instruments import Instrument, Phase
from conformance.model.money import Grid
from conformance.model.orders import OrderRequest


def conform(request: OrderRequest, instrument: Instrument) -> OrderRequest | str:
    """Return the request in the instrument's own decimals, or why it breaks a rule.

    Nothing is rounded: a quantity off its step would become another risk than was asked for.
    """
    if instrument.phase is not Phase.TRADING:
        return f"{instrument.symbol} is not trading: {instrument.phase}"
    quantity = on_grid(request.quantity, instrument.quantities)
    if quantity is None:
        return f"quantity {request.quantity:f} is not a multiple of {instrument.step:f}"
    least, most = instrument.min_quantity, instrument.max_quantity
    if not least <= quantity <= most:
        return f"quantity {quantity:f} is outside {least:f} to {most:f}"
    if request.trigger_price is not None:
        trigger = on_grid(request.trigger_price, instrument.prices)
        if trigger is None or trigger <= 0:
            return f"trigger {request.trigger_price:f} is not a multiple of {instrument.tick:f}"
        request = replace(request, trigger_price=trigger)
    if request.price is None:
        return replace(request, quantity=quantity)
    return _priced(request, quantity, request.price, instrument)


def _priced(
    request: OrderRequest, quantity: Decimal, wanted: Decimal, instrument: Instrument
) -> OrderRequest | str:
    price = on_grid(wanted, instrument.prices)
    if price is None or price <= 0:
        return f"price {wanted:f} is not a multiple of {instrument.tick:f}"
    notional = price * quantity
    if not request.reduce_only and notional < instrument.min_notional:
        return f"notional {notional:f} is below {instrument.min_notional:f}"
    return replace(request, quantity=quantity, price=price)


def on_grid(value: Decimal, grid: Grid) -> Decimal | None:
    """Return ``value`` with the grid's decimals, or None when it is off the grid."""
    units = grid.units(value) if value.is_finite() else None
    return None if units is None else Decimal(grid.text(units))
