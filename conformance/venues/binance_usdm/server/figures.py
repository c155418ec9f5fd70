"""Balances, positions and margin tables as rows, one layout per endpoint version.

Source: usds-margined-futures/account and trade Position-Information, 2026-05-28.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeAlias

from conformance.contracts.core import Core
from conformance.model.ids import AccountId
from conformance.model.orders import MarginMode
from conformance.model.records import BalanceRecord, PositionRecord
from conformance.venues.binance_usdm.server.assets import COLLATERAL, price_of
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.words import POSITION_SIDES
from conformance.venues.numbers import money, plain

Row: TypeAlias = dict[str, Any]

_ALIAS_LENGTH = 14


def balance(row: BalanceRecord, account: AccountId) -> Row:
    """Return one row of balance v2 and v3."""
    return {
        "accountAlias": sha256(account.encode()).hexdigest()[:_ALIAS_LENGTH],
        "asset": row.asset,
        "balance": money(row.wallet),
        "crossWalletBalance": money(row.cross_wallet),
        "crossUnPnl": money(row.cross_unrealised),
        "availableBalance": money(row.available),
        "maxWithdrawAmount": _withdrawable(row),
        "marginAvailable": row.asset in COLLATERAL,
        "updateTime": row.updated_ms,
    }


def together(rows: Sequence[BalanceRecord], settle: BalanceRecord, core: Core) -> BalanceRecord:
    """Return all assets as one balance in dollars, as multi-assets mode counts them."""
    prices = {row.asset: price_of(core, row.asset) for row in rows if row.asset in COLLATERAL}

    def total(read: Callable[[BalanceRecord], Decimal]) -> Decimal:
        found = (read(row) * prices[row.asset] for row in rows if row.asset in prices)
        return sum(found, Decimal(0))

    return settle._replace(
        wallet=total(lambda row: row.wallet),
        cross_wallet=total(lambda row: row.cross_wallet),
        unrealised=total(lambda row: row.unrealised),
        cross_unrealised=total(lambda row: row.cross_unrealised),
        initial_margin=total(lambda row: row.initial_margin),
        position_initial_margin=total(lambda row: row.position_initial_margin),
        open_order_initial_margin=total(lambda row: row.open_order_initial_margin),
        maintenance_margin=total(lambda row: row.maintenance_margin),
        margin_balance=total(lambda row: row.margin_balance),
    )


def totals(row: BalanceRecord) -> Row:
    """Return the totals of an account, all in its one margin asset or in dollars."""
    return {
        "totalInitialMargin": money(row.initial_margin),
        "totalMaintMargin": money(row.maintenance_margin),
        "totalWalletBalance": money(row.wallet),
        "totalUnrealizedProfit": money(row.unrealised),
        "totalMarginBalance": money(row.margin_balance),
        "totalPositionInitialMargin": money(row.position_initial_margin),
        "totalOpenOrderInitialMargin": money(row.open_order_initial_margin),
        "totalCrossWalletBalance": money(row.cross_wallet),
        "totalCrossUnPnl": money(row.cross_unrealised),
        "availableBalance": money(row.available),
        "maxWithdrawAmount": _withdrawable(row),
    }


def asset(row: BalanceRecord) -> Row:
    """Return one element of ``assets`` in account v3."""
    return {
        "asset": row.asset,
        "walletBalance": money(row.wallet),
        "unrealizedProfit": money(row.unrealised),
        "marginBalance": money(row.margin_balance),
        "maintMargin": money(row.maintenance_margin),
        "initialMargin": money(row.initial_margin),
        "positionInitialMargin": money(row.position_initial_margin),
        "openOrderInitialMargin": money(row.open_order_initial_margin),
        "crossWalletBalance": money(row.cross_wallet),
        "crossUnPnl": money(row.cross_unrealised),
        "availableBalance": money(row.available),
        "maxWithdrawAmount": _withdrawable(row),
        "updateTime": row.updated_ms,
    }


def leg_v2(leg: PositionRecord, terms: Terms) -> Row:
    """Return one element of ``positions`` in account v2."""
    return {
        "symbol": leg.symbol,
        "initialMargin": money(leg.initial_margin),
        "maintMargin": money(leg.maintenance_margin),
        "unrealizedProfit": money(leg.unrealised),
        "positionInitialMargin": money(leg.position_initial_margin),
        "openOrderInitialMargin": money(leg.open_order_initial_margin),
        "leverage": str(leg.leverage),
        "isolated": leg.margin_mode is MarginMode.ISOLATED,
        "entryPrice": entry_text(leg),
        "breakEvenPrice": _break_even(leg),
        "maxNotional": plain(leg.max_notional),
        "bidNotional": plain(leg.bid_notional),
        "askNotional": plain(leg.ask_notional),
        "positionSide": POSITION_SIDES[leg.position_side],
        "positionAmt": terms.quantity.text(leg.lots),
        "updateTime": leg.updated_ms,
    }


def leg_v3(leg: PositionRecord, terms: Terms) -> Row:
    """Return one element of ``positions`` in account v3."""
    return {
        "symbol": leg.symbol,
        "positionSide": POSITION_SIDES[leg.position_side],
        "positionAmt": terms.quantity.text(leg.lots),
        "unrealizedProfit": money(leg.unrealised),
        "isolatedMargin": money(leg.isolated_margin),
        "notional": money(leg.notional),
        "isolatedWallet": money(leg.isolated_wallet),
        "initialMargin": money(leg.initial_margin),
        "maintMargin": money(leg.maintenance_margin),
        "updateTime": leg.updated_ms,
    }


def risk_v2(leg: PositionRecord, terms: Terms) -> Row:
    """Return one row of positionRisk v2."""
    isolated = leg.margin_mode is MarginMode.ISOLATED
    return {
        "symbol": leg.symbol,
        "positionAmt": terms.quantity.text(leg.lots),
        "entryPrice": entry_text(leg),
        "breakEvenPrice": _break_even(leg),
        "markPrice": money(leg.mark_price),
        "unRealizedProfit": money(leg.unrealised),
        "liquidationPrice": plain(leg.liquidation_price),
        "leverage": str(leg.leverage),
        "maxNotionalValue": plain(leg.max_notional),
        "marginType": "isolated" if isolated else "cross",
        "isolatedMargin": money(leg.isolated_margin),
        "isAutoAddMargin": "false",
        "positionSide": POSITION_SIDES[leg.position_side],
        "notional": money(leg.notional),
        "isolatedWallet": money(leg.isolated_wallet),
        "updateTime": leg.updated_ms,
    }


def risk_v3(leg: PositionRecord, terms: Terms) -> Row:
    """Return one row of positionRisk v3: neither leverage nor marginType."""
    return {
        "symbol": leg.symbol,
        "positionSide": POSITION_SIDES[leg.position_side],
        "positionAmt": terms.quantity.text(leg.lots),
        "entryPrice": entry_text(leg),
        "breakEvenPrice": _break_even(leg),
        "markPrice": money(leg.mark_price),
        "unRealizedProfit": money(leg.unrealised),
        "liquidationPrice": plain(leg.liquidation_price),
        "isolatedMargin": money(leg.isolated_margin),
        "notional": money(leg.notional),
        "marginAsset": terms.listing.margin_asset,
        "isolatedWallet": money(leg.isolated_wallet),
        "initialMargin": money(leg.initial_margin),
        "maintMargin": money(leg.maintenance_margin),
        "positionInitialMargin": money(leg.position_initial_margin),
        "openOrderInitialMargin": money(leg.open_order_initial_margin),
        "adl": 0,
        "bidNotional": plain(leg.bid_notional),
        "askNotional": plain(leg.ask_notional),
        "updateTime": leg.updated_ms,
    }


def brackets(terms: Terms) -> Row:
    """Return the margin table of one symbol; ratios and deductions are JSON numbers."""
    return {
        "symbol": terms.symbol,
        "notionalCoef": 1.0,
        "brackets": [
            {
                "bracket": number,
                "initialLeverage": tier.max_leverage,
                "notionalCap": int(tier.cap),
                "notionalFloor": int(tier.floor),
                "maintMarginRatio": float(tier.maintenance_rate),
                "cum": float(tier.deduction),
            }
            for number, tier in enumerate(terms.listing.tiers, 1)
        ],
    }


def entry_text(leg: PositionRecord) -> str:
    """Return the entry price without padding, ``0.0`` when flat."""
    return plain(leg.entry_price) if leg.lots else "0.0"


def _break_even(leg: PositionRecord) -> str:
    return plain(leg.break_even_price) if leg.lots else "0.0"


def _withdrawable(row: BalanceRecord) -> str:
    """Return what may leave: free margin, but never unrealised profit."""
    return money(min(row.available, row.cross_wallet))
