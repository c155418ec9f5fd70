"""Unmodified pybit trades on ``conformance sim --venue bybit`` in real time: REST and streams."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pybit")

from pybit.exceptions import InvalidRequestError

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.peers import pybit

SYMBOL = "BTCUSDT"
ORDER = {"category": "linear", "symbol": SYMBOL, "orderType": "Limit", "qty": "0.002"}
COIN = {"category": "inverse", "symbol": "BTCUSD", "orderType": "Limit", "qty": "10"}
"""What travels by stream: its rate is not that of the orders by REST, which pybit asks anew."""
AWAY = "59900.10"
BOUND_S = 30
"""How long anything here may take, on a machine that does much else."""


@pytest.fixture
def standing() -> Iterator[tuple[Endpoints, dict[str, Credentials]]]:
    """Each test has a venue of its own: they must not use up each other's ten orders a second.

    What pybit makes of a 10006 that comes late is no answer: it sleeps until an instant that may
    have passed, which is a ValueError.
    """
    command = [Path(sys.executable).with_name("conformance"), "sim", "--venue", "bybit"]
    command += ["--lag-ms", "50"]  # pybit looks for an answer only after it has sent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        keys = {each["kind"]: Credentials(**each) for each in told["credentials"]}
        yield Endpoints(told["venue"], told["rest"], told["streams"]), keys
        process.send_signal(signal.SIGTERM)
        assert process.wait(BOUND_S) == 0


@pytest.fixture
def venue(standing) -> Endpoints:
    return standing[0]


@pytest.fixture
def key(standing) -> Credentials:
    return standing[1]["hmac"]


@contextmanager
def rest(venue: Endpoints, key: Credentials) -> Iterator[Any]:
    client = pybit.http(venue, key)
    with closing(client.client):
        yield client


class Told:
    """What the callbacks of a stream were called with."""

    def __init__(self) -> None:
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self.take = self.messages.put

    def row(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a row; those before it are dropped."""
        while True:
            data = self.messages.get(timeout=BOUND_S)["data"]
            for row in data if isinstance(data, list) else [data]:
                if wanted(row):
                    return row


@contextmanager
def heard(stream: Any) -> Iterator[Told]:
    try:
        yield Told()
    finally:
        stream.exit()


def buy(client: Any, name: str, **changes: object) -> dict[str, Any]:
    order = {**ORDER, "side": "Buy", "price": AWAY, "orderLinkId": name, **changes}
    return client.place_order(**order)["result"]


@pytest.mark.parametrize("kind", ["hmac", "rsa"])
def test_an_order_lives_through_rest_with_every_kind_of_key(standing, kind):
    endpoints, keys = standing
    name = f"pybit-{kind}"
    with rest(endpoints, keys[kind]) as client:
        placed = buy(client, name)
        ids = {"category": "linear", "symbol": SYMBOL, "orderLinkId": name}
        assert client.amend_order(**ids, qty="0.003")["result"]["orderId"] == placed["orderId"]
        (row,) = client.get_open_orders(**ids)["result"]["list"]
        assert (row["orderStatus"], row["qty"], row["price"]) == ("New", "0.003", AWAY)
        client.cancel_order(**ids)
        (row,) = client.get_open_orders(**ids)["result"]["list"]
        assert (row["orderStatus"], row["cancelType"]) == ("Cancelled", "CancelByUser")
        (row,) = client.get_order_history(**ids)["result"]["list"]
        assert row["orderId"] == placed["orderId"]


def test_refusals_are_raised_with_their_code(venue, key):
    with rest(venue, key) as client:
        with pytest.raises(InvalidRequestError) as refused:
            client.cancel_order(category="linear", symbol=SYMBOL, orderLinkId="nobody-s")
        assert refused.value.status_code == 110001
        buy(client, "pybit-twice")
        with pytest.raises(InvalidRequestError) as refused:
            buy(client, "pybit-twice")
        assert refused.value.status_code == 110072
        client.cancel_all_orders(category="linear", symbol=SYMBOL)


