"""What happened while a story was played, as far as a picture shows it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from conformance.model.ids import Millis, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The market at one instant: prices in quote units, quantities in base units."""

    at: Millis
    """Since the story began."""
    last: Decimal
    mark: Decimal
    index: Decimal
    bid: Decimal | None
    ask: Decimal | None
    bids: Decimal
    """Total quantity of the best levels."""
    asks: Decimal
    traded: Decimal
    """Total quantity since the story began."""


class Moment(NamedTuple):
    """Something worth a marker; ``ordered``: by the story, and not a consequence of it."""

    at: Millis
    label: str
    ordered: bool


@dataclass(frozen=True, kw_only=True)
class Score:
    """One performance."""

    title: str
    symbol: Symbol
    base: str
    quote: str
    lasts: Millis
    samples: tuple[Sample, ...]
    moments: tuple[Moment, ...]
