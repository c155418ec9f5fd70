"""Take the rule of another product."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.contracts.client import BookDelta, Link
from conformance.model.capabilities import Way
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def link(self, delta: BookDelta, sequence: int, *, fresh: bool) -> Link:
        if delta.last <= sequence:
            return Link.STALE
        if fresh:
            return Link.NEXT if delta.first <= sequence + 1 else Link.GAP
        return Link.NEXT if delta.first == sequence + 1 else Link.GAP


@mutant(
    "consecutive-ids-demanded", kills=("MKT-04",), bug="B156", ways=[Way.BOOK_NUMBERS_WITH_HOLES]
)
class ConsecutiveIdsDemanded(AlteredClient):
    """Demands that ids of book changes follow without a hole, as other products promise."""

    half_type = _Half
