"""Which handler answers which endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from conformance.errors import InvariantBroken
from conformance.model.ids import Symbol
from conformance.venues.bybit.facts import ENDPOINTS
from conformance.venues.bybit.server.account import Account
from conformance.venues.bybit.server.answers import Answer
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.info import Info, Tables
from conformance.venues.bybit.server.market import Market
from conformance.venues.bybit.server.positions import Positions
from conformance.venues.bybit.server.queries import Queries
from conformance.venues.bybit.server.stops import Stops
from conformance.venues.bybit.server.tape import Tape
from conformance.venues.bybit.server.trading import Trading

Handler: TypeAlias = Callable[[Call], Answer]
"""Answers a request that the gate let pass; raises Refused."""


class Offices(NamedTuple):
    """Who answers what."""

    market: Market
    info: Info
    tables: Tables
    trading: Trading
    queries: Queries
    positions: Positions
    stops: Stops
    account: Account


def open_offices(desk: Desk, tapes: Mapping[Symbol, Tape]) -> Offices:
    """Return everybody who answers requests."""
    return Offices(
        Market(desk, tapes),
        Info(desk),
        Tables(desk),
        Trading(desk),
        Queries(desk),
        Positions(desk),
        Stops(desk),
        Account(desk),
    )


def handlers(offices: Offices) -> Mapping[str, Handler]:
    """Return the handler of every endpoint, by its name."""
    found = {
        **_public(offices.market, offices.info, offices.tables),
        **_orders(offices.trading, offices.queries),
        **_positions(offices.positions, offices.stops, offices.queries),
        **_account(offices.account, offices.info),
    }
    if found.keys() != ENDPOINTS.keys():
        raise InvariantBroken(f"no handler, or no endpoint: {found.keys() ^ ENDPOINTS.keys()}")
    return found


def _public(market: Market, info: Info, tables: Tables) -> dict[str, Handler]:
    return {
        "time": market.time,
        "instruments": info.instruments,
        "orderbook": market.orderbook,
        "full-orderbook": market.orderbook,
        "rpi-orderbook": market.rpi_orderbook,
        "tickers": market.tickers,
        "recent-trade": market.trades,
        "kline": market.klines,
        "mark-kline": market.mark_klines,
        "index-kline": market.index_klines,
        "premium-kline": market.premium_klines,
        "funding-history": market.fundings,
        "open-interest": market.open_interest,
        "account-ratio": market.account_ratio,
        "risk-limit": tables.risk_limits,
        "delivery-price": tables.delivery_prices,
        "price-limit": tables.price_limit,
        "insurance": tables.insurance,
        "adl-alert": tables.adl,
        "system-status": tables.status,
    }


def _orders(trading: Trading, queries: Queries) -> dict[str, Handler]:
    return {
        "create": trading.create,
        "amend": trading.amend,
        "cancel": trading.cancel,
        "cancel-all": trading.cancel_all,
        "create-batch": trading.create_batch,
        "amend-batch": trading.amend_batch,
        "cancel-batch": trading.cancel_batch,
        "pre-check": trading.pre_check,
        "realtime": queries.realtime,
        "history": queries.history,
        "executions": queries.executions,
    }


def _positions(positions: Positions, stops: Stops, queries: Queries) -> dict[str, Handler]:
    return {
        "positions": positions.list,
        "symbol-info": positions.symbol_info,
        "set-leverage": positions.set_leverage,
        "switch-mode": positions.switch_mode,
        "switch-isolated": positions.switch_isolated,
        "trading-stop": stops.trading_stop,
        "add-margin": positions.add_margin,
        "auto-add-margin": positions.set_auto_add_margin,
        "confirm-mmr": positions.confirm_pending_mmr,
        "set-risk-limit": positions.set_risk_limit,
        "set-tpsl-mode": positions.set_tpsl_mode,
        "closed-pnl": queries.closed_pnl,
        "delivery-record": queries.deliveries,
    }


def _account(account: Account, info: Info) -> dict[str, Handler]:
    return {
        "wallet": account.wallet,
        "account-info": account.info,
        "fee-rate": account.fees,
        "set-margin-mode": account.set_margin_mode,
        "transaction-log": account.transactions,
        "withdrawal": account.withdrawal,
        "user-settings": account.user_settings,
        "set-limit-px-action": account.set_limit_px_action,
        "smp-group": account.smp_group,
        "set-dcp": account.set_dcp,
        "dcp-info": account.dcp,
        "own-instruments": info.own_instruments,
        "collateral-info": account.nothing,
        "settlement-record": account.no_pages,
        "coin-greeks": account.nothing,
        "borrow-history": account.no_pages,
        "set-collateral": account.done,
        "set-hedging-mode": account.hedging,
        "demo-money": account.demo_money,
        "coins": account.coins,
        "api-key": account.api_key,
    }
