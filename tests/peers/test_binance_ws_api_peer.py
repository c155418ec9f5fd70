"""The official SDK's WebSocket API client, unmodified, trades on the simulator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

pytest.importorskip("binance_sdk_derivatives_trading_usds_futures")

from binance_common.configuration import ConfigurationWebSocketAPI
from binance_sdk_derivatives_trading_usds_futures.websocket_api.websocket_api import (
    DerivativesTradingUsdsFuturesWebSocketAPI as WebSocketApi,
)

from conformance.contracts.world import World
from conformance.sim import SimWorld
from conformance.venues import load
from conformance.virtual import run

pytestmark = pytest.mark.filterwarnings(
    "ignore:parameter 'timeout' of type 'float' is deprecated:DeprecationWarning"
)
Story = Callable[[WebSocketApi, World], Awaitable[None]]


def play(story: Story, *, key_kind: str = "hmac", **settings: object) -> None:
    async def main() -> None:
        async with SimWorld(load("binance_usdm"), seed=5, key_kind=key_kind) as world:
            key = world.credentials
            secret = "api_secret" if key_kind == "hmac" else "private_key"
            client = WebSocketApi(
                ConfigurationWebSocketAPI(
                    api_key=key.key,
                    stream_url=dict(world.endpoints.extra)["ws-api"],
                    **{secret: key.secret},
                    **settings,
                )
            )
            await client.create_connection()
            try:
                await story(client, world)
            finally:
                await client.close_connection(close_session=True)

    run(main)


def data(answer):
    found = answer.data()
    assert not isinstance(found, dict), found
    assert found.status == 200
    return found.result


@pytest.mark.parametrize("key_kind", ["hmac", "rsa", "ed25519"])
def test_an_order_lives_its_life_with_any_kind_of_key(key_kind):
    async def story(client, world):
        request = world.request()
        placed = data(
            await client.new_order(
                world.symbol,
                "BUY",
                "LIMIT",
                time_in_force="GTC",
                quantity=float(request.quantity),
                price=float(request.price),
                new_client_order_id=request.client_id,
            )
        )
        assert placed.status == "NEW"
        assert str(placed.order_id) == world.truth.order(request.client_id).venue_id

        price = world.price(300, request.side)
        changed = data(
            await client.modify_order(
                world.symbol,
                "BUY",
                float(request.quantity),
                float(price),
                orig_client_order_id=request.client_id,
            )
        )
        assert changed.status == "NEW"
        assert world.truth.order(request.client_id).price == price

        asked = data(await client.query_order(world.symbol, order_id=placed.order_id))
        assert asked.client_order_id == request.client_id

        gone = data(await client.cancel_order(world.symbol, orig_client_order_id=request.client_id))
        assert gone.status == "CANCELED"
        assert world.truth.open_orders() == []

    play(story, key_kind=key_kind)


def test_every_read_comes_in_its_model():
    async def story(client, world):
        world.market.rest(world.request().side, world.reference_price(), world.quantity(5))
        for ask in (
            client.futures_account_balance,
            client.futures_account_balance_v2,
            client.account_information,
            client.account_information_v2,
            client.position_information,
        ):
            assert data(await ask())
        for ask in (client.order_book, client.symbol_price_ticker, client.symbol_order_book_ticker):
            answer = (await ask(symbol=world.symbol)).data()
            assert getattr(answer, "actual_instance", answer).status == 200
        key = data(await client.start_user_data_stream()).listen_key
        assert data(await client.keepalive_user_data_stream()).listen_key == key
        assert data(await client.close_user_data_stream()) == {}

    play(story)


def test_used_limits_reach_the_client_unless_it_does_not_want_them():
    async def story(client, world):
        answer = await client.order_book(symbol=world.symbol)
        assert [(row.limit, row.count) for row in answer.rate_limits] == [(2400, 15)]

    async def quiet(client, world):
        assert (await client.order_book(symbol=world.symbol)).rate_limits == []

    play(story)
    play(quiet, return_rate_limits=False)


def test_a_session_needs_neither_key_nor_signature():
    async def story(client, world):
        logon = {"method": "session.logon", "params": {}}
        said = await client.send_signed_message(
            logon, signer=client.signer, api_key=True, session_logon=True
        )
        assert said.data()["result"]["apiKey"] == world.credentials.key
        assert data(await client.futures_account_balance_v2())
        frame = world.wire.frames(inbound=True)[-1].payload
        assert b"apiKey" not in frame
        assert b"signature" not in frame
        world.faults.revoke_key()
        # the refusal carries no id, so this client waits in vain
        assert (await client.futures_account_balance_v2()).data() == {"error": "timeout"}

    play(story, key_kind="ed25519")


def test_a_refusal_keeps_code_and_text():
    async def story(client, world):
        answer = (await client.cancel_order(world.symbol, order_id=77)).data()
        assert answer == {"error": {"code": -2011, "msg": "Unknown order sent."}}

    play(story)
