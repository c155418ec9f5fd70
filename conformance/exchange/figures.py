"""Balances and positions as exact records, worked out when somebody asks."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from conformance.exchange.accounts import Leg, Purse
from conformance.model.money import ATOM, ATOMS_PER_UNIT, from_atoms
from conformance.model.orders import MarginMode
from conformance.model.records import BalanceRecord, PositionRecord

ZERO = Decimal(0)


def position_record(leg: Leg) -> PositionRecord:
    """Return one leg at the present mark."""
    holding = leg.holding
    market = holding.market
    contract = market.contract
    isolated = holding.mode is MarginMode.ISOLATED
    return PositionRecord(
        symbol=market.listing.symbol,
        position_side=leg.position_side,
        lots=leg.lots,
        entry_price=contract.entry_price(leg.lots, leg.cost),
        break_even_price=contract.break_even_price(leg.lots, leg.cost, leg.paid),
        mark_price=from_atoms(market.mark),
        notional=from_atoms(leg.notional),
        unrealised=from_atoms(leg.unrealised),
        initial_margin=from_atoms(leg.position_initial + leg.order_initial),
        position_initial_margin=from_atoms(leg.position_initial),
        open_order_initial_margin=from_atoms(leg.order_initial),
        maintenance_margin=from_atoms(leg.maintenance),
        bid_notional=from_atoms(leg.bids),
        ask_notional=from_atoms(leg.asks),
        liquidation_price=liquidation_price(leg),
        isolated_margin=from_atoms(leg.isolated + leg.unrealised if isolated else 0),
        isolated_wallet=from_atoms(leg.isolated),
        leverage=holding.leverage,
        max_notional=from_atoms(holding.cap),
        margin_mode=holding.mode,
        accumulated_realised=from_atoms(leg.accumulated),
        updated_ms=leg.updated_ms,
    )


def balance_record(purse: Purse) -> BalanceRecord:
    """Return one purse at the present marks."""
    wallet = purse.wallet.balance
    return BalanceRecord(
        asset=purse.asset,
        wallet=from_atoms(wallet),
        cross_wallet=from_atoms(purse.cross_wallet),
        unrealised=from_atoms(purse.unrealised),
        cross_unrealised=from_atoms(purse.cross_unrealised),
        initial_margin=from_atoms(purse.position_initial + purse.order_initial),
        position_initial_margin=from_atoms(purse.position_initial),
        open_order_initial_margin=from_atoms(purse.order_initial),
        maintenance_margin=from_atoms(purse.maintenance),
        available=from_atoms(max(0, purse.free)),
        margin_balance=from_atoms(wallet + purse.unrealised),
        updated_ms=purse.updated_ms,
    )


def liquidation_price(leg: Leg) -> Decimal:
    """Return the mark at which the leg's margin is used up, zero when there is none.

    (WB - TMM + UPNL + cum - cost) / (size x MMR - signed size), or of an inverse contract the
    reciprocal of (WB - TMM + UPNL + cum + cost) / (size x MMR + signed size); the tier is chosen
    again at the price found. WB, TMM and UPNL are those of the rest of the account, or the
    isolated wallet alone. Both hedge legs count in cross mode (How to Calculate Liquidation Price,
    USD-M and COIN-M FAQ, 2026-11).
    """
    if not leg.lots:
        return ZERO
    holding = leg.holding
    purse = holding.purse
    if holding.mode is MarginMode.ISOLATED:
        legs = [leg]
        funds = leg.isolated
    else:
        legs = [each for each in holding.legs.values() if each.lots]
        funds = purse.cross_wallet - purse.cross_maintenance + purse.cross_unrealised
        funds += sum(each.maintenance - each.unrealised for each in legs)
    contract = holding.market.contract
    rows = [holding.market.scale.row(abs(each.notional)) for each in legs]
    value = ZERO
    for _ in holding.market.scale.tiers:
        value = _solve(legs, rows, from_atoms(funds))
        at = [abs(contract.size(each.lots) * value) for each in legs]
        found = [holding.market.scale.row(int(worth * ATOMS_PER_UNIT)) for worth in at]
        if found == rows:
            break
        rows = found
    return contract.price_of(max(ZERO, value)).quantize(ATOM, rounding=ROUND_DOWN)


def _solve(legs: list[Leg], rows: list[int], funds: Decimal) -> Decimal:
    above, below = funds, ZERO
    for leg, row in zip(legs, rows, strict=True):
        market = leg.holding.market
        tier = market.scale.tiers[row]
        size = market.contract.size(leg.lots)
        direction = market.contract.direction
        above += tier.deduction - direction * Decimal(leg.cost).scaleb(-8) / market.contract.grain
        below += abs(size) * tier.maintenance_rate - direction * size
    return above / below if below else ZERO
