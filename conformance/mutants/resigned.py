"""Note the gap and leave it at that."""

from __future__ import annotations

from typing import ClassVar

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.market import Market


class _Market(Market):
    def _gap(self, symbol: str, watch: object, what: str) -> None:  # noqa: ARG002 - the fault
        watch.book.doubt()  # type: ignore[attr-defined]
        watch.syncing = True  # type: ignore[attr-defined]


@mutant("gap-noted-only", kills=("MON-36",), during=("MKT-05",), bug="I10")
class GapNotedOnly(ReferenceClient):
    """Marks a book with a gap as invalid and never asks for a new one."""

    market_type: ClassVar[type[Market]] = _Market
