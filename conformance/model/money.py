"""Exact money: integers inside, ``Decimal`` text at the rim, binary floats never."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from conformance.model.ids import Atoms

ATOM = Decimal("0.00000001")
ATOMS_PER_UNIT = 100_000_000


def to_atoms(amount: Decimal) -> Atoms:
    """Return ``amount`` of an asset as a count of 1e-8 units; raise ValueError if finer."""
    scaled = amount * ATOMS_PER_UNIT
    atoms = int(scaled)
    if atoms != scaled:
        raise ValueError(f"{amount} is finer than 8 decimals")
    return atoms


def from_atoms(atoms: Atoms) -> Decimal:
    """Return a count of 1e-8 units as an exact Decimal with 8 decimals."""
    return Decimal(atoms).scaleb(-8)


@dataclass(frozen=True, slots=True)
class Grid:
    """A price tick or a quantity step: converts between Decimals and whole units."""

    step: Decimal
    decimals: int = field(init=False)

    def __post_init__(self) -> None:
        if not self.step.is_finite() or self.step <= 0:
            raise ValueError(f"a grid needs a positive step, got {self.step}")
        exponent = self.step.normalize().as_tuple().exponent
        object.__setattr__(self, "decimals", max(0, -int(exponent)))

    def units(self, value: Decimal) -> int | None:
        """Return ``value`` as a whole number of steps, or None when it is off the grid."""
        count = value / self.step
        whole = int(count)
        return whole if whole == count else None

    def floor(self, value: Decimal) -> int:
        """Return the whole number of steps in ``value``, rounding toward zero."""
        return int((value / self.step).to_integral_value(rounding=ROUND_DOWN))

    def value(self, units: int) -> Decimal:
        """Return ``units`` steps as a Decimal."""
        return self.step * units

    def text(self, units: int) -> str:
        """Return ``units`` steps as plain decimal text, padded to the step's decimals."""
        return f"{self.step * units:.{self.decimals}f}"
