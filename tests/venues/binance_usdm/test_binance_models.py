"""The official SDK's own models accept every reply and event, and miss nothing in them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("binance_sdk_derivatives_trading_usds_futures")

from conformance.model.commands import Deposit, SetLast, SetMark, SetPhase, SettleFunding
from conformance.model.instruments import Phase
from conformance.venues.binance_usdm.facts import ENDPOINTS, METHODS
from tests.venues.binance_usdm.busy import REQUESTS, STOP, ask, stage
from tests.venues.binance_usdm.caller import Caller

JUDGE = Path(__file__).with_name("models.py")
UNIT = 10**8

MODELS = {
    "time": "check_server_time",
    "exchange-info": "exchange_information",
    "depth": "order_book",
    "rpi-depth": "rpi_order_book",
    "trades": "recent_trades_list",
    "historical-trades": "old_trades_lookup",
    "agg-trades": "compressed_aggregate_trades_list",
    "premium-index": "mark_price",
    "funding-rate": "get_funding_rate_history",
    "funding-info": "get_funding_rate_info",
    "ticker-24h": "ticker24hr_price_change_statistics",
    "ticker-price-v1": "symbol_price_ticker",
    "ticker-price": "symbol_price_ticker_v2",
    "book-ticker": "symbol_order_book_ticker",
    "open-interest": "open_interest",
    "adl-risk": "adl_risk",
    "insurance": "query_insurance_fund_balance_snapshot",
    "asset-index": "asset_index",
    "constituents": "query_index_price_constituents",
    "trading-schedule": "trading_schedule",
    "place": "new_order",
    "place-test": "test_order",
    "amend": "modify_order",
    "cancel": "cancel_order",
    "query-order": "query_order",
    "place-batch": "place_multiple_orders",
    "amend-batch": "modify_multiple_orders",
    "cancel-batch": "cancel_multiple_orders",
    "cancel-all": "cancel_all_open_orders",
    "query-open-order": "query_current_open_order",
    "open-orders": "current_all_open_orders",
    "all-orders": "all_orders",
    "user-trades": "account_trade_list",
    "amendments": "get_order_modify_history",
    "countdown": "auto_cancel_all_open_orders",
    "algo-place": "new_algo_order",
    "algo-cancel": "cancel_algo_order",
    "algo-cancel-all": "cancel_all_algo_open_orders",
    "algo-query": "query_algo_order",
    "algo-open": "current_all_algo_open_orders",
    "algo-history": "query_all_algo_orders",
    "leverage": "change_initial_leverage",
    "margin-type": "change_margin_type",
    "set-position-mode": "change_position_mode",
    "position-mode": "get_current_position_mode",
    "set-multi-assets": "change_multi_assets_mode",
    "multi-assets": "get_current_multi_assets_mode",
    "move-margin": "modify_isolated_position_margin",
    "margin-history": "get_position_margin_change_history",
    "adl-quantile": "position_adl_quantile_estimation",
    "agreement": "futures_tradfi_perps_contract",
    "income": "get_income_history",
    "conduct": "futures_trading_quantitative_rules_indicators",
    "fee-burn": "get_bnb_burn_status",
    "set-fee-burn": "toggle_bnb_burn_on_futures_trade",
    "positions-v2": "position_information_v2",
    "positions-v3": "position_information_v3",
    "account-v2": "account_information_v2",
    "account-v3": "account_information_v3",
    "balance-v2": "futures_account_balance_v2",
    "balance-v3": "futures_account_balance_v3",
    "account-config": "futures_account_configuration",
    "symbol-config": "symbol_configuration",
    "leverage-bracket": "notional_and_leverage_brackets",
    "commission-rate": "user_commission_rate",
    "order-limits": "query_user_rate_limit",
    "listen-key-create": "start_user_data_stream",
    "listen-key-extend": "keepalive_user_data_stream",
    "force-orders": "users_force_orders",
}
UNMODELLED = {
    "ping": "an empty object",
    "listen-key-close": "an empty object",
    "klines": "rows of values without names",
    "continuous-klines": "rows of values without names",
    "index-klines": "rows of values without names",
    "mark-klines": "rows of values without names",
    "premium-klines": "rows of values without names",
    "index-info": "no composite index is listed",
    "api-restrictions": "another package",
    "capital-config": "another package",
    "margin-pairs": "another package",
    "isolated-pairs": "another package",
}
TRAILING = re.compile(r"(order|orders)_response\.(result\.)?(activatePrice|priceRate) is missing")
"""Only of trailing stops, which are algo orders now."""
ABSENT = (
    TRAILING,
    # either an order, or what is wrong with it
    re.compile(r"multiple_orders_response\.(code|msg) is missing"),
    # only where it was sent
    re.compile(r"modify_multiple_orders_response\.modifyId is missing"),
    # each filter has keys of its own
    re.compile(r"exchange_information_response\.symbols\.filters\."),
    # nothing is locked here; only of a cross position in hedge mode
    re.compile(r"indicators_response\.indicators\.|adlQuantile\.HEDGE is missing"),
    # only of trailing stops, of amendments that sent one, and of executions with a fee
    re.compile(r"order_trade_update\.o\.(AP|cr|M|N|n) is missing"),
    # only on FUNDING_FEE; only for cross positions; one of the two kinds of settings
    re.compile(r"account_update\.a\.S is missing|account_config_update\.(ac|ai) is missing"),
    re.compile(r"margin_call\.cw is missing"),
    # only on REJECTED and EXPIRED; only when brackets change
    re.compile(r"algo_update\.o\.rm is missing|contract_info_stream_response\.bks is missing"),
)


def judge(rows):
    """Return what the SDK's models find fault with, from a process of its own."""
    done = subprocess.run(
        [sys.executable, JUDGE],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_endpoint_has_a_model_or_a_reason():
    assert MODELS.keys() | UNMODELLED.keys() == ENDPOINTS.keys()


def test_the_models_accept_every_reply(make_counter):
    rows = []
    for name, model in MODELS.items():
        if name != "force-orders":
            rows.append(["rest_api", f"{model}_response", ask(stage(make_counter), name)])
    assert disputed(rows) == []


def test_the_models_accept_a_forced_order(make_counter):
    counter = make_counter()
    disaster(counter)
    rows = counter.ok("GET", "/fapi/v1/forceOrders")
    assert rows[0]["clientOrderId"].startswith("autoclose-")
    assert disputed([["rest_api", "users_force_orders_response", rows]]) == []


CALLED = {
    "depth": ("order_book", {}),
    "ticker.price": ("symbol_price_ticker", {}),
    "ticker.book": ("symbol_order_book_ticker", {}),
    "order.place": ("new_order", REQUESTS["place"]),
    "order.modify": ("modify_order", REQUESTS["amend"]),
    "order.cancel": ("cancel_order", REQUESTS["cancel"]),
    "order.status": ("query_order", REQUESTS["query-order"]),
    "algoOrder.place": ("new_algo_order", STOP),
    "algoOrder.cancel": ("cancel_algo_order", REQUESTS["algo-cancel"]),
    "account.balance": ("futures_account_balance", {}),
    "v2/account.balance": ("futures_account_balance_v2", {}),
    "account.status": ("account_information", {}),
    "v2/account.status": ("account_information_v2", {}),
    "account.position": ("position_information", {}),
    "v2/account.position": ("position_information_v2", {}),
    "userDataStream.start": ("start_user_data_stream", {}),
    "userDataStream.ping": ("keepalive_user_data_stream", {}),
    "userDataStream.stop": ("close_user_data_stream", {}),
}
KEYS_ONLY = {"start_user_data_stream", "keepalive_user_data_stream", "close_user_data_stream"}
UNCALLED = {"ping", "time", "session.logon", "session.status", "session.logout"}
"""Methods for whose replies the SDK has no model."""


def test_every_method_has_a_model_or_none_exists():
    assert CALLED.keys() | UNCALLED == METHODS.keys()


def test_the_models_accept_the_reply_of_every_method(make_counter):
    rows = []
    for method, (model, params) in CALLED.items():
        caller = Caller(stage(make_counter))
        if method.startswith("userDataStream"):
            caller.counter.user_stream(1)
        named = {"symbol": "BTCUSDT", **params} if model not in KEYS_ONLY else {}
        reply = caller.signed(method, number="one", **named)
        assert reply["status"] == 200, (method, reply)
        rows.append(["websocket_api", f"{model}_response", reply])
    # the SDK declares the levels twice: in the result, where they are, and beside it
    assert disputed(rows) == [f"order_book_response.{side} is missing" for side in ("asks", "bids")]


def disputed(rows):
    return [each for each in judge(rows) if not any(rule.search(each) for rule in ABSENT)]


STREAMS = {
    "btcusdt@depth": "diff_book_depth_streams_response",
    "btcusdt@depth10@100ms": "partial_book_depth_streams_response",
    "btcusdt@rpiDepth@500ms": "rpi_diff_book_depth_streams_response",
    "btcusdt@bookTicker": "individual_symbol_book_ticker_streams_response",
    "!bookTicker": "all_book_tickers_stream_response",
    "btcusdt@aggTrade": "aggregate_trade_streams_response",
    "btcusdt@markPrice@1s": "mark_price_stream_response",
    "!markPrice@arr@1s": "mark_price_stream_for_all_market_response",
    "btcusdt@kline_1m": "kline_candlestick_streams_response",
    "btcusdt_perpetual@continuousKline_1m": (
        "continuous_contract_kline_candlestick_streams_response"
    ),
    "btcusdt@miniTicker": "individual_symbol_mini_ticker_stream_response",
    "!miniTicker@arr": "all_market_mini_tickers_stream_response",
    "btcusdt@ticker": "individual_symbol_ticker_streams_response",
    "!ticker@arr": "all_market_tickers_streams_response",
    "btcusdt@forceOrder": "liquidation_order_streams_response",
    "!forceOrder@arr": "all_market_liquidation_order_streams_response",
    "!contractInfo": "contract_info_stream_response",
    "!assetIndex@arr": "asset_index_response",
    "usdtusd@assetIndex": "asset_index_response",
}
EVENTS = {
    "ORDER_TRADE_UPDATE": "order_trade_update",
    "ACCOUNT_UPDATE": "account_update",
    "ACCOUNT_CONFIG_UPDATE": "account_config_update",
    "TRADE_LITE": "trade_lite",
    "ALGO_UPDATE": "algo_update",
    "MARGIN_CALL": "margin_call",
    "CONDITIONAL_ORDER_TRIGGER_REJECT": "conditional_order_trigger_reject",
    "listenKeyExpired": "listen_key_expired",
}


def disaster(counter):
    """Let trades, stops, funding, a margin call, a liquidation and a delisting happen."""
    counter.command(Deposit("testee", "USDT", -990_000 * UNIT))
    counter.others("sell", 600_000, 3_000)
    counter.wait(triggerPrice="60500", reduceOnly="true")
    counter.command(SetLast("BTCUSDT", 60_500 * UNIT))
    counter.close("3.0", side="BUY")
    counter.others("buy", 590_000, 500)
    counter.place(price="58000", newClientOrderId="resting")
    counter.command(SettleFunding("BTCUSDT", 1_000))
    counter.until_quiet(counter.at + 6_000)
    for price in (57_000, 56_700):
        counter.command(SetMark("BTCUSDT", price * UNIT))
    counter.until_quiet(counter.at + 2_000)
    counter.command(SetPhase("BTCUSDT", Phase.HALTED))


def test_the_models_accept_every_stream(make_counter):
    counter = make_counter(wrong_route="serve")
    counter.open(3, "/market/stream", f"streams={'/'.join(STREAMS)}")
    disaster(counter)
    frames = counter.frames(3)
    assert {frame["stream"] for frame in frames} == STREAMS.keys()
    rows = [["websocket_streams", STREAMS[f["stream"]], f["data"]] for f in frames]
    # the SDK's model of a single liquidation lacks what its model of all has
    assert disputed(rows) == []


def test_the_models_accept_every_user_event(make_counter):
    frames = []
    for switches in ({}, {"legacy_conditional": True}):
        counter = make_counter(**switches)
        counter.user_stream(1)
        if switches:
            sent = {"type": "STOP_MARKET", "price": None, "timeInForce": None, "stopPrice": "60500"}
            counter.place(**sent, reduceOnly="true")
        disaster(counter)
        counter.ok("POST", "/fapi/v1/leverage", {"symbol": "ETHUSDT", "leverage": "5"})
        counter.pushes.extend(counter.server.expire_stream_key("testee", counter.at))
        frames += counter.frames(1)
    assert {frame["e"] for frame in frames} == EVENTS.keys()
    assert disputed([["websocket_streams", EVENTS[f["e"]], f] for f in frames]) == []


def test_the_judge_itself_finds_faults(make_counter):
    good = ask(stage(make_counter), "place")
    assert disputed([["rest_api", "new_order_response", good]]) == []
    for bad in ({**good, "orderId": "7"}, {k: v for k, v in good.items() if k != "orderId"}):
        assert disputed([["rest_api", "new_order_response", bad]])