def test_a_crossing_post_only_order_is_taken_in_and_cancelled(venue, key):
    with rest(venue, key) as client:
        placed = buy(client, "pybit-maker", price="60500.00", timeInForce="PostOnly")
        ids = {"category": "linear", "symbol": SYMBOL, "orderId": placed["orderId"]}
        (row,) = client.get_open_orders(**ids)["result"]["list"]
        assert (row["orderStatus"], row["rejectReason"]) == (
            "Cancelled",
            "EC_PostOnlyWillTakeLiquidity",
        )


def test_a_batch_has_an_outcome_for_each_order(venue, key):
    with rest(venue, key) as client:
        good = {**ORDER, "side": "Buy", "price": AWAY, "orderLinkId": "pybit-b1"}
        bad = {**good, "orderLinkId": "pybit-b2", "positionIdx": 1}
        del good["category"], bad["category"]
        said = client.place_batch_order(category="linear", request=[good, bad])
        assert [each["code"] for each in said["retExtInfo"]["list"]] == [0, 10001]
        first, second = said["result"]["list"]
        assert first["orderId"]
        assert not second["orderId"]
        gone = [{"symbol": SYMBOL, "orderLinkId": "pybit-b1"}]
        said = client.cancel_batch_order(category="linear", request=gone)
        assert said["retExtInfo"]["list"] == [{"code": 0, "msg": "OK"}]


def test_positions_leverage_and_stops_by_rest(venue, key):
    with rest(venue, key) as client:
        linear = {"category": "linear", "symbol": SYMBOL}
        client.set_leverage(**linear, buyLeverage="7", sellLeverage="7")
        with pytest.raises(InvalidRequestError) as refused:
            client.set_leverage(**linear, buyLeverage="7", sellLeverage="7")
        assert refused.value.status_code == 110043
        for symbol in (SYMBOL, "ETHUSDT"):
            order = {"symbol": symbol, "side": "Buy", "orderType": "Market", "qty": "0.01"}
            client.place_order(category="linear", orderLinkId=f"pybit-{symbol}", **order)
        client.set_trading_stop(
            **linear, tpslMode="Full", positionIdx=0, takeProfit="90000", stopLoss="30000"
        )
        held, cursor = [], ""
        while True:
            page = {"category": "linear", "settleCoin": "USDT", "limit": 1, "cursor": cursor}
            result = client.get_positions(**page)["result"]
            held += result["list"]
            cursor = result["nextPageCursor"]
            if not cursor:
                break
        legs = {row["symbol"]: row for row in held}
        assert (legs[SYMBOL]["size"], legs[SYMBOL]["leverage"]) == ("0.010", "7")
        assert Decimal(legs[SYMBOL]["stopLoss"]) == 30000
        named = {**linear, "orderLinkId": f"pybit-{SYMBOL}"}
        fills = client.get_executions(**named)["result"]["list"]
        assert sum(Decimal(row["execQty"]) for row in fills) == Decimal("0.01")
        (wallet,) = client.get_wallet_balance(accountType="UNIFIED")["result"]["list"]
        assert {coin["coin"] for coin in wallet["coin"]} >= {"USDT"}
        for symbol in (SYMBOL, "ETHUSDT"):
            order = {"symbol": symbol, "side": "Sell", "orderType": "Market", "qty": "0.01"}
            client.place_order(category="linear", reduceOnly=True, **order)


def test_the_account_is_told_by_stream(venue, key):
    stream = pybit.private(venue, key)
    with rest(venue, key) as client, heard(stream) as told:
        stream.order_stream(told.take)
        stream.execution_stream(told.take)
        stream.position_stream(told.take)
        stream.wallet_stream(told.take)
        placed = buy(client, "pybit-told")
        row = told.row(lambda row: row.get("orderLinkId") == "pybit-told")
        assert (row["orderStatus"], row["orderId"]) == ("New", placed["orderId"])
        buy(client, "pybit-taken", orderType="Market", price="")
        row = told.row(lambda row: row.get("execType") == "Trade")
        assert Decimal(row["execQty"]) <= Decimal("0.002")
        assert told.row(lambda row: row.get("entryPrice") not in (None, "0"))["symbol"] == SYMBOL
        assert told.row(lambda row: "totalWalletBalance" in row)["accountType"] == "UNIFIED"
        client.cancel_all_orders(category="linear", symbol=SYMBOL)
        whole = {"qty": "0", "reduceOnly": True, "closeOnTrigger": True}
        order = {"symbol": SYMBOL, "side": "Sell", "orderType": "Market", **whole}
        client.place_order(category="linear", **order)


