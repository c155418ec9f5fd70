"""Sort prices like words."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.market import Market
from conformance.client.resequencer import Resequencer
from conformance.contracts.client import Levels
from conformance.model.orders import Book


class _Book(Resequencer):
    def book(self, levels: int = 1000) -> Book:
        book = super().book(levels)
        return replace(
            book, bids=_as_words(book.bids, reverse=True), asks=_as_words(book.asks, reverse=False)
        )


def _as_words(levels: Levels, *, reverse: bool) -> Levels:
    return tuple(sorted(levels, key=lambda level: f"{level[0]:f}", reverse=reverse))


class _Market(Market):
    book_type = _Book


@mutant("levels-sorted-as-text", kills=("MKT-12",), bug="binance/binance-toolbox-python#16")
class LevelsSortedAsText(ReferenceClient):
    """Sorts the levels of a book by the text of their prices."""

    market_type = _Market
