"""Numbers as venues read and write them: exact, plain decimal text, never an exponent."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal

from conformance.model.ids import Atoms
from conformance.model.money import ATOM

_PLAIN = re.compile(r"-?\d{1,20}(?:\.\d{0,20})?", re.ASCII).fullmatch
_REMEMBERED = 10_000
"""Conversions kept per scale and direction: the same few numbers come again and again."""


class NotPlain(ValueError):
    """The text is no plain decimal number."""


class TooFine(ValueError):
    """The number has more decimals than there are."""


class OffGrid(ValueError):
    """The number lies between two units."""


class Scale:
    """Text of whole units (ticks or lots) at a fixed number of decimals."""

    __slots__ = ("_power", "_read", "_unit", "_written", "decimals")

    def __init__(self, step: Decimal, decimals: int) -> None:
        self.decimals = decimals
        self._power = 10**decimals
        self._unit = int(step * self._power)
        self._written: dict[int, str] = {}
        self._read: dict[str, int] = {}

    def text(self, units: int) -> str:
        """Return ``units`` as padded decimal text."""
        text = self._written.get(units)
        if text is None:
            text = padded(units * self._unit, self.decimals)
            if len(self._written) < _REMEMBERED:
                self._written[units] = text
        return text

    def count(self, value: str) -> int:
        """Return text as whole units; raise NotPlain, TooFine or OffGrid."""
        units = self._read.get(value)
        if units is None:
            units = self._count(value)
            if len(self._read) < _REMEMBERED:
                self._read[value] = units
        return units

    def _count(self, value: str) -> int:
        if not is_plain(value):
            raise NotPlain(value)
        head, _, tail = value.partition(".")
        if len(tail) > self.decimals:
            tail = tail.rstrip("0")
            if len(tail) > self.decimals:
                raise TooFine(value)
        scaled = int(head + tail.ljust(self.decimals, "0")) if self.decimals else int(head)
        units, rest = divmod(scaled, self._unit)
        if rest:
            raise OffGrid(value)
        return units


def is_plain(value: str) -> bool:
    """Say whether text is a plain decimal number of at most 20 digits either side."""
    return _PLAIN(value) is not None


def atoms(value: str) -> Atoms:
    """Return text as a count of 1e-8 units; raise NotPlain or TooFine."""
    if not is_plain(value):
        raise NotPlain(value)
    head, _, tail = value.partition(".")
    if len(tail.rstrip("0")) > 8:
        raise TooFine(value)
    sign = -1 if head.startswith("-") else 1
    return int(head) * 10**8 + sign * int(tail[:8].ljust(8, "0"))


def money(amount: Decimal) -> str:
    """Return an amount with 8 decimals, truncated."""
    return f"{amount.quantize(ATOM, rounding=ROUND_DOWN):f}"


def atoms_text(atoms: Atoms) -> str:
    """Return a count of 1e-8 units with 8 decimals."""
    if atoms < 0:
        return "-" + atoms_text(-atoms)
    return f"{atoms // 100_000_000}.{atoms % 100_000_000:08d}"


def padded(count: int, decimals: int) -> str:
    """Return a count of units of so many decimals as text that shows all of them."""
    if not decimals:
        return str(count)
    if count < 0:
        return "-" + padded(-count, decimals)
    whole, rest = divmod(count, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}"


def stripped(count: int, decimals: int = 8) -> str:
    """Return a count of units of so many decimals (at least one) without trailing zeros."""
    if not count:
        return "0"
    return padded(count, decimals).rstrip("0").rstrip(".")


def plain(amount: Decimal) -> str:
    """Return an amount without trailing zeros, ``0`` for zero."""
    if not amount:
        return "0"
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
