"""Which handler answers which endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import orjson

from conformance.errors import InvariantBroken
from conformance.venues.binance_usdm.facts import ENDPOINTS
from conformance.venues.binance_usdm.server.accounts import Accounts
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.limits import rate_limit
from conformance.venues.binance_usdm.server.market import Market
from conformance.venues.binance_usdm.server.queries import Queries
from conformance.venues.binance_usdm.server.sessions import Sessions
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


def handlers(
    market: Market, trading: Trading, queries: Queries, accounts: Accounts, sessions: Sessions
) -> Mapping[str, Handler]:
    """Return the handlers by endpoint name; raise InvariantBroken when one is missing."""
    found: dict[str, Handler] = {
        **_public(market),
        **_trading(trading, queries),
        **_accounts(accounts),
        "listen-key-create": sessions.create,
        "listen-key-extend": sessions.extend,
        "listen-key-close": sessions.remove,
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
        "funding-rate": market.funding_rate,
        "funding-info": market.funding_info,
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


def _accounts(accounts: Accounts) -> dict[str, Handler]:
    return {
        "leverage": accounts.set_leverage,
        "margin-type": accounts.set_margin_mode,
        "set-position-mode": accounts.set_position_mode,
        "position-mode": accounts.position_mode,
        "multi-assets": accounts.multi_assets,
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


def _order_limits(_call: Call) -> bytes:
    """GET /fapi/v1/rateLimit/order."""
    return orjson.dumps([rate_limit("ORDERS", "orders"), rate_limit("ORDERS", "orders-minute")])


def _restrictions(_call: Call) -> bytes:
    """GET /sapi/v1/account/apiRestrictions."""
    return orjson.dumps(_RESTRICTIONS)


def _nothing(_call: Call) -> str:
    """Answer a list that clients read at start and that is empty here."""
    return "[]"
