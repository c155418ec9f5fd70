"""Positions and wallets in figures.

Margins after the rules in force since 2025-09-02 (help centre, 2025-09-18): initial margin from
the mark (cross) or the entry (isolated) value, maintenance margin from the mark value, and both
with the fee of closing at the bankruptcy price. Wallets show what the exchange core itself holds
back, which knows of no such fee.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from conformance.model.ids import INSURANCE, AccountId
from conformance.model.money import ATOM, from_atoms
from conformance.model.orders import MarginMode
from conformance.model.records import BalanceRecord, PositionRecord
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.stops import TRAILING, exits_of
from conformance.venues.bybit.server.tape import sequence_of
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.bybit.server.words import INDEXES
from conformance.venues.numbers import plain, stripped

_EVEN_FEE = Decimal("0.00055")
_DOLLARS = ("USDT", "USDC")
"""Coins that count at par."""
_ZERO = Decimal(0)


def position_row(
    leg: PositionRecord, account: AccountId, terms: Terms, desk: Desk
) -> dict[str, Any]:
    """Return one leg as position/list shows it; a flat one has nothing where numbers would be."""
    held = desk.diary.held[account, leg.symbol, leg.position_side]
    size = abs(leg.lots)
    initial, maintenance = margins(leg, terms)
    initial_text, maintenance_text = plain(initial), plain(maintenance)
    tier = _tier(leg, terms)

    def if_open(shown: str) -> str:
        return shown if leg.lots else ""

    auto = (leg.symbol, leg.position_side) in desk.config(account).auto_add
    return {
        "positionIdx": INDEXES[leg.position_side],
        "riskId": 1 + tier,
        "riskLimitValue": plain(terms.listing.tiers[tier].cap),
        "symbol": leg.symbol,
        "side": if_open("Buy" if leg.lots > 0 else "Sell"),
        "size": terms.quantity.text(size),
        "avgPrice": plain(leg.entry_price) if leg.lots else "0",
        "positionValue": if_open(terms.entered_text(held.cost)),
        "tradeMode": 0,
        "positionStatus": "Normal",
        "autoAddMargin": int(auto),
        "adlRankIndicator": _adl_rank(leg, account, desk),
        "leverage": str(leg.leverage),
        "positionBalance": plain(leg.isolated_wallet or initial),
        "markPrice": terms.off_grid(int(leg.mark_price.scaleb(8))),
        "liqPrice": _liquidation(leg, terms),
        "bustPrice": "",
        "positionMM": maintenance_text,
        "positionMMByMp": maintenance_text,
        "positionIM": initial_text,
        "positionIMByMp": initial_text,
        **_exits(leg, account, terms, desk),
        "breakEvenPrice": _even(leg, from_atoms(held.brought), terms) if leg.lots else "",
        "unrealisedPnl": if_open(plain(leg.unrealised)),
        "curRealisedPnl": stripped(held.brought),
        "cumRealisedPnl": stripped(held.brought_ever),
        "seq": -1 if held.trade_id < 0 else sequence_of(held.trade_id),
        **_UNTOLD,
        "createdTime": str(held.created_ms or ""),
        "updatedTime": str(leg.updated_ms or ""),
        "openTime": held.opened_ms if leg.lots else 0,
    }


_UNTOLD: Mapping[str, Any] = {
    "isReduceOnly": False,
    "mmrSysUpdatedTime": "",
    "leverageSysUpdatedTime": "",
    "sessionAvgPrice": "",
    "delta": "",
    "gamma": "",
    "vega": "",
    "theta": "",
}
"""What is of other products, or never happens here."""


def _exits(leg: PositionRecord, account: AccountId, terms: Terms, desk: Desk) -> Mapping[str, str]:
    """Return the stops that wait for a leg; a flat one shows no trigger."""
    exits = exits_of(account, terms, leg.position_side, desk)

    def trigger(stop: str) -> str:
        found = exits.get(stop)
        return terms.price.text((found and found.command.trigger) or 0) if leg.lots else ""

    trailing = exits.get(TRAILING)
    return {
        "tpslMode": "Full",
        "takeProfit": trigger("TakeProfit"),
        "stopLoss": trigger("StopLoss"),
        "trailingStop": terms.price.text(trailing.command.callback_ticks if trailing else 0),
    }


def margins(leg: PositionRecord, terms: Terms) -> tuple[Decimal, Decimal]:
    """Return initial and maintenance margin of a leg, both with the fee of closing it."""
    if not leg.lots:
        return _ZERO, _ZERO
    listing, size = terms.listing, abs(leg.lots)
    entered, marked = terms.value(leg.entry_price, size), terms.value(leg.mark_price, size)
    tier = listing.tiers[_tier(leg, terms)]
    share = Decimal(1) / leg.leverage
    # A long of a linear contract, or a short of an inverse one, is worth less when it is bankrupt.
    bankrupt = entered * (1 - share if (leg.lots > 0) is not terms.inverse else 1 + share)
    fee = bankrupt * listing.taker_rate
    isolated = leg.margin_mode is MarginMode.ISOLATED
    initial = (entered if isolated else marked) * share + fee
    maintenance = marked * tier.maintenance_rate - tier.deduction + fee
    return _cut(initial), _cut(maintenance)


def wallet(account: AccountId, desk: Desk, coins: Iterable[str] = ()) -> dict[str, Any]:
    """Return the wallet of an account; ``coins`` limits which are listed, not what is counted.

    Source: docs/v5/account/wallet-balance, 2026-07-24; the totals of an isolated account say
    nothing and are empty.
    """
    rows = desk.core.balances(account)
    prices = {row.asset: price_of(row.asset, desk) for row in rows}

    def total(name: str) -> Decimal:
        return sum((getattr(row, name) * prices[row.asset] for row in rows), _ZERO)

    funds, initial = total("margin_balance"), total("initial_margin")
    maintenance = total("maintenance_margin")
    equity, initial_text, maintenance_text = map(_text, (funds, initial, maintenance))
    rates = _share(initial, funds), _share(maintenance, funds)
    totals = {
        "accountIMRate": rates[0],
        "accountMMRate": rates[1],
        "totalMarginBalance": equity,
        "totalAvailableBalance": _text(total("available")),
        "totalPerpUPL": _text(total("unrealised")),
        "totalInitialMargin": initial_text,
        "totalMaintenanceMargin": maintenance_text,
        "accountIMRateByMp": rates[0],
        "accountMMRateByMp": rates[1],
        "totalInitialMarginByMp": initial_text,
        "totalMaintenanceMarginByMp": maintenance_text,
    }
    if isolated(account, desk):
        totals = dict.fromkeys(totals, "")
    wanted = set(coins) or prices.keys()
    return {
        "accountType": "UNIFIED",
        "totalEquity": equity,
        "totalWalletBalance": _text(total("wallet")),
        **totals,
        "accountLTV": "",
        "coin": [
            _coin(row, account, prices[row.asset], desk) for row in rows if row.asset in wanted
        ],
    }


def price_of(coin: str, desk: Desk) -> Decimal:
    """Return what a coin is worth in dollars: the index of its contract, or par."""
    symbol = f"{coin}USDT"
    if coin in _DOLLARS or symbol not in desk.terms:
        return Decimal(1)
    return from_atoms(desk.core.index(symbol))


def pool_of(coin: str, desk: Desk) -> Decimal:
    """Return what the insurance fund holds of a coin."""
    core = desk.core
    rows = core.balances(INSURANCE) if INSURANCE in core.accounts() else ()
    return next((row.wallet for row in rows if row.asset == coin), _ZERO)


def isolated(account: AccountId, desk: Desk) -> bool:
    """Say whether an account margins its positions one by one; the mode is that of all symbols."""
    first = next(iter(desk.terms))
    return desk.core.margin_mode(account, first) is MarginMode.ISOLATED


def _coin(row: BalanceRecord, account: AccountId, price: Decimal, desk: Desk) -> dict[str, Any]:
    brought = sum(
        held.brought_ever
        for (owner, symbol, _), held in desk.diary.held.items()
        if owner == account and desk.terms[symbol].coin == row.asset
    )
    return {
        "coin": row.asset,
        "equity": plain(row.margin_balance),
        "usdValue": _text(row.margin_balance * price),
        "walletBalance": plain(row.wallet),
        "locked": "0",
        "spotHedgingQty": "0",
        "borrowAmount": "0",
        "accruedInterest": "0",
        "totalOrderIM": plain(row.open_order_initial_margin),
        "totalPositionIM": plain(row.position_initial_margin),
        "totalPositionMM": plain(row.maintenance_margin),
        "unrealisedPnl": plain(row.unrealised),
        "cumRealisedPnl": stripped(brought),
        "bonus": "0",
        "marginCollateral": True,
        "collateralSwitch": True,
        "colRes": "0",
        "spotBorrow": "0",
        "free": "",
        "availableToWithdraw": "",
        "availableToBorrow": "",
    }


def _tier(leg: PositionRecord, terms: Terms) -> int:
    worth = abs(leg.notional)
    tiers = terms.listing.tiers
    return next((row for row, tier in enumerate(tiers) if worth <= tier.cap), len(tiers) - 1)


def _adl_rank(leg: PositionRecord, account: AccountId, desk: Desk) -> int:
    """Return 0 for a flat leg, else 1 to 5: who is deleveraged first."""
    if not leg.lots:
        return 0
    return 1 + desk.core.adl_quantile(account, leg.symbol, leg.position_side)


def _liquidation(leg: PositionRecord, terms: Terms) -> str:
    """Return the liquidation price, empty when it lies where the contract cannot trade."""
    listing, found = terms.listing, leg.liquidation_price
    if not listing.min_price <= found <= listing.max_price:
        return ""
    return terms.price.text(listing.prices.floor(found))


def _even(leg: PositionRecord, brought: Decimal, terms: Terms) -> str:
    """Return breakEvenPrice of an open leg.

    (entry x qty - realised) / (qty - |qty| x fee) for a linear contract (docs/v5/position,
    2026-07-24); the page says nothing of inverse ones, which have the core's.
    """
    if terms.inverse:
        return plain(leg.break_even_price.quantize(ATOM))
    quantity = terms.listing.quantities.value(leg.lots)
    fee = max(terms.listing.taker_rate, _EVEN_FEE)
    even = (leg.entry_price * quantity - brought) / (quantity - abs(quantity) * fee)
    return plain(even.quantize(ATOM))


def _share(part: Decimal, whole: Decimal) -> str:
    return plain((part / whole).quantize(Decimal("0.0001"), ROUND_DOWN)) if whole else "0"


def _text(amount: Decimal) -> str:
    return plain(_cut(amount))


def _cut(amount: Decimal) -> Decimal:
    return amount.quantize(ATOM, ROUND_DOWN)
