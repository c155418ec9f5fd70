"""Worked numbers: positionRisk v3 sample and commission samples, developers.binance.com."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.errors import ConfigError
from conformance.exchange.contract import contract_of, truncated
from conformance.model.money import to_atoms


def atoms(text):
    return to_atoms(Decimal(text))


def test_the_value_of_lots_is_price_times_quantity(make_listing):
    contract = contract_of(make_listing(tick=Decimal("0.10"), step=Decimal("0.001")))
    assert contract.value(500_000, 3) == atoms("150.000")
    assert contract.tick == atoms("0.10")
    assert contract.size(3) == Decimal("0.003")


@pytest.mark.parametrize(
    ("tick", "step", "lots", "mark", "notional"),
    [
        ("0.0001", "1", 30, "0.41047590", "12.31427700"),
        ("0.10", "0.001", 1, "21123.05052574", "21.12305052"),
        ("0.01", "1", -1, "49.72023376", "-49.72023376"),
        ("0.01", "2.5", 3, "1.11111111", "8.33333332"),
    ],
)
def test_the_notional_at_mark_is_truncated_to_8_decimals(
    make_listing, tick, step, lots, mark, notional
):
    contract = contract_of(make_listing(tick=Decimal(tick), step=Decimal(step)))
    assert contract.value_at(atoms(mark), lots) == atoms(notional)


@pytest.mark.parametrize(
    ("tick", "step", "lots", "entry", "mark", "profit"),
    [
        ("0.0001", "1", 30, "0.385", "0.41047590", "0.76427700"),
        ("0.10", "0.001", 1, "22185.2", "21123.05052574", "-1.06214947"),
        ("0.01", "2.5", 3, "1.00", "1.11111111", "0.83333332"),
    ],
)
def test_unrealised_profit_matches_the_published_samples(
    make_listing, tick, step, lots, entry, mark, profit
):
    contract = contract_of(make_listing(tick=Decimal(tick), step=Decimal(step)))
    ticks = int(Decimal(entry) / Decimal(tick))
    cost = contract.value(ticks, lots)
    assert contract.unrealised(atoms(mark), lots, cost) == atoms(profit)


def test_the_entry_price_is_the_average_truncated_to_8_decimals(make_listing):
    contract = contract_of(make_listing())
    cost = contract.value(100, 1) + contract.value(101, 2)
    assert contract.entry_price(3, cost) == Decimal("100.66666666")
    assert contract.entry_price(0, 0) == 0


@pytest.mark.parametrize(
    ("tick", "lots", "entry", "rate", "price"),
    [
        ("0.0001", 30, "0.385", "0.0002", "0.385077"),
        ("0.00001", -1, "70.92841", "0.0004", "70.900038636"),
    ],
)
def test_the_break_even_price_matches_the_published_samples(
    make_listing, tick, lots, entry, rate, price
):
    contract = contract_of(make_listing(tick=Decimal(tick)))
    cost = contract.value(int(Decimal(entry) / Decimal(tick)), lots)
    paid = int(abs(cost) * Decimal(rate))
    # The fee itself is truncated to 8 decimals before it counts.
    assert abs(contract.break_even_price(lots, cost, paid) - Decimal(price)) < Decimal("1e-8")


def test_a_listing_finer_than_8_decimals_is_refused(make_listing):
    with pytest.raises(ConfigError, match="the value of one lot at one tick is finer"):
        contract_of(make_listing(tick=Decimal("0.00001"), step=Decimal("0.0001")))
    with pytest.raises(ConfigError, match="one tick is finer"):
        contract_of(make_listing(tick=Decimal("0.000000001"), step=Decimal(1000)))


@pytest.mark.parametrize(("value", "whole"), [(7, 3), (-7, -3), (0, 0), (6, 3)])
def test_money_is_truncated_toward_zero(value, whole):
    assert truncated(value, 2) == whole