def test_orders_are_placed_by_stream(venue, key):
    stream = pybit.trading(venue, key)
    with rest(venue, key) as client, heard(stream) as told:
        order = {**COIN, "side": "Buy", "price": AWAY, "orderLinkId": "pybit-ws"}
        stream.place_order(told.take, told.take, **order)
        assert told.row(lambda row: row["orderLinkId"] == "pybit-ws")["orderId"]
        ids = {"category": "inverse", "symbol": "BTCUSD", "orderLinkId": "pybit-ws"}
        stream.amend_order(told.take, told.take, **ids, qty="40")
        assert told.row(lambda row: row["orderLinkId"] == "pybit-ws")
        (row,) = client.get_open_orders(**ids)["result"]["list"]
        assert row["qty"] == "40"
        stream.cancel_order(told.take, told.take, **ids)
        assert told.row(lambda row: row["orderLinkId"] == "pybit-ws")


def test_books_trades_and_tickers_are_told_by_stream(venue):
    stream = pybit.public(venue)
    with heard(stream) as told:
        stream.orderbook_stream(50, SYMBOL, told.take)
        book = told.row(lambda row: "b" in row)
        assert Decimal(book["b"][0][0]) < Decimal(book["a"][0][0])
        stream.ticker_stream(SYMBOL, told.take)
        assert told.row(lambda row: "markPrice" in row)["symbol"] == SYMBOL


def test_orders_of_a_batch_are_amended_and_history_is_read_page_by_page(venue, key):
    with rest(venue, key) as client:
        names = [f"pybit-page{number}" for number in range(5)]
        order = {**ORDER, "side": "Buy", "price": AWAY}
        del order["category"]
        asked = [{**order, "orderLinkId": name} for name in names]
        client.place_batch_order(category="linear", request=asked)
        rows = [{"symbol": SYMBOL, "orderLinkId": name, "qty": "0.005"} for name in names[:2]]
        rows.append({"symbol": SYMBOL, "orderLinkId": "pybit-nobody", "qty": "0.005"})
        said = client.amend_batch_order(category="linear", request=rows)
        assert [each["code"] for each in said["retExtInfo"]["list"]] == [0, 0, 110001]
        linear = {"category": "linear", "symbol": SYMBOL}
        told, cursor = [], ""
        while True:
            result = client.get_open_orders(**linear, limit=2, cursor=cursor)["result"]
            told += [(row["orderLinkId"], row["qty"]) for row in result["list"]]
            cursor = result["nextPageCursor"]
            if not cursor:
                break
        assert sorted(told) == [(n, "0.005" if n in names[:2] else "0.002") for n in names]
        ended = client.cancel_all_orders(category="linear", baseCoin="BTC")["result"]
        assert {row["orderLinkId"] for row in ended["list"]} == set(names)


