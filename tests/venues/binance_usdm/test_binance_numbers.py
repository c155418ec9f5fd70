from __future__ import annotations

from contextlib import suppress
from decimal import ROUND_DOWN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.venues.binance_usdm import VENUE
from conformance.venues.binance_usdm.server.numbers import Scale, Terms
from conformance.venues.binance_usdm.server.refusals import Refused
from conformance.venues.numbers import atoms_text, money, plain, stripped

BITCOIN = Terms(VENUE.listings[0])


@given(units=st.integers(-(10**12), 10**12), listing=st.sampled_from(VENUE.listings))
def test_units_survive_the_way_through_text(units, listing):
    terms = Terms(listing)
    for scale, step in ((terms.price, listing.tick), (terms.quantity, listing.step)):
        text = scale.text(units)
        assert Decimal(text) == units * step
        assert scale.units(text, "price", -4014) == units
        assert len(text.partition(".")[2]) == scale.decimals


@given(text=st.text(max_size=12) | st.from_regex(r"-?[0-9.e+ _]{1,8}", fullmatch=True))
def test_what_is_read_is_worth_what_it_says(text):
    with suppress(Refused):
        units = BITCOIN.quantity.units(text, "quantity", -4023)
        assert units * Decimal("0.001") == Decimal(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", -1102),
        (".5", -1102),
        ("1e3", -1102),
        ("+1", -1102),
        ("1_0", -1102),
        ("\u0663", -1102),
        ("1.001", -1111),
        ("0.05", -4014),
    ],
)
def test_numbers_that_are_none_are_told_from_numbers_off_the_grid(text, code):
    with pytest.raises(Refused) as caught:
        BITCOIN.price.units(text, "price", -4014)
    assert caught.value.code == code


def test_trailing_zeros_are_no_precision():
    assert BITCOIN.price.units("59000.10000", "price", -4014) == 590_001


def test_more_numbers_than_are_remembered_are_converted_all_the_same(monkeypatch):
    monkeypatch.setattr("conformance.venues.numbers._REMEMBERED", 1)
    scale = Scale(Decimal("0.1"), 2)
    assert [scale.text(n) for n in (1, 2, 1, 2)] == ["0.10", "0.20", "0.10", "0.20"]
    assert [scale.units(t, "price", -4014) for t in ("0.1", "0.2", "0.2")] == [1, 2, 2]


# 30 x 0.41047590 and its margin at 0.65 %, positionRisk v3 sample, 2026-05-28
def test_money_is_truncated_not_rounded():
    assert money(Decimal("0.080042800") + Decimal("0.000000009")) == "0.08004280"
    assert money(Decimal("-0.000000019")) == "-0.00000001"


@pytest.mark.parametrize(
    ("atoms", "text"), [(0, "0.00000000"), (1, "0.00000001"), (-150_000_000, "-1.50000000")]
)
def test_atoms_have_eight_decimals(atoms, text):
    assert atoms_text(atoms) == text


@pytest.mark.parametrize(("amount", "text"), [("0", "0"), ("0.00", "0"), ("1E+2", "100")])
def test_plain_amounts_carry_no_zeros(amount, text):
    assert plain(Decimal(amount)) == text


def test_averages_and_values_are_padded():
    assert BITCOIN.average_text(0, 0) == "0.00000"
    assert BITCOIN.average_text(10_000 * 10**8, 3) == "3333333.33333"
    assert BITCOIN.value_text(1_563_802_000) == "15.63802"


def _truncated(value, decimals):
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN)


@given(
    lots=st.integers(-(10**6), 10**6).filter(bool),
    each=st.integers(1, 10**14),
    mark=st.integers(1, 10**14),
    listing=st.sampled_from(VENUE.listings),
)
def test_whole_numbers_say_what_decimals_would(lots, each, mark, listing):
    terms, size = Terms(listing), listing.step * lots
    cost = each * lots
    exact = Decimal(cost).scaleb(-8) / size
    assert Decimal(terms.entry_text(cost, lots)) == _truncated(exact, 8)
    assert Decimal(terms.even_text(cost, lots)) == _truncated(exact, 12)
    average = terms.average_text(abs(cost), abs(lots))
    assert Decimal(average) == _truncated(exact, terms.average)
    assert len(average.partition(".")[2]) == terms.average
    profit = Decimal(mark).scaleb(-8) * size - Decimal(cost).scaleb(-8)
    assert Decimal(terms.unrealised(mark, lots, cost)).scaleb(-8) == _truncated(profit, 8)


@pytest.mark.parametrize(
    ("count", "decimals", "text"),
    [(0, 8, "0"), (150, 2, "1.5"), (-5, 3, "-0.005"), (100, 1, "10"), (-(10**8), 8, "-1")],
)
def test_zeros_at_the_end_are_left_out_where_the_venue_leaves_them_out(count, decimals, text):
    assert stripped(count, decimals) == text
