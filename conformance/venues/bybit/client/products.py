"""Which category a symbol belongs to, and what it settles in, as its name tells.

Inverse contracts are quoted in USD and settle in their coin (BTCUSD, BTCUSDH25); all others are
linear: BTCUSDT, BTCUSDT-21FEB25, BTCPERP, BTC-24MAR23 (market/instrument, 2026-07-24).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from conformance.model.ids import Symbol

LINEAR, INVERSE = "linear", "inverse"
CATEGORIES = (LINEAR, INVERSE)
_INVERSE = re.compile(r"([A-Z0-9]+)USD(?:[FGHJKMNQUVXZ]\d\d)?").fullmatch


class Product(NamedTuple):
    """What a name tells."""

    category: str
    settle: str
    """The coin in which it settles."""


def product(symbol: Symbol) -> Product:
    """Return category and settlement coin of a symbol."""
    inverse = _INVERSE(symbol)
    if inverse:
        return Product(INVERSE, inverse[1])
    return Product(LINEAR, "USDT" if "USDT" in symbol else "USDC")


SCOPES: tuple[tuple[tuple[str, str], ...], ...] = (
    (("category", LINEAR), ("settleCoin", "USDT")),
    (("category", LINEAR), ("settleCoin", "USDC")),
    (("category", INVERSE),),
)
"""Questions that together concern every futures symbol: linear ones need their coin."""
