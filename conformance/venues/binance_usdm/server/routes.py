"""Which handler answers which endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import orjson

from conformance.errors import InvariantBroken
from conformance.model.ids import Symbol
from conformance.venues.binance_usdm.facts import ENDPOINTS
from conformance.venues.binance_usdm.server.accounts import Accounts
from conformance.venues.binance_usdm.server.algo import Algo
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.funding import Fundings
from conformance.venues.binance_usdm.server.gauges import Indicators
from conformance.venues.binance_usdm.server.history import History
from conformance.venues.binance_usdm.server.income import Income
from conformance.venues.binance_usdm.server.limits import rate_limit
from conformance.venues.binance_usdm.server.market import Market
from conformance.venues.binance_usdm.server.queries import Queries
from conformance.venues.binance_usdm.server.sessions import Sessions
from conformance.venues.binance_usdm.server.settings import Settings
from conformance.venues.binance_usdm.server.surroundings import Surroundings
from conformance.venues.binance_usdm.server.tape import Tape
from conformance.venues.binance_usdm.server.trading import Trading

Handler: TypeAlias = Callable[[Call], str | bytes]
"""Answers a request that the gate let pass; raises Refused."""

_RESTRICTIONS = {
    "ipRestrict": True,
    "createTime": 1_569_398_400_000,
    "enableReading": True,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
    "enableMargin": False,
    "enableFutures": True,
    "permitsUniversalTransfer": False,
    "enableVanillaOptions": False,
    "enableFixApiTrade": False,
    "enableFixReadOnly": False,
    "enableSpotAndMarginTrading": False,
    "enablePortfolioMarginTrading": False,
}
"""A key as it should be: it trades futures and can take nothing out (SDK wallet 13.8.0)."""


class Offices(NamedTuple):
    """Who answers what."""

    market: Market
    indicators: Indicators
    fundings: Fundings
    surroundings: Surroundings
    trading: Trading
    algo: Algo
    queries: Queries
    history: History
    income: Income
    accounts: Accounts
    settings: Settings
    sessions: Sessions


def open_offices(desk: Desk, tapes: Mapping[Symbol, Tape], sessions: Sessions) -> Offices:
    """Make everybody who answers a request."""
    settings = Settings(desk)
    return Offices(
        Market(desk, tapes),
        Indicators(desk),
        Fundings(desk),
        Surroundings(desk),
        Trading(desk),
        Algo(desk),
        Queries(desk),
        History(desk),
        Income(desk),
        Accounts(desk, settings.burns),
        settings,
        sessions,
    )


def handlers(offices: Offices) -> Mapping[str, Handler]:
    """Return the handlers by endpoint name; raise InvariantBroken when one is missing."""
    found: dict[str, Handler] = {
        **_public(offices.market),
        **_prices(offices.indicators, offices.fundings, offices.surroundings),
        **_trading(offices.trading, offices.queries),
        **_algo(offices.algo),
        **_histories(offices.history, offices.income, offices.surroundings),
        **_accounts(offices.accounts),
        **_settings(offices.settings),
        "listen-key-create": offices.sessions.create,
        "listen-key-extend": offices.sessions.extend,
        "listen-key-close": offices.sessions.remove,
        "api-restrictions": _restrictions,
        "capital-config": _nothing,
        "margin-pairs": _nothing,
        "isolated-pairs": _nothing,
    }
    if found.keys() != ENDPOINTS.keys():
        raise InvariantBroken(f"endpoints without a handler: {found.keys() ^ ENDPOINTS.keys()}")
    return found


def _public(market: Market) -> dict[str, Handler]:
    return {
        "ping": market.ping,
        "time": market.time,
        "exchange-info": market.info,
        "depth": market.depth,
        "trades": market.trades,
        "historical-trades": market.trades,
        "agg-trades": market.aggregates,
        "klines": market.klines,
        "premium-index": market.premium_index,
        "rpi-depth": market.depth,
        "continuous-klines": market.continuous_klines,
        "ticker-24h": market.ticker_day,
        "ticker-price-v1": market.ticker_price,
        "ticker-price": market.ticker_price,
        "book-ticker": market.book_ticker,
        "open-interest": market.open_interest,
    }


def _trading(trading: Trading, queries: Queries) -> dict[str, Handler]:
    return {
        "place": trading.place,
        "place-test": trading.test,
        "amend": trading.amend,
        "cancel": trading.cancel,
        "place-batch": trading.place_batch,
        "amend-batch": trading.amend_batch,
        "cancel-batch": trading.cancel_batch,
        "cancel-all": trading.cancel_all,
        "query-order": queries.order,
        "query-open-order": queries.open_order,
        "open-orders": queries.open_orders,
        "all-orders": queries.all_orders,
        "user-trades": queries.user_trades,
        "order-limits": _order_limits,
    }


def _prices(indicators: Indicators, fundings: Fundings, around: Surroundings) -> dict[str, Handler]:
    return {
        "index-klines": indicators.index_klines,
        "mark-klines": indicators.mark_klines,
        "premium-klines": indicators.premium_klines,
        "constituents": indicators.constituents,
        "funding-rate": fundings.history,
        "funding-info": fundings.info,
        "adl-risk": around.adl_risk,
        "insurance": around.insurance,
        "asset-index": around.asset_index,
        "index-info": around.composite_index,
        "trading-schedule": around.schedule,
    }


def _algo(algo: Algo) -> dict[str, Handler]:
    return {
        "algo-place": algo.place,
        "algo-cancel": algo.cancel,
        "algo-cancel-all": algo.cancel_all,
        "algo-query": algo.query,
        "algo-open": algo.open,
        "algo-history": algo.all,
    }


def _histories(history: History, income: Income, around: Surroundings) -> dict[str, Handler]:
    return {
        "amendments": history.amendments,
        "force-orders": history.forced,
        "income": income.history,
        "adl-quantile": around.adl_quantile,
        "conduct": around.conduct,
        "agreement": around.agree,
    }


def _accounts(accounts: Accounts) -> dict[str, Handler]:
    return {
        "positions-v2": accounts.positions_v2,
        "positions-v3": accounts.positions_v3,
        "account-v2": accounts.account_v2,
        "account-v3": accounts.account_v3,
        "balance-v2": accounts.balances,
        "balance-v3": accounts.balances,
        "account-config": accounts.config,
        "symbol-config": accounts.symbol_config,
        "leverage-bracket": accounts.brackets,
        "commission-rate": accounts.commission,
    }


def _settings(settings: Settings) -> dict[str, Handler]:
    return {
        "leverage": settings.set_leverage,
        "margin-type": settings.set_margin_mode,
        "set-position-mode": settings.set_position_mode,
        "position-mode": settings.position_mode,
        "set-multi-assets": settings.set_multi_assets,
        "multi-assets": settings.multi_assets,
        "set-fee-burn": settings.set_fee_burn,
        "fee-burn": settings.fee_burn,
        "move-margin": settings.move_margin,
        "margin-history": settings.margin_history,
        "countdown": settings.countdown,
    }


def _order_limits(_call: Call) -> bytes:
    """GET /fapi/v1/rateLimit/order."""
    return orjson.dumps([rate_limit("ORDERS", "orders"), rate_limit("ORDERS", "orders-minute")])


def _restrictions(_call: Call) -> bytes:
    """GET /sapi/v1/account/apiRestrictions."""
    return orjson.dumps(_RESTRICTIONS)


def _nothing(_call: Call) -> str:
    """Answer a list that clients read at start and that is empty here."""
    return "[]"
