"""The liquidation price against its defining equation and the published example."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.exchange import Rules
from conformance.model.instruments import Tier
from conformance.model.orders import MarginMode, PositionSide, Side

BUY, SELL = Side.BUY, Side.SELL
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
FLAT_RATE = (Tier(Decimal(0), Decimal(10**9), 50, Decimal("0.01"), Decimal(0)),)


def shortfall(stage, account, price):
    """Return margin balance minus maintenance of an account at a mark."""
    stage.mark(price)
    balance = stage.balance(account)
    return balance.margin_balance - balance.maintenance_margin


@pytest.fixture
def plain(make_stage, make_listing):
    """No fees, one tier of 1 %, and nobody is liquidated: what would be is what is asked."""
    free = {"maker_rate": Decimal(0), "taker_rate": Decimal(0), "tiers": FLAT_RATE}
    listings = (make_listing(**free), make_listing(symbol="BBB", **free))
    return make_stage(*listings, rules=Rules(liquidates=False))


def test_an_isolated_long_matches_the_worked_example(plain):
    # long 1 @ 10000, isolated wallet 1000, rate 1 %, no deduction: 9000 / 0.99
    plain.mark(10_000)
    plain.margin_mode("a", MarginMode.ISOLATED)
    plain.leverage("a", 10)
    plain.trade("a", "b", 1, 10_000)
    assert plain.position("a").isolated_wallet == 1_000
    assert plain.position("a").liquidation_price == Decimal("9090.90909090")


def test_without_a_position_there_is_none(stage):
    assert stage.position("a").liquidation_price == 0


def test_a_rich_long_can_never_be_liquidated(stage):
    stage.trade("a", "b", 10, 100)
    assert stage.position("a").liquidation_price == 0


@pytest.mark.parametrize("side", [BUY, SELL])
def test_at_the_price_margin_and_maintenance_meet(plain, side):
    plain.deposit("poor", 100)
    plain.rest("poor", side, 10, 100)
    plain.place("b", side.opposite, 10, 100)
    price = plain.position("poor").liquidation_price
    assert price > 0
    assert abs(shortfall(plain, "poor", price)) < Decimal("0.000001")


def test_other_symbols_share_the_cross_wallet(plain):
    plain.deposit("poor", 100)
    plain.trade("poor", "b", 10, 100)
    plain.rest("poor", SELL, 5, 100, symbol="BBB")
    plain.buy("b", 5, 100, symbol="BBB")
    plain.mark(101, "BBB")
    price = plain.position("poor").liquidation_price
    assert abs(shortfall(plain, "poor", price)) < Decimal("0.000001")


def test_both_hedge_legs_share_one_price(plain):
    plain.deposit("poor", 100)
    plain.hedge("poor")
    plain.trade("poor", "b", 10, 100, position_side=LONG)
    plain.rest("b", BUY, 4, 100)
    plain.sell("poor", 4, 100, position_side=SHORT)
    price = plain.position("poor", LONG).liquidation_price
    assert plain.position("poor", SHORT).liquidation_price == price
    assert abs(shortfall(plain, "poor", price)) < Decimal("0.000001")


def test_the_tier_is_chosen_again_at_the_price_found(make_stage, make_listing):
    tiers = (
        Tier(Decimal(0), Decimal(900), 50, Decimal("0.01"), Decimal(0)),
        Tier(Decimal(900), Decimal(10**6), 20, Decimal("0.10"), Decimal(81)),
    )
    listing = make_listing(maker_rate=Decimal(0), taker_rate=Decimal(0), tiers=tiers)
    stage = make_stage(listing, rules=Rules(liquidates=False))
    stage.deposit("poor", 200)
    stage.trade("poor", "b", 10, 100)
    price = stage.position("poor").liquidation_price
    assert price < 90
    assert abs(shortfall(stage, "poor", price)) < Decimal("0.000001")


def test_a_price_between_two_tiers_ends_the_search(make_stage, make_listing):
    """A table that jumps has no consistent tier for some accounts: the search still ends."""
    tiers = (
        Tier(Decimal(0), Decimal(900), 50, Decimal("0.30"), Decimal(0)),
        Tier(Decimal(900), Decimal(10**6), 20, Decimal("0.01"), Decimal(0)),
    )
    listing = make_listing(maker_rate=Decimal(0), taker_rate=Decimal(0), tiers=tiers)
    stage = make_stage(listing)
    stage.deposit("poor", 200)
    stage.trade("poor", "b", 10, 100)
    assert stage.position("poor").liquidation_price > 0


def test_a_leg_whose_rate_is_the_whole_has_none(make_stage, make_listing):
    tiers = (Tier(Decimal(0), Decimal(10**6), 20, Decimal(1), Decimal(0)),)
    stage = make_stage(make_listing(tiers=tiers))
    stage.trade("a", "b", 10, 100)
    assert stage.position("a").liquidation_price == 0
