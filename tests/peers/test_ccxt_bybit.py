"""Unmodified ccxt trades on the simulated Bybit: orders, stops, modes, histories and streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("ccxt")

import ccxt

from conformance.contracts.world import World
from conformance.model.orders import Side, Status
from conformance.peers.ccxt import exchange
from conformance.sim import SimWorld
from conformance.sim.world import DEPOSIT
from conformance.venues import load
from conformance.virtual import run

SYMBOL = "BTC/USDT:USDT"
COIN = "BTC/USD:BTC"
Story = Callable[[Any, World], Awaitable[None]]


def play(story: Story) -> None:
    """Run ``story`` with a client whose markets are loaded, in virtual time."""

    async def main() -> None:
        async with SimWorld(load("bybit"), seed=3) as world:
            client = exchange(world.endpoints, world.credentials)
            try:
                await client.load_markets()
                await story(client, world)
            finally:
                await client.close()

    run(main)


def depth(world: World) -> None:
    world.market.rest(Side.SELL, world.price(-10, Side.BUY), world.quantity(100))
    world.market.rest(Side.BUY, world.price(10, Side.BUY), world.quantity(100))


def test_markets_are_those_of_the_venue() -> None:
    async def story(client: Any, world: World) -> None:
        market = client.market(SYMBOL)
        assert (market["id"], market["linear"], market["settle"]) == ("BTCUSDT", True, "USDT")
        assert market["precision"]["price"] == float(world.listing.tick)
        assert client.market("BTC/USD:BTC")["inverse"] is True

    play(story)


def test_a_limit_order_is_placed_amended_found_and_cancelled() -> None:
    async def story(client: Any, world: World) -> None:
        price = float(world.price(200, Side.BUY))
        name = world.client_id()
        placed = await client.create_order(
            SYMBOL, "limit", "buy", 0.002, price, {"clientOrderId": name}
        )
        truth = world.truth.order(name)
        assert truth is not None
        assert (truth.venue_id, truth.status) == (placed["id"], Status.OPEN)
        await client.edit_order(placed["id"], SYMBOL, "limit", "buy", 0.003, price)
        (row,) = await client.fetch_open_orders(SYMBOL)
        assert (row["id"], row["amount"], row["clientOrderId"]) == (placed["id"], 0.003, name)
        await client.cancel_order(placed["id"], SYMBOL)
        ended = await client.fetch_order(placed["id"], SYMBOL, {"acknowledged": True})
        assert ended["status"] == "canceled"
        assert [row["id"] for row in await client.fetch_canceled_orders(SYMBOL)] == [placed["id"]]
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order(placed["id"], SYMBOL)

    play(story)


def test_a_market_order_opens_a_position_that_is_closed_again() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        (leg,) = await client.fetch_positions([SYMBOL])
        assert (leg["side"], leg["contracts"]) == ("long", 0.002)
        (trade,) = await client.fetch_my_trades(SYMBOL)
        assert (trade["amount"], trade["takerOrMaker"]) == (0.002, "taker")
        await client.create_order(SYMBOL, "market", "sell", 0.002, None, {"reduceOnly": True})
        assert world.truth.positions() == []
        balance = await client.fetch_balance()
        assert balance["USDT"]["total"] > 0

    play(story)


def test_a_batch_is_placed_in_one_message() -> None:
    async def story(client: Any, world: World) -> None:
        price = float(world.price(200, Side.BUY))
        order = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.002}
        placed = await client.create_orders([{**order, "price": price} for _ in range(3)])
        assert {row["id"] for row in placed} == {o.venue_id for o in world.truth.open_orders()}
        await client.cancel_all_orders(SYMBOL)
        assert world.truth.open_orders() == []

    play(story)


def test_stops_of_a_position_are_set_and_fire() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        stop = {"stopLoss": {"triggerPrice": 59_000}, "takeProfit": {"triggerPrice": 61_000}}
        await client.create_order(SYMBOL, "market", "buy", 0.002, None, stop)
        (leg,) = await client.fetch_positions([SYMBOL])
        assert (leg["stopLossPrice"], leg["takeProfitPrice"]) == (59_000, 61_000)
        await client.create_order(SYMBOL, "market", "sell", 0.002, None, {"reduceOnly": True})
        assert await client.fetch_open_orders(SYMBOL) == []

    play(story)


def test_a_conditional_order_waits_and_is_cancelled() -> None:
    async def story(client: Any, world: World) -> None:
        trigger = {"triggerPrice": 60_500, "triggerDirection": "ascending"}
        placed = await client.create_order(SYMBOL, "market", "buy", 0.002, None, trigger)
        (row,) = await client.fetch_open_orders(SYMBOL, params={"trigger": True})
        assert (row["id"], row["triggerPrice"]) == (placed["id"], 60_500)
        await client.cancel_all_orders(SYMBOL, {"trigger": True})
        assert await client.fetch_open_orders(SYMBOL, params={"trigger": True}) == []
        assert world.truth.orders() == []

    play(story)


def test_settings_are_set_and_what_is_set_already_is_told() -> None:
    async def story(client: Any, world: World) -> None:
        await client.set_leverage(7, SYMBOL)
        assert world.truth.leverage(world.symbol) == 7
        with pytest.raises(ccxt.BadRequest, match="110043"):
            await client.set_leverage(7, SYMBOL)
        await client.set_position_mode(hedged=True)
        assert world.truth.hedge()
        with pytest.raises(ccxt.NoChange):
            await client.set_position_mode(hedged=True)
        depth(world)
        await client.create_order(SYMBOL, "market", "buy", 0.002, None, {"positionIdx": 1})
        await client.create_order(SYMBOL, "market", "sell", 0.002, None, {"positionIdx": 2})
        legs = await client.fetch_positions([SYMBOL])
        assert {(leg["side"], leg["contracts"]) for leg in legs} == {
            ("long", 0.002),
            ("short", 0.002),
        }

    play(story)


def test_funding_and_tiers_are_read() -> None:
    async def story(client: Any, world: World) -> None:
        world.market.set_funding(Decimal("0.0001"), 8)
        rate = await client.fetch_funding_rate(SYMBOL)
        assert rate["fundingTimestamp"] == world.truth.funding(world.symbol).next_ms
        tiers = await client.fetch_market_leverage_tiers(SYMBOL)
        assert tiers[0]["maxLeverage"] == float(world.listing.tiers[0].max_leverage)

    play(story)


def test_books_orders_trades_and_positions_are_watched() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        book = await client.watch_order_book(SYMBOL)
        truth = world.truth.book(world.symbol)
        assert book["bids"][0] == [float(part) for part in truth.bids[0]]
        assert await client.watch_positions([SYMBOL]) == []
        watches = [
            asyncio.ensure_future(watch)
            for watch in (
                client.watch_orders(SYMBOL),
                client.watch_my_trades(SYMBOL),
                client.watch_positions([SYMBOL]),
            )
        ]
        await world.quiet(2_000)
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        orders, trades, legs = await asyncio.gather(*watches)
        assert orders[0]["symbol"] == legs[0]["symbol"] == SYMBOL
        assert trades[0]["amount"] == legs[0]["contracts"] == 0.002

    play(story)


def test_orders_travel_by_stream() -> None:
    async def story(client: Any, world: World) -> None:
        price = float(world.price(200, Side.BUY))
        placed = await client.create_order_ws(SYMBOL, "limit", "buy", 0.002, price)
        (resting,) = world.truth.open_orders()
        assert resting.venue_id == placed["id"]
        await client.edit_order_ws(placed["id"], SYMBOL, "limit", "buy", 0.003, price)
        await client.cancel_order_ws(placed["id"], SYMBOL)
        assert world.truth.open_orders() == []

    play(story)


def test_a_batch_of_twenty_is_cut_at_the_rate_and_its_orders_are_edited_and_cancelled() -> None:
    async def story(client: Any, world: World) -> None:
        order = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.002}
        rows = [{**order, "price": 59_000 + number} for number in range(20)]
        placed = await client.create_orders(rows)
        assert [row["status"] for row in placed] == [None] * 10 + ["rejected"] * 10
        resting = {row.venue_id for row in world.truth.open_orders()}
        assert resting == {row["id"] for row in placed[:10]}
        changed = [
            {**order, "id": row["id"], "amount": 0.003, "price": 58_000} for row in placed[:3]
        ]
        await client.edit_orders(changed)
        quantities = sorted(row.quantity for row in world.truth.open_orders())
        assert quantities == [Decimal("0.002")] * 7 + [Decimal("0.003")] * 3
        gone = await client.cancel_orders([row["id"] for row in placed[:9]], SYMBOL)
        assert len(gone) == 9
        assert [row.venue_id for row in world.truth.open_orders()] == [placed[9]["id"]]

    play(story)


def test_a_trailing_stop_follows_a_position() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        await client.create_order(SYMBOL, "market", "sell", 0.002, None, {"trailingAmount": "500"})
        (row,) = await client.fetch_open_orders(SYMBOL)
        assert (row["info"]["stopOrderType"], row["reduceOnly"]) == ("TrailingStop", True)
        assert row["side"] == "sell"
        (leg,) = await client.fetch_positions([SYMBOL])
        assert float(leg["info"]["trailingStop"]) == 500
        await client.create_order(SYMBOL, "market", "sell", 0.002, None, {"reduceOnly": True})
        assert await client.fetch_open_orders(SYMBOL) == []

    play(story)


def test_partial_exits_travel_with_an_order_as_limits() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        exits = {
            "tpslMode": "Partial",
            "takeProfit": {"triggerPrice": 61_000, "type": "limit", "price": 60_990},
            "stopLoss": {"triggerPrice": 59_000},
        }
        await client.create_order(SYMBOL, "market", "buy", 0.002, None, exits)
        rows = {row["info"]["stopOrderType"]: row for row in await client.fetch_open_orders(SYMBOL)}
        assert rows.keys() == {"PartialTakeProfit", "PartialStopLoss"}
        gain, loss = rows["PartialTakeProfit"], rows["PartialStopLoss"]
        assert (gain["type"], gain["price"], gain["triggerPrice"]) == ("limit", 60_990, 61_000)
        assert (loss["type"], loss["triggerPrice"], loss["amount"]) == ("market", 59_000, 0.002)

    play(story)


def test_an_inverse_contract_is_traded_in_dollars_and_settled_in_coin() -> None:
    async def story(client: Any, world: World) -> None:
        assert world.truth.orders() == []
        placed = await client.create_order(COIN, "limit", "buy", 100, 59_000)
        (row,) = await client.fetch_open_orders(COIN)
        assert (row["id"], row["amount"], row["symbol"]) == (placed["id"], 100, COIN)
        assert [row["id"] for row in await client.cancel_all_orders(COIN)] == [placed["id"]]
        (leg,) = await client.fetch_positions([COIN])
        assert (leg["contracts"], leg["symbol"]) == (0, COIN)
        assert (await client.fetch_balance())["BTC"]["total"] == float(DEPOSIT)
        (tier, *_) = await client.fetch_market_leverage_tiers(COIN)
        assert tier["maxLeverage"] == 100

    play(story)


def test_margin_modes_and_a_dead_man_s_switch_are_set() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        await client.set_margin_mode("isolated", SYMBOL)
        assert (await client.fetch_margin_mode(SYMBOL))["marginMode"] == "isolated"
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        (leg,) = await client.fetch_positions([SYMBOL])
        assert leg["liquidationPrice"] > 0
        with pytest.raises(ccxt.ExchangeError, match="3400045"):
            await client.set_margin_mode("cross", SYMBOL)
        await client.cancel_all_orders_after(10_000)
        told = await client.private_get_v5_account_query_dcp_info()
        assert told["result"]["dcpInfos"][0]["timeWindow"] == "10"
        (ledger, *_) = await client.fetch_ledger("USDT", limit=1)
        assert ledger["currency"] == "USDT"

    play(story)


def test_prices_candles_trades_and_money_are_watched() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        assert (await client.watch_ticker(SYMBOL))["bid"] == float(world.price(10, Side.BUY))
        watches = [
            asyncio.ensure_future(watch)
            for watch in (
                client.watch_trades(SYMBOL),
                client.watch_ohlcv(SYMBOL, "1m"),
                client.watch_balance(),
            )
        ]
        await world.quiet(2_000)
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        trades, candles, money = await asyncio.gather(*watches)
        assert (trades[-1]["amount"], trades[-1]["side"]) == (0.002, "buy")
        assert candles[-1][5] == 0.002
        assert money["USDT"]["total"] < 1_000_000

    play(story)


def test_what_was_watched_is_watched_again_after_the_streams_were_cut() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        await client.watch_order_book(SYMBOL)
        orders = asyncio.ensure_future(client.watch_orders(SYMBOL))
        await world.quiet(2_000)
        world.faults.close_streams(1001)
        with pytest.raises(ccxt.NetworkError):
            await orders
        world.market.rest(Side.BUY, world.price(5, Side.BUY), world.quantity(1))
        watches = [client.watch_order_book(SYMBOL), client.watch_orders(SYMBOL)]
        watches = [asyncio.ensure_future(watch) for watch in watches]
        await world.quiet(2_000)
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        book, (order,) = await asyncio.gather(*watches)
        assert book["bids"][0][0] == float(world.price(5, Side.BUY))
        assert (order["status"], order["amount"]) == ("closed", 0.002)

    play(story)
