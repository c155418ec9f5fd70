"""Unmodified ccxt through what it offers beyond plain orders: stops, modes, margin, histories."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("ccxt")

import ccxt

from conformance.contracts.world import World
from conformance.model.commands import SetFunding, SetLast
from conformance.model.money import to_atoms
from conformance.model.orders import Side
from conformance.peers.ccxt import exchange
from conformance.sim import SimWorld
from conformance.venues import load
from conformance.virtual import run

SYMBOL = "BTC/USDT:USDT"
Story = Callable[[Any, World], Awaitable[None]]


def play(story: Story, **switches: object) -> None:
    """Run ``story`` with a client whose markets are loaded, in virtual time."""

    async def main() -> None:
        async with SimWorld(load("binance_usdm"), seed=3, switches=switches) as world:
            client = exchange(world.endpoints, world.credentials)
            try:
                await client.load_markets()
                await story(client, world)
            finally:
                await client.close()

    run(main)


def last(world: World, price: int) -> None:
    """Move the last price without a trade."""
    world.shell.command(SetLast(world.symbol, to_atoms(Decimal(price))))


def depth(world: World) -> None:
    world.market.rest(Side.SELL, world.price(-10, Side.BUY), world.quantity(100))
    world.market.rest(Side.BUY, world.price(10, Side.BUY), world.quantity(100))


def test_a_stop_is_placed_seen_and_fired() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        stop = await client.create_order(
            SYMBOL, "market", "buy", 0.002, None, {"triggerPrice": 60_500}
        )
        assert stop["status"] == "open"
        assert await client.fetch_open_orders(SYMBOL) == []
        waiting = await client.fetch_open_orders(SYMBOL, params={"trigger": True})
        assert [order["id"] for order in waiting] == [stop["id"]]
        assert waiting[0]["triggerPrice"] == 60_500
        last(world, 60_500)
        done = await client.fetch_order(stop["id"], SYMBOL, {"trigger": True})
        assert done["status"] == "closed"
        (leg,) = await client.fetch_positions([SYMBOL])
        assert leg["contracts"] == 0.002

    play(story)


@pytest.mark.parametrize(
    ("kind", "params", "fires_at"),
    [
        ("limit", {"stopLossPrice": 59_000}, 58_900),
        ("market", {"takeProfitPrice": 61_000}, 61_100),
        ("market", {"trailingPercent": 1, "reduceOnly": True}, None),
    ],
)
def test_each_way_to_leave_a_position_waits(kind, params, fires_at) -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        price = 58_000 if kind == "limit" else None
        stop = await client.create_order(SYMBOL, kind, "sell", 0.002, price, params)
        if fires_at is None:
            last(world, 61_000)
            last(world, 60_300)
        else:
            last(world, fires_at)
        done = await client.fetch_order(stop["id"], SYMBOL, {"trigger": True})
        assert done["status"] == "closed"
        assert world.truth.positions() == []

    play(story)


def test_stops_are_cancelled_one_by_one_and_all_at_once() -> None:
    async def story(client: Any, world: World) -> None:
        def stop():
            return client.create_order(
                SYMBOL, "market", "buy", 0.002, None, {"triggerPrice": 60_500}
            )

        one = await stop()
        await client.cancel_order(one["id"], SYMBOL, {"trigger": True})
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order(one["id"], SYMBOL, {"trigger": True})
        for _ in range(3):
            await stop()
        await client.cancel_all_orders(SYMBOL)
        assert len(await client.fetch_open_orders(SYMBOL, params={"trigger": True})) == 3
        await client.cancel_all_orders(SYMBOL, {"trigger": True})
        assert await client.fetch_open_orders(SYMBOL, params={"trigger": True}) == []

    play(story)


def test_a_stop_beyond_its_trigger_is_refused() -> None:
    async def story(client: Any, world: World) -> None:
        # on a loopback host ccxt knows its general error table only
        with pytest.raises(ccxt.ExchangeError, match="-2021"):
            await client.create_order(
                SYMBOL, "market", "buy", 0.002, None, {"triggerPrice": 59_000}
            )

    play(story)


def test_hedge_mode_holds_both_legs() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        await client.set_position_mode(hedged=True)
        assert (await client.fetch_position_mode(SYMBOL))["hedged"] is True
        for side, leg in (("buy", "LONG"), ("sell", "SHORT")):
            await client.create_order(SYMBOL, "market", side, 0.002, None, {"positionSide": leg})
        legs = await client.fetch_positions([SYMBOL])
        assert {(leg["side"], leg["contracts"]) for leg in legs} == {
            ("long", 0.002),
            ("short", 0.002),
        }
        stop = {"triggerPrice": 59_000, "positionSide": "LONG"}
        await client.create_order(SYMBOL, "market", "sell", 0.002, None, stop)
        last(world, 58_900)
        (left,) = await client.fetch_positions([SYMBOL])
        assert left["side"] == "short"

    play(story)


def test_leverage_and_margin_are_set_and_moved() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        await client.set_leverage(7, SYMBOL)
        await client.set_margin_mode("isolated", SYMBOL)
        with pytest.raises(ccxt.MarginModeAlreadySet):
            await client.set_margin_mode("isolated", SYMBOL)
        assert (await client.fetch_leverage(SYMBOL))["longLeverage"] == 7
        assert (await client.fetch_margin_mode(SYMBOL))["marginMode"] == "isolated"
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        before = (await client.fetch_positions([SYMBOL]))[0]["collateral"]
        added = await client.add_margin(SYMBOL, 5)
        assert (added["type"], added["amount"]) == ("add", 5)
        after = (await client.fetch_positions([SYMBOL]))[0]["collateral"]
        assert after == pytest.approx(before + 5)
        await client.reduce_margin(SYMBOL, 2)
        history = await client.fetch_margin_adjustment_history(SYMBOL)
        assert [(row["type"], row["amount"]) for row in history] == [("add", 5), ("reduce", 2)]
        tiers = await client.fetch_market_leverage_tiers(SYMBOL)
        assert tiers[0]["maxLeverage"] == 125

    play(story)


def test_funding_and_income_are_read_back() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        world.shell.command(SetFunding(world.symbol, 10_000, 8))
        rate = await client.fetch_funding_rate(SYMBOL)
        assert rate["fundingRate"] == 0.0001
        await world.quiet(9 * 3_600_000)
        (paid,) = await client.fetch_funding_history(SYMBOL)
        # 0.01 % of 0.002 at the mark
        assert paid["amount"] == pytest.approx(-0.0001 * 0.002 * float(world.reference_price()))
        (past,) = await client.fetch_funding_rate_history(SYMBOL)
        assert (past["fundingRate"], past["timestamp"]) == (0.0001, paid["timestamp"])
        ledger = await client.fetch_ledger("USDT")
        assert {row["type"] for row in ledger} >= {"fee", "transfer"}

    play(story)


def test_prices_and_settings_are_read() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        await client.create_order(SYMBOL, "market", "buy", 0.002)
        for read in (
            client.fetch_mark_ohlcv(SYMBOL, "1m"),
            client.fetch_index_ohlcv(SYMBOL, "1m"),
            client.fetch_premium_index_ohlcv(SYMBOL, "1m"),
            client.fetch_ohlcv(SYMBOL, "1m"),
            client.fetch_my_trades(SYMBOL),
            client.fetch_tickers(),
            client.fetch_mark_prices(),
            client.fetch_bids_asks(),
        ):
            assert await read
        assert (await client.fetch_open_interest(SYMBOL))["openInterestAmount"] == 0.002
        assert (await client.fetch_trading_fee(SYMBOL))["taker"] == 0.0005

    play(story)


def test_the_era_of_2025_takes_its_stops_on_the_order_endpoint() -> None:
    async def story(client: Any, world: World) -> None:
        depth(world)
        sent = {"symbol": "BTCUSDT", "side": "BUY", "type": "STOP_MARKET", "quantity": "0.002"}
        stop = await client.fapiPrivatePostOrder({**sent, "stopPrice": "60500"})
        assert stop["status"] == "NEW"
        (waiting,) = await client.fetch_open_orders(SYMBOL)
        assert (waiting["id"], waiting["triggerPrice"]) == (str(stop["orderId"]), 60_500)
        last(world, 60_500)
        assert (await client.fetch_order(stop["orderId"], SYMBOL))["status"] == "closed"

    play(story, era="2025-11")
