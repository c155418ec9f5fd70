"""Trust a book for ever."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.market import Market
from conformance.client.resequencer import Resequencer


class _Book(Resequencer):
    @property
    def valid(self) -> bool:
        return self.sequence > 0


class _Market(Market):
    book_type = _Book


@mutant("book-stays-valid", kills=("MKT-05",), bug="B156")
class BookStaysValid(ReferenceClient):
    """Calls a book valid from its first snapshot on, whatever is lost later."""

    market_type = _Market
