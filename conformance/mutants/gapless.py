"""See no gap in a book."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.contracts.client import BookDelta, Link
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def link(self, delta: BookDelta, sequence: int, *, fresh: bool) -> Link:  # noqa: ARG002
        return Link.STALE if delta.last <= sequence else Link.NEXT


@mutant("book-gaps-ignored", kills=("MKT-05", "MKT-07"), bug="B152")
class BookGapsIgnored(AlteredClient):
    """Applies every change of a book, whether it follows the one before or not."""

    half_type = _Half
