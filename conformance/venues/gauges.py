"""How mark price, index and premium moved, as candles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TypeAlias

from conformance.contracts.core import Core
from conformance.model.events import IndexChanged, MarkChanged
from conformance.model.ids import Millis, Symbol
from conformance.model.money import ATOM, from_atoms
from conformance.venues.candles import Span

Sample: TypeAlias = tuple[Millis, Decimal]
Bar: TypeAlias = tuple[Span, Sequence[Decimal]]
"""The prices of one interval: the close before it, then every sample."""
_SAMPLES_KEPT = 10_000


class Gauges:
    """Remembers how mark price and index moved."""

    def __init__(self, symbols: Iterable[Symbol], core: Core) -> None:
        self._core = core
        self._marks: dict[Symbol, deque[Sample]] = {}
        self._indices: dict[Symbol, deque[Sample]] = {}
        self._premiums: dict[Symbol, deque[Sample]] = {}
        for kept in (self._marks, self._indices, self._premiums):
            kept.update((symbol, deque(maxlen=_SAMPLES_KEPT)) for symbol in symbols)

    def note(self, event: MarkChanged | IndexChanged, at: Millis) -> None:
        """Remember where a price went."""
        kept = self._marks if isinstance(event, MarkChanged) else self._indices
        kept[event.symbol].append((at, from_atoms(event.price)))
        self._premiums[event.symbol].append((at, self.premium(event.symbol)))

    def premium(self, symbol: Symbol) -> Decimal:
        """Return (mark - index) / index."""
        index = self._core.index(symbol)
        return (Decimal(self._core.mark(symbol) - index) / index).quantize(ATOM)

    def marks(self, symbol: Symbol, at: Millis) -> Sequence[Sample]:
        """Return how the mark price moved, oldest first: at least where it is at ``at``."""
        return self._marks[symbol] or [(at, from_atoms(self._core.mark(symbol)))]

    def indices(self, symbol: Symbol, at: Millis) -> Sequence[Sample]:
        """Return how the index moved, oldest first: at least where it is at ``at``."""
        return self._indices[symbol] or [(at, from_atoms(self._core.index(symbol)))]

    def premiums(self, symbol: Symbol, at: Millis) -> Sequence[Sample]:
        """Return how the premium moved, oldest first: at least where it is at ``at``."""
        return self._premiums[symbol] or [(at, self.premium(symbol))]


def bars(samples: Sequence[Sample], spans: Callable[[Millis], Span], end: Millis) -> Iterator[Bar]:
    """Yield the intervals from the first sample to the one that holds ``end``.

    ``spans`` gives the interval that holds an instant.
    """
    span = spans(samples[0][0])
    close, number = samples[0][1], 0
    while span[0] <= end:
        inside = [close]
        while number < len(samples) and samples[number][0] <= span[1]:
            inside.append(samples[number][1])
            number += 1
        close = inside[-1]
        yield span, inside
        span = spans(span[1] + 1)