def test_modes_of_position_and_margin_are_switched_and_back(venue, key):
    with rest(venue, key) as client:
        linear = {"category": "linear", "symbol": SYMBOL}
        client.set_margin_mode(setMarginMode="ISOLATED_MARGIN")
        assert client.get_account_info()["result"]["marginMode"] == "ISOLATED_MARGIN"
        client.switch_position_mode(category="linear", coin="USDT", mode=3)
        for leg, side in ((1, "Buy"), (2, "Sell")):
            order = {**linear, "side": side, "orderType": "Market", "qty": "0.002"}
            client.place_order(**order, positionIdx=leg)
        client.add_or_reduce_margin(**linear, margin="5", positionIdx=1)
        held = {row["positionIdx"]: row for row in client.get_positions(**linear)["result"]["list"]}
        assert {leg: row["side"] for leg, row in held.items()} == {1: "Buy", 2: "Sell"}
        assert Decimal(held[1]["positionBalance"]) > Decimal(held[2]["positionBalance"])
        client.set_trading_stop(**linear, positionIdx=2, tpslMode="Full", trailingStop="500")
        parts = {"tpslMode": "Partial", "stopLoss": "30000", "slSize": "0.001"}
        client.set_trading_stop(**linear, positionIdx=1, **parts)
        stops = client.get_open_orders(**linear, orderFilter="StopOrder")["result"]["list"]
        assert {(row["stopOrderType"], row["positionIdx"], row["qty"]) for row in stops} == {
            ("TrailingStop", 2, "0.002"),
            ("PartialStopLoss", 1, "0.001"),
        }
        for leg, side in ((1, "Sell"), (2, "Buy")):
            order = {**linear, "side": side, "orderType": "Market", "qty": "1"}
            client.place_order(**order, positionIdx=leg, reduceOnly=True)
        assert {row["size"] for row in client.get_positions(**linear)["result"]["list"]} == {
            "0.000"
        }
        closed = client.get_closed_pnl(**linear, limit=2)["result"]["list"]
        assert {row["side"] for row in closed} == {"Buy", "Sell"}
        client.switch_position_mode(category="linear", coin="USDT", mode=0)
        client.set_margin_mode(setMarginMode="REGULAR_MARGIN")


def test_batches_travel_by_stream_and_failures_reach_their_own_callback(venue, key):
    stream = pybit.trading(venue, key)
    with heard(stream) as told:
        order = {**COIN, "side": "Buy", "price": AWAY}
        del order["category"]
        rows = [{**order, "orderLinkId": f"pybit-wb{number}"} for number in range(2)]
        stream.place_batch_order(told.take, None, category="inverse", request=rows)
        said = told.messages.get(timeout=BOUND_S)
        assert [row["orderLinkId"] for row in said["data"]["list"]] == ["pybit-wb0", "pybit-wb1"]
        assert [row["code"] for row in said["retExtInfo"]["list"]] == [0, 0]
        assert int(said["header"]["X-Bapi-Limit-Status"]) <= 8
        gone = [{"symbol": "BTCUSD", "orderLinkId": f"pybit-wb{number}"} for number in range(2)]
        stream.cancel_batch_order(told.take, None, category="inverse", request=gone)
        assert told.messages.get(timeout=BOUND_S)["op"] == "order.cancel-batch"
        ids = {"category": "inverse", "symbol": "BTCUSD", "orderLinkId": "pybit-nobody"}
        stream.cancel_order(None, told.take, **ids)
        assert told.messages.get(timeout=BOUND_S)["retCode"] == 110001


def test_fast_executions_candles_trades_and_every_depth_are_told_by_stream(venue, key):
    public, account = pybit.public(venue), pybit.private(venue, key)
    with rest(venue, key) as client, heard(public) as told, heard(account) as own:
        account.fast_execution_stream(own.take)
        for depth in (1, 50, 200, 1000):
            public.orderbook_stream(depth, "ETHUSDT", told.take)
            assert told.row(lambda row: row.get("s") == "ETHUSDT")["b"]
        public.trade_stream("ETHUSDT", told.take)
        public.kline_stream(1, "ETHUSDT", told.take)
        public.all_liquidation_stream("ETHUSDT", told.take)
        order = {"symbol": "ETHUSDT", "orderType": "Market", "qty": "0.02"}
        client.place_order(category="linear", side="Buy", **order)
        assert own.row(lambda row: row["symbol"] == "ETHUSDT")["isMaker"] is False
        assert told.row(lambda row: row.get("L"))["s"] == "ETHUSDT"
        assert told.row(lambda row: "confirm" in row)["interval"] == "1"
        client.place_order(category="linear", side="Sell", reduceOnly=True, **order)
