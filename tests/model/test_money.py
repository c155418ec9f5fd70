"""Exact money: what the grids and atoms promise."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.model.money import Grid, from_atoms, to_atoms


def test_an_atom_is_a_hundred_millionth_of_a_unit() -> None:
    assert to_atoms(Decimal("0.00000001")) == 1
    assert to_atoms(Decimal("-1.5")) == -150_000_000
    assert str(from_atoms(150_000_000)) == "1.50000000"


def test_an_amount_finer_than_an_atom_is_refused() -> None:
    with pytest.raises(ValueError, match="finer than 8 decimals"):
        to_atoms(Decimal("0.000000001"))


@given(st.integers(-(10**24), 10**24))
def test_atoms_survive_the_way_to_decimal_and_back(atoms: int) -> None:
    assert to_atoms(from_atoms(atoms)) == atoms


@pytest.mark.parametrize("step", ["0", "-0.1", "NaN", "Infinity"])
def test_a_grid_needs_a_positive_finite_step(step: str) -> None:
    with pytest.raises(ValueError, match="positive step"):
        Grid(Decimal(step))


@pytest.mark.parametrize(
    ("step", "value", "units"),
    [
        ("0.10", "60000.3", 600_003),
        ("0.10", "60000.35", None),
        ("0.5", "1.5", 3),
        ("5", "15", 3),
        ("0.001", "-0.002", -2),
    ],
)
def test_a_value_is_a_whole_number_of_steps_or_off_the_grid(
    step: str, value: str, units: int | None
) -> None:
    assert Grid(Decimal(step)).units(Decimal(value)) == units


def test_rounding_goes_toward_zero_so_that_risk_never_grows() -> None:
    grid = Grid(Decimal("0.001"))
    assert grid.floor(Decimal("0.0019")) == 1
    assert grid.floor(Decimal("-0.0019")) == -1


def test_the_text_of_a_grid_value_has_its_decimals_and_no_exponent() -> None:
    assert Grid(Decimal("0.10")).text(1) == "0.1"
    assert Grid(Decimal("1E-7")).text(3) == "0.0000003"
    assert Grid(Decimal(10)).text(3) == "30"


@given(st.sampled_from(["0.1", "0.5", "0.001", "1E-8", "1", "25"]), st.integers(-(10**12), 10**12))
def test_units_survive_the_way_to_a_value_and_back(step: str, units: int) -> None:
    grid = Grid(Decimal(step))
    assert grid.units(grid.value(units)) == units
    assert grid.units(Decimal(grid.text(units))) == units
