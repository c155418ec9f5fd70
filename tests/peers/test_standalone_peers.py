"""Unmodified clients trade on ``conformance sim`` in a process of its own, in real time."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytest.importorskip("ccxt")
pytest.importorskip("binance_sdk_derivatives_trading_usds_futures")

from binance_common.configuration import ConfigurationWebSocketStreams
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
    DerivativesTradingUsdsFutures,
)

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.peers import binance_sdk, ccxt

SYMBOL, UNIFIED = "BTCUSDT", "BTC/USDT:USDT"
QUANTITY, PRICE, BETTER = 0.002, 55_000.1, 55_100.2
BOUND_S = 30
"""How long anything here may take, on a machine that does much else."""


class Standing(NamedTuple):
    """Where the simulator listens and what opens it."""

    endpoints: Endpoints
    credentials: dict[str, Credentials]


@pytest.fixture(scope="module")
def standing() -> Iterator[Standing]:
    command = [Path(sys.executable).with_name("conformance"), "sim", "--seed", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        keys = {each["kind"]: Credentials(**each) for each in told["credentials"]}
        yield Standing(Endpoints(told["venue"], told["rest"], told["streams"]), keys)
        process.send_signal(signal.SIGTERM)
        assert process.wait(BOUND_S) == 0


def play(story: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(BOUND_S):
            await story()

    asyncio.run(bounded())


@pytest.mark.parametrize("kind", ["hmac", "rsa", "ed25519"])
def test_the_official_sdk_trades(standing: Standing, kind: str) -> None:
    configuration = binance_sdk.configuration(standing.endpoints, standing.credentials[kind])
    rest = DerivativesTradingUsdsFutures(config_rest_api=configuration).rest_api
    name = f"sdk-{kind}"
    placed = rest.new_order(
        SYMBOL, "BUY", "LIMIT", time_in_force="GTC", quantity=QUANTITY, price=PRICE,
        new_client_order_id=name,
    ).data()  # fmt: skip
    assert (placed.client_order_id, placed.status) == (name, "NEW")
    amended = rest.modify_order(SYMBOL, "BUY", QUANTITY, BETTER, orig_client_order_id=name).data()
    assert float(amended.price) == BETTER
    assert rest.query_order(SYMBOL, orig_client_order_id=name).data().order_id == placed.order_id
    assert name in [each.client_order_id for each in rest.current_all_open_orders(SYMBOL).data()]
    assert rest.cancel_order(SYMBOL, orig_client_order_id=name).data().status == "CANCELED"
    assert "USDT" in {each.asset for each in rest.futures_account_balance_v3().data()}
    assert rest.position_information_v3().data() is not None
    assert len(rest.order_book(SYMBOL, limit=5).data().bids) == 5
    rest._session.close()


def test_the_official_sdk_watches_orders_and_books(standing: Standing) -> None:
    async def story() -> None:
        configuration = binance_sdk.configuration(standing.endpoints, standing.credentials["hmac"])
        sdk = DerivativesTradingUsdsFutures(
            config_rest_api=configuration,
            config_ws_streams=ConfigurationWebSocketStreams(stream_url=standing.endpoints.streams),
        )
        rest, streams = sdk.rest_api, sdk.websocket_streams
        orders: asyncio.Queue[Any] = asyncio.Queue()
        books: asyncio.Queue[Any] = asyncio.Queue()
        await streams.create_connection()
        key = (await asyncio.to_thread(rest.start_user_data_stream)).data().listen_key
        (await streams.user_data(key)).on("message", orders.put_nowait)
        depth = await streams.diff_book_depth_streams(symbol=SYMBOL.lower())
        depth.on("message", books.put_nowait)

        new = {"time_in_force": "GTC", "quantity": QUANTITY, "price": PRICE}
        name = {"new_client_order_id": "sdk-watched"}
        await asyncio.to_thread(rest.new_order, SYMBOL, "BUY", "LIMIT", **new, **name)
        await asyncio.to_thread(rest.cancel_order, SYMBOL, orig_client_order_id="sdk-watched")
        seen = [(await orders.get()).actual_instance.o for _ in range(2)]
        assert [(each.c, each.X) for each in seen] == [
            ("sdk-watched", "NEW"),
            ("sdk-watched", "CANCELED"),
        ]
        update = await books.get()
        assert (update.s, bool(update.b or update.a)) == (SYMBOL, True)
        await streams.close_connection(close_session=True)
        rest._session.close()

    play(story)


def test_ccxt_trades_and_watches_orders_and_books(standing: Standing) -> None:
    async def story() -> None:
        exchange = ccxt.exchange(standing.endpoints, standing.credentials["hmac"])
        try:
            await exchange.load_markets()
            watched = asyncio.create_task(exchange.watch_orders())
            book = await exchange.watch_order_book(UNIFIED)
            assert book["bids"][0][0] < book["asks"][0][0]
            while not (private := [url for url in exchange.clients if "private" in url]):
                await asyncio.sleep(0.01)
            await exchange.clients[private[0]].connected

            name = {"clientOrderId": "ccxt-watched"}
            placed = await exchange.create_order(UNIFIED, "limit", "buy", QUANTITY, PRICE, name)
            assert (await watched)[-1]["clientOrderId"] == "ccxt-watched"
            amended = await exchange.edit_order(
                placed["id"], UNIFIED, "limit", "buy", QUANTITY, BETTER
            )
            assert amended["price"] == BETTER
            fetched = await exchange.fetch_order(placed["id"], UNIFIED)
            assert fetched["status"] == "open"
            opened = await exchange.fetch_open_orders(UNIFIED)
            assert placed["id"] in [each["id"] for each in opened]
            cancelled = await exchange.cancel_order(placed["id"], UNIFIED)
            assert cancelled["status"] == "canceled"
            assert (await exchange.fetch_balance())["USDT"]["total"] > 0
            assert await exchange.fetch_positions() == []
        finally:
            await exchange.close()

    play(story)
