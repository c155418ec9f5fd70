"""Coin-margined contracts: worth contracts x size / price, kept in the coin.

Numbers are the samples of COIN-M, developers.binance.com, 2026-11.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.exchange.contract import contract_of
from conformance.model.instruments import Tier
from conformance.model.money import to_atoms
from conformance.model.orders import MarginMode, Side

BUY, SELL = Side.BUY, Side.SELL
COIN = {
    "symbol": "BTCUSD_PERP",
    "base": "BTC",
    "quote": "USD",
    "margin_asset": "BTC",
    "tick": Decimal("0.1"),
    "step": Decimal(1),
    "contract_size": Decimal(100),
    "inverse": True,
    "min_notional": Decimal(0),
    "maker_rate": Decimal(0),
    "taker_rate": Decimal("0.0004"),
    "tiers": (Tier(Decimal(0), Decimal(50), 125, Decimal("0.004"), Decimal(0)),),
    "initial_price": Decimal(10_000),
}


def atoms(text):
    return to_atoms(Decimal(text))


@pytest.fixture
def contract(make_listing):
    return contract_of(make_listing(**COIN))


@pytest.fixture
def coins(make_stage, make_listing):
    """Accounts a, b and c with 10 coins each."""
    stage = make_stage(make_listing(**COIN))
    for account in "abc":
        stage.deposit(account, 10, "BTC")
    return stage


def trade(stage, buyer, seller, lots, price):
    stage.rest(buyer, BUY, lots, price, symbol="BTCUSD_PERP")
    stage.sell(seller, lots, price, symbol="BTCUSD_PERP")


def position(stage, account):
    return stage.position(account, symbol="BTCUSD_PERP")


def test_a_value_is_rounded_half_up_and_its_fee_truncated(contract):
    # one contract of 100 at 8800.0: 0.01136364, times 0.0004: 0.00000454
    assert contract.value(88_000, 1) == atoms("0.01136364")
    assert contract.value_at(atoms("8800"), 1) == atoms("0.01136363")
    assert contract.value(88_000, 1) * 4 // 10_000 == atoms("0.00000454")


def test_unrealised_profit_matches_the_published_sample(contract):
    # one long contract, entry 11707.70000003, mark 11788.66626667
    cost = int(Decimal(100) / Decimal("11707.70000003") * 10**18)
    assert contract.unrealised(atoms("11788.66626667"), 1, cost) == atoms("0.00005866")
    assert contract.entry_price(1, cost) == Decimal("11707.70000003")


def test_the_entry_of_one_fill_is_its_price(contract):
    for price in (117_077, 1, 88_000, 999_999):
        assert contract.entry_price(3, contract.cost(price, 3)) == Decimal(price) / 10
    assert contract.entry_price(0, 0) == 0


def test_the_entry_is_the_harmonic_average_and_reducing_keeps_it(coins):
    trade(coins, "a", "b", 1, 100_000)
    trade(coins, "a", "b", 3, 120_000)
    harmonic = 4 / (1 / Decimal(10_000) + 3 / Decimal(12_000))
    assert position(coins, "a").entry_price == harmonic.quantize(Decimal("1e-8"))
    trade(coins, "b", "a", 3, 110_000)
    assert position(coins, "a").entry_price == harmonic.quantize(Decimal("1e-8"))
    trade(coins, "c", "a", 4, 130_000)
    assert (position(coins, "a").lots, position(coins, "a").entry_price) == (-3, 13_000)


def test_a_long_earns_coins_when_the_price_rises(coins):
    trade(coins, "a", "b", 10, 100_000)
    coins.mark(12_500, "BTCUSD_PERP")
    assert coins.engine.entry_price("BTCUSD_PERP", 10, 10**17) == 10_000
    assert position(coins, "a").notional == Decimal("0.08")
    assert position(coins, "a").unrealised == Decimal("0.02")
    assert position(coins, "b").unrealised == Decimal("-0.02")
    trade(coins, "b", "a", 10, 125_000)
    assert coins.balance("a", "BTC").wallet == Decimal("10.02") - Decimal("0.000032")
    assert coins.engine.ledger_sum("BTC") == 0


def test_what_division_leaves_over_is_kept_apart(coins):
    trade(coins, "a", "b", 7, 70_001)
    trade(coins, "c", "a", 2, 90_007)
    trade(coins, "b", "c", 1, 99_999)
    trade(coins, "c", "a", 2, 110_011)
    trade(coins, "b", "a", 3, 123_457)
    trade(coins, "b", "c", 3, 123_457)
    assert [position(coins, name).lots for name in "abc"] == [0, 0, 0]
    assert coins.engine.ledger_sum("BTC") == 0
    assert coins.engine._state.ledger.rounding("BTC").balance != 0
    for name in "abc":
        legs = coins.engine._holding(name, "BTCUSD_PERP").legs.values()
        assert [leg.clearing.balance for leg in legs] == [0, 0, 0]


def test_break_even_earns_the_fees_back(coins):
    trade(coins, "b", "a", 10, 100_000)
    even = position(coins, "a").break_even_price
    assert even == (Decimal(1000) / (Decimal("0.1") + Decimal("0.00004"))).quantize(
        Decimal("1e-12"), rounding="ROUND_DOWN"
    )
    assert position(coins, "c").break_even_price == 0


@pytest.mark.parametrize("side", [BUY, SELL])
def test_the_liquidation_price_solves_the_published_equation(coins, side):
    # isolated: N x CS x (MMR + side) / (WB + cum + side x N x CS / EP)
    coins.margin_mode("c", MarginMode.ISOLATED, "BTCUSD_PERP")
    coins.rest("c", side, 50, 100_000, symbol="BTCUSD_PERP")
    coins.place("b", side.opposite, 50, 100_000, symbol="BTCUSD_PERP")
    wallet = position(coins, "c").isolated_wallet
    assert wallet == Decimal("0.025")
    size, rate = Decimal(5000), Decimal("0.004")
    expected = size * (rate + side.sign) / (wallet + side.sign * size / 10_000)
    found = position(coins, "c").liquidation_price
    assert abs(found - expected) < Decimal("1e-7")


def test_a_position_that_no_price_can_break_has_no_liquidation_price(coins):
    trade(coins, "b", "a", 1, 100_000)
    assert position(coins, "a").liquidation_price == 0


@pytest.mark.parametrize(
    ("value", "up", "ticks"),
    [("0.01136364", False, 87_999), ("0.01136364", True, 88_000), ("0", True, 10**11)],
)
def test_the_price_for_a_value_lies_on_the_grid(contract, value, up, ticks):
    assert contract.price_for(atoms(value), 1, up=up) == ticks


def test_the_price_for_a_linear_value_lies_on_the_grid(make_listing):
    linear = contract_of(make_listing())
    assert linear.price_for(atoms("1005"), 10, up=True) == 101
    assert linear.price_for(atoms("1005"), 10, up=False) == 100
    assert linear.price_for(atoms("-7"), 10, up=False) == 1


TRADES = st.lists(
    st.tuples(st.permutations("abc"), st.integers(1, 900), st.integers(60_000, 140_000)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(trades=TRADES, last=st.integers(60_000, 140_000))
def test_whatever_is_traded_no_atom_is_lost(make_stage, make_listing, trades, last):
    stage = make_stage(make_listing(**COIN))
    for account in "abc":
        stage.deposit(account, 1_000, "BTC")
    for (buyer, seller, _), lots, price in trades:
        trade(stage, buyer, seller, lots, price)
    entries = [(position(stage, name).lots, position(stage, name).entry_price) for name in "abc"]
    assert all(6_000 <= entry <= 14_000 for lots, entry in entries if lots)
    for short in "abc":
        for long in "abc":
            lots = min(-position(stage, short).lots, position(stage, long).lots)
            if lots > 0:
                trade(stage, short, long, lots, last)
    paid = sum(fill.fee for name in "abc" for fill in stage.engine.fills(name))
    kept = sum(stage.balance(name, "BTC").wallet for name in "abc")
    dust = stage.engine._state.ledger.rounding("BTC").balance
    assert kept + Decimal(paid + dust).scaleb(-8) == 3_000
    assert abs(dust) <= 3 * 2 * (len(trades) + 4)
    for name in "abc":
        legs = stage.engine._holding(name, "BTCUSD_PERP").legs.values()
        assert [leg.clearing.balance for leg in legs] == [0, 0, 0]
