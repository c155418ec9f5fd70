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
AWAY = "59900.10"
BOUND_S = 30
"""How long anything here may take, on a machine that does much else."""


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[Endpoints, dict[str, Credentials]]]:
    command = [Path(sys.executable).with_name("conformance"), "sim", "--venue", "bybit"]
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
        order = {**ORDER, "side": "Buy", "price": AWAY, "orderLinkId": "pybit-ws"}
        stream.place_order(told.take, told.take, **order)
        assert told.row(lambda row: row["orderLinkId"] == "pybit-ws")["orderId"]
        ids = {"category": "linear", "symbol": SYMBOL, "orderLinkId": "pybit-ws"}
        stream.amend_order(told.take, told.take, **ids, qty="0.004")
        assert told.row(lambda row: row["orderLinkId"] == "pybit-ws")
        (row,) = client.get_open_orders(**ids)["result"]["list"]
        assert row["qty"] == "0.004"
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
