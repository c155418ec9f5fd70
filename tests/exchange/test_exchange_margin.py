"""Worked numbers: positionRisk v3 sample, leverage brackets, developers.binance.com."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.errors import ConfigError
from conformance.exchange.margin import Scale, exposure
from conformance.model.instruments import Tier
from conformance.model.money import to_atoms


def atoms(value):
    return to_atoms(Decimal(value))


@pytest.mark.parametrize(
    ("rate", "notional", "margin"),
    [("0.0065", "12.31427700", "0.08004280"), ("0.01", "49.72023376", "0.49720233")],
)
def test_maintenance_matches_the_published_samples(make_listing, rate, notional, margin):
    tier = Tier(Decimal(0), Decimal(5000), 20, Decimal(rate), Decimal(0))
    assert Scale(make_listing(tiers=(tier,))).maintenance(atoms(notional)) == atoms(margin)


def test_the_published_deduction_makes_maintenance_continuous(make_listing):
    # contractInfo sample: 5000 x (0.025 - 0.01) = 75
    scale = Scale(
        make_listing(
            tiers=(
                Tier(Decimal(0), Decimal(5000), 25, Decimal("0.01"), Decimal(0)),
                Tier(Decimal(5000), Decimal(50000), 20, Decimal("0.025"), Decimal(75)),
            )
        )
    )
    assert scale.maintenance(atoms(5000)) == atoms(50)
    assert scale.maintenance(atoms(5000) - 1) == atoms(50) - 1
    assert scale.maintenance(atoms(10_000)) == atoms(175)


def test_a_tier_holds_from_its_floor(make_listing):
    scale = Scale(make_listing())
    rows = [scale.row(atoms(value)) for value in (0, 9_999, 10_000, 99_999, 100_000, 10**9)]
    assert rows == [0, 0, 1, 1, 2, 2]


def test_more_leverage_caps_the_notional_lower(make_listing):
    scale = Scale(make_listing())
    assert scale.leverage_max == 50
    caps = [scale.cap(leverage) for leverage in (50, 21, 20, 6, 5, 1)]
    assert caps == [atoms(value) for value in (10**4, 10**4, 10**5, 10**5, 10**6, 10**6)]


def test_a_listing_without_tiers_is_refused(make_listing):
    with pytest.raises(ConfigError, match="AAA has no margin tiers"):
        Scale(make_listing(tiers=()))


@pytest.mark.parametrize(
    ("notional", "bids", "asks", "result"),
    [
        (0, 5, 3, 5),
        (10, 5, 3, 15),
        (10, 0, 25, 15),
        (-10, 3, 5, 15),
        (-10, 25, 0, 15),
        (7, 0, 0, 7),
    ],
)
def test_exposure_is_the_worse_of_all_bids_or_all_asks_filled(notional, bids, asks, result):
    assert exposure(notional, bids, asks) == result
